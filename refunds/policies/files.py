"""A policy as a file: out of any version, and in again as a draft.

A round trip changes nothing: the file holds each rule exactly as it is kept.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import RefundError
from refunds.models import Policy, PolicyVersion
from refunds.policies.applying import rules_of
from refunds.policies.versions import begin_draft
from refunds.policy.errors import PolicyError
from refunds.policy.facts import PRODUCT_LINES
from refunds.policy.rule import Rule
from refunds.policy.sense import nonsense_of

FORMAT = 1
LARGEST = 1024 * 1024
NEEDED = {"makegood_policy", "product_line", "rules"}
KNOWN = NEEDED | {"version", "in_force_from"}
# Codes stand in addresses, clauses and stored assessments.
CODE = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+", re.ASCII)
LONGEST_CODE = 60


class FileRefused(RefundError):
    words = _("This file is no policy that can be read.")


@dataclass(frozen=True)
class PolicyFile:
    product_line: str
    rules: tuple[Rule, ...]


def export_version(version: PolicyVersion) -> dict[str, Any]:
    day = version.in_force_from
    return {
        "makegood_policy": FORMAT,
        "product_line": version.policy.product_line,
        "version": version.version,
        "in_force_from": day.isoformat() if day else None,
        "rules": [_written(rule) for rule in rules_of(version)],
    }


def _written(rule: Rule) -> dict[str, Any]:
    """The product line stands once, at the top."""
    return {k: v for k, v in rule.as_dict().items() if k != "product_line"}


def as_bytes(version: PolicyVersion) -> bytes:
    text = json.dumps(export_version(version), ensure_ascii=False, indent=2)
    return f"{text}\n".encode()


def file_name(version: PolicyVersion) -> str:
    return f"{version.policy.product_line}-{version.version}.json"


def read_file(content: bytes) -> PolicyFile:
    """FileRefused with what is wrong and where."""
    data = _parsed(content)
    _check_shape(data)
    line = data["product_line"]
    rules = tuple(_rule(line, n, each) for n, each in enumerate(data["rules"], start=1))
    for code, times in Counter(rule.code for rule in rules).items():
        if times > 1:
            raise FileRefused(
                _("Rule %(code)s is in the file twice. Keep one of them."), code=code
            )
    for reason in nonsense_of(rules):
        raise FileRefused(gettext(reason.text) % reason.values)
    return PolicyFile(line, rules)


def import_file(
    content: bytes, *, by: User, at: datetime, policy: Policy | None = None
) -> PolicyVersion:
    """A draft of the file's rules; `policy`, where the file has to be for that one."""
    read = read_file(content)
    if policy is None:
        policy, _created = Policy.objects.get_or_create(product_line=read.product_line)
    origin = {
        "sha256": sha256(content).hexdigest(),
        "rules": [rule.code for rule in read.rules],
    }
    return begin_draft(
        policy,
        by=by,
        at=at,
        rules=read.rules,
        kind="draft_imported",
        origin=origin,
    )


def _parsed(content: bytes) -> Any:
    if len(content) > LARGEST:
        raise FileRefused(
            _("The file is larger than 1 MB, and no policy is that long.")
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused(
            _("The file is not in UTF-8. Save it in that encoding and try again.")
        ) from None
    try:
        data = json.loads(text, parse_float=str, object_pairs_hook=_once)
        # What no database would take: a lone surrogate, or a character that is none.
        stored = json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        stored = b"\x00"
    if b"\\u0000" in stored or b"\x00" in stored:
        raise FileRefused(
            _("The file is not JSON as it was exported. Export a version to compare.")
        )
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that is there twice would hide what was meant."""
    for name, times in Counter(name for name, _value in pairs).items():
        if times > 1:
            raise FileRefused(
                _("“%(name)s” is there twice in one place. Keep one of them."),
                name=name[:60],
            )
    return dict(pairs)


def _check_shape(data: Any) -> None:
    if not isinstance(data, dict) or data.get("makegood_policy") != FORMAT:
        raise FileRefused(
            _("This is no policy file: it has to say “makegood_policy”: 1 at the top.")
        )
    if unknown := sorted(set(data) - KNOWN):
        raise FileRefused(
            _("The file has fields that are none: %(names)s. Remove them."),
            names=", ".join(unknown)[:200],
        )
    if missing := sorted(NEEDED - set(data)):
        raise FileRefused(
            _("The file lacks %(names)s. Export a version to compare."),
            names=", ".join(missing),
        )
    if data["product_line"] not in PRODUCT_LINES:
        raise FileRefused(
            _("The file names a product line that is none. Known: %(known)s."),
            known=", ".join(PRODUCT_LINES),
        )
    if not isinstance(data["rules"], list):
        raise FileRefused(_("“rules” has to be a list of rules."))


def _rule(line: str, number: int, written: Any) -> Rule:
    if isinstance(written, dict) and "product_line" in written:
        raise FileRefused(
            _("Rule %(number)s names a product line; only the file does. Remove it."),
            number=number,
        )
    try:
        data = written if isinstance(written, dict) else {"": written}
        rule = Rule.from_dict({**data, "product_line": line})
    except (PolicyError, KeyError) as error:
        raise FileRefused(
            _("Rule %(number)s, %(code)s: %(reason)s"),
            number=number,
            code=error.rule or "?" if isinstance(error, PolicyError) else "?",
            reason=_reason(error),
        ) from None
    if not CODE.fullmatch(rule.code) or len(rule.code) > LONGEST_CODE:
        raise FileRefused(
            _(
                "Rule %(number)s: the code has to be like live.long_outage, in small "
                "letters, digits, _ and a dot."
            ),
            number=number,
        )
    return rule


def _reason(error: Exception) -> str:
    if isinstance(error, PolicyError):
        return gettext(error.sentence.text) % error.sentence.values
    return str(error)
