"""Draft, publish, supersede. A published version never changes.

Each verb locks the policy, then its version, and writes what it changed as an event of
the policy, in the same transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.models import Policy, PolicyRule, PolicyVersion
from refunds.policies.applying import rules_of
from refunds.policies.dates import check_date
from refunds.policies.history import (
    fingerprint,
    fingerprint_of,
    tell,
    tell_in_force,
    tell_of_rule,
)
from refunds.policy.labels import PRODUCT_LINES
from refunds.policy.rule import Rule
from refunds.policy.sense import nonsense_of


class DraftExists(RefundError):
    words = _("There is a draft of this policy already. Go on with it, or discard it.")


class Published(RefundError):
    words = _("A published version can't be changed. Begin a draft from it instead.")


class DraftGone(RefundError):
    words = _("This draft was discarded meanwhile. Nothing was saved.")


class RuleGone(RefundError):
    words = _("The draft has no such rule any more. Nothing was changed.")


class CodeTaken(RefundError):
    words = _("There is a rule of this code already. Choose another code.")


class ChangedMeanwhile(RefundError):
    words = _(
        "Somebody changed this meanwhile, and nothing of yours was saved. Look at how "
        "it stands now before you try again."
    )


class WrongLine(RefundError):
    words = _(
        "These rules are for another product line: %(line)s. Take them to its policy."
    )


class NotPublishable(RefundError):
    words = _("This draft can't be published yet: %(reasons)s")


def check_editor(by: User) -> None:
    if not by.has_role(Role.POLICY_EDITOR):
        raise NotPermitted(_("Only a policy editor may change policies."))


def begin_draft(
    policy: Policy,
    *,
    by: User,
    at: datetime,
    rules: Iterable[Rule],
    kind: str = "draft_begun",
    origin: Mapping[str, Any] | None = None,
) -> PolicyVersion:
    """The next version, with these rules; one draft at a time.

    kind, origin  the event that tells of it, and where the rules are from
    """
    check_editor(by)
    rules = tuple(rules)
    _check_line(policy, rules)
    try:
        with transaction.atomic():
            _lock_policy(policy.pk)
            last = policy.versions.aggregate(last=Max("version"))["last"] or 0
            draft = PolicyVersion.objects.create(policy=policy, version=last + 1)
            write_rules(draft, rules)
            data = {"fingerprint": fingerprint_of(draft), **(origin or {"from": None})}
            tell(draft, kind, by=by, at=at, data=data)
    except IntegrityError:
        raise DraftExists from None
    return draft


def begin_draft_from(
    version: PolicyVersion, *, by: User, at: datetime
) -> PolicyVersion:
    origin = {"from": version.version}
    rules = rules_of(version)
    return begin_draft(version.policy, by=by, at=at, rules=rules, origin=origin)


def write_rules(version: PolicyVersion, rules: Iterable[Rule]) -> None:
    """Adds them; the version has none yet."""
    PolicyRule.objects.bulk_create(
        PolicyRule(
            version=version, code=rule.code, position=rule.position, body=rule.as_dict()
        )
        for rule in rules
    )


def write_rule(
    version: PolicyVersion,
    rule: Rule,
    *,
    by: User,
    at: datetime,
    seen: str | None = None,
) -> PolicyRule:
    """Adds the rule to a draft, or replaces the one of that code.

    seen  fingerprint of the rule that the editor looked at, "" for a new one; what
          somebody else wrote in between is not overwritten
    """
    check_editor(by)
    with transaction.atomic():
        draft = _locked_draft(version)
        _check_line(draft.policy, [rule])
        there = PolicyRule.objects.filter(version=draft, code=rule.code).first()
        if seen == "" and there is not None:
            raise CodeTaken(field="code")
        _check_seen(there, seen)
        before = there.body if there else None
        kept = _kept(draft, there, rule)
        tell_of_rule(draft, rule.code, before, kept.body, by=by, at=at)
        return kept


def _check_seen(there: PolicyRule | None, seen: str | None) -> None:
    if seen and there is None:
        raise RuleGone
    if seen and there is not None and fingerprint(there.body) != seen:
        raise ChangedMeanwhile


def _kept(version: PolicyVersion, there: PolicyRule | None, rule: Rule) -> PolicyRule:
    row = there or PolicyRule(version=version, code=rule.code)
    row.position, row.body = rule.position, rule.as_dict()
    row.save()
    return row


def remove_rule(
    version: PolicyVersion,
    code: str,
    *,
    by: User,
    at: datetime,
    seen: str | None = None,
) -> None:
    """`seen` as for `write_rule`."""
    check_editor(by)
    with transaction.atomic():
        draft = _locked_draft(version)
        there = PolicyRule.objects.filter(version=draft, code=code).first()
        _check_seen(there, seen)
        if there is not None:
            there.delete()
            data = {"rule": code, "before": there.body}
            tell(draft, "rule_removed", by=by, at=at, data=data)


def move_rule(
    version: PolicyVersion, code: str, *, by: User, at: datetime, places: int
) -> None:
    """That many places down the list, up where below 0; positions become 1, 2, 3 …"""
    check_editor(by)
    with transaction.atomic():
        draft = _locked_draft(version)
        rows = list(draft.rules.order_by("position", "code"))
        moved = next((row for row in rows if row.code == code), None)
        if moved is None:
            raise RuleGone
        place = rows.index(moved)
        rows.remove(moved)
        rows.insert(max(place + places, 0), moved)
        _renumber(rows)
        if (now := rows.index(moved)) != place:
            data = {"rule": code, "from": place + 1, "to": now + 1}
            tell(draft, "rule_moved", by=by, at=at, data=data)


def _renumber(rows: list[PolicyRule]) -> None:
    for position, row in enumerate(rows, start=1):
        row.position = position
        row.body = {**row.body, "position": position}
    PolicyRule.objects.bulk_update(rows, ["position", "body"])


def switch(
    version: PolicyVersion, code: str, *, by: User, at: datetime, enabled: bool
) -> None:
    """A rule that is off is left out entirely, for denials too."""
    check_editor(by)
    with transaction.atomic():
        draft = _locked_draft(version)
        there = PolicyRule.objects.filter(version=draft, code=code).first()
        if there is None:
            raise RuleGone
        rule = Rule.from_dict(there.body)
        if rule.enabled is enabled:
            return
        _kept(draft, there, replace(rule, enabled=enabled))
        data = {"rule": code, "enabled": enabled}
        tell(draft, "rule_switched", by=by, at=at, data=data)


def discard(version: PolicyVersion, *, by: User, at: datetime) -> None:
    """A draft and its backtests go, its events and what is published stay for ever."""
    check_editor(by)
    with transaction.atomic():
        draft = _locked_draft(version)
        data = {"fingerprint": fingerprint_of(draft)}
        tell(draft, "draft_discarded", by=by, at=at, data=data)
        draft.delete()


def publish(
    version: PolicyVersion,
    *,
    by: User,
    at: datetime,
    in_force_from: date,
    seen: str | None = None,
) -> None:
    """For contracts signed from that day on; it never reaches back to signed ones.

    seen  fingerprint of all the rules that the editor looked at
    """
    check_editor(by)
    with transaction.atomic():
        draft = _locked_draft(version)
        if seen and fingerprint_of(draft) != seen:
            raise ChangedMeanwhile
        check_date(draft, in_force_from, at=at)
        if reasons := nonsense_in_words(rules_of(draft)):
            raise NotPublishable(reasons=" ".join(reasons))
        draft.in_force_from = in_force_from
        draft.published_at, draft.published_by = at, by
        draft.save()
        tell_in_force(draft, "published", by=by, at=at)
    version.refresh_from_db()


def nonsense_in_words(rules: Iterable[Rule]) -> list[str]:
    return [gettext(reason.text) % reason.values for reason in nonsense_of(rules)]


def _check_line(policy: Policy, rules: Iterable[Rule]) -> None:
    for rule in rules:
        if rule.product_line != policy.product_line:
            line = gettext(PRODUCT_LINES[rule.product_line])
            raise WrongLine(line=line)


def _lock_policy(pk: int) -> None:
    """First, by everybody who writes: its events are one chain."""
    Policy.objects.select_for_update(no_key=True).get(pk=pk)


def _locked_draft(version: PolicyVersion) -> PolicyVersion:
    _lock_policy(version.policy_id)
    rows = PolicyVersion.objects.select_for_update(of=("self",))
    draft = rows.select_related("policy").filter(pk=version.pk).first()
    if draft is None:
        raise DraftGone
    if not draft.is_draft:
        raise Published
    return draft
