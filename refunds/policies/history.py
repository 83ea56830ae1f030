"""What was done to a policy, told in its events; and by what a state of it is known."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from accounts.models import User
from refunds.models import PolicyRule, PolicyVersion
from refunds.record.events import record_policy


def fingerprint(*bodies: Mapping[str, Any]) -> str:
    """Of rules as they are kept, in whatever order the database writes their keys."""
    return sha256(json.dumps(bodies, sort_keys=True).encode()).hexdigest()


def fingerprint_of(version: PolicyVersion) -> str:
    rows = PolicyRule.objects.filter(version=version).order_by("position", "code")
    return fingerprint(*rows.values_list("body", flat=True))


def tell(
    version: PolicyVersion,
    kind: str,
    *,
    by: User | None,
    at: datetime,
    data: Mapping[str, Any],
) -> None:
    number, policy = version.version, version.policy
    record_policy(policy, kind, version=number, by=by, at=at, data=data)


def tell_in_force(
    version: PolicyVersion, kind: str, *, by: User | None, at: datetime
) -> None:
    day = version.in_force_from
    data = {
        "in_force_from": day.isoformat() if day else "",
        "fingerprint": fingerprint_of(version),
    }
    tell(version, kind, by=by, at=at, data=data)


def tell_of_rule(
    draft: PolicyVersion,
    code: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    *,
    by: User,
    at: datetime,
) -> None:
    """Nothing where nothing changed."""
    if before is None:
        data = {"rule": code, "after": after}
        tell(draft, "rule_added", by=by, at=at, data=data)
    elif fingerprint(before) != fingerprint(after):
        was, now = _differing(before, after)
        data = {"rule": code, "before": was, "after": now}
        tell(draft, "rule_changed", by=by, at=at, data=data)


def _differing(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ; what is on one side alone is left out on the other."""
    alike = {
        name
        for name in before.keys() & after.keys()
        # As they are kept: a tuple in a rule is a list in its row.
        if fingerprint({name: before[name]}) == fingerprint({name: after[name]})
    }
    was = {name: value for name, value in before.items() if name not in alike}
    now = {name: value for name, value in after.items() if name not in alike}
    return was, now
