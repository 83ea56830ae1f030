"""Draft, publish, supersede. A published version never changes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Min
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.models import Policy, PolicyRule, PolicyVersion
from refunds.policies.applying import rules_of
from refunds.policy.labels import PRODUCT_LINES
from refunds.policy.rule import Rule
from refunds.policy.sense import nonsense_of

FARTHEST_EAST = timedelta(hours=14)
FARTHEST_AHEAD = timedelta(days=5 * 366)


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


def fingerprint(*bodies: Mapping[str, Any]) -> str:
    """Of rules as they are kept, in whatever order the database writes their keys."""
    return sha256(json.dumps(bodies, sort_keys=True).encode()).hexdigest()


def fingerprint_of(version: PolicyVersion) -> str:
    rows = PolicyRule.objects.filter(version=version).order_by("position", "code")
    return fingerprint(*rows.values_list("body", flat=True))


def begin_draft(policy: Policy, *, by: User, rules: Iterable[Rule]) -> PolicyVersion:
    """The next version, with these rules; one draft at a time."""
    check_editor(by)
    rules = tuple(rules)
    _check_line(policy, rules)
    try:
        with transaction.atomic():
            last = policy.versions.aggregate(last=Max("version"))["last"] or 0
            draft = PolicyVersion.objects.create(policy=policy, version=last + 1)
            write_rules(draft, rules)
    except IntegrityError:
        raise DraftExists from None
    return draft


def begin_draft_from(version: PolicyVersion, *, by: User) -> PolicyVersion:
    return begin_draft(version.policy, by=by, rules=rules_of(version))


def write_rules(version: PolicyVersion, rules: Iterable[Rule]) -> None:
    """Adds them; the version has none yet."""
    PolicyRule.objects.bulk_create(
        PolicyRule(
            version=version, code=rule.code, position=rule.position, body=rule.as_dict()
        )
        for rule in rules
    )


def write_rule(
    version: PolicyVersion, rule: Rule, *, by: User, seen: str | None = None
) -> PolicyRule:
    """Adds the rule to a draft, or replaces the one of that code.

    seen  fingerprint of the rule that the editor looked at, "" for a new one; what
          somebody else wrote in between is not overwritten
    """
    check_editor(by)
    with transaction.atomic():
        _check_line(_locked_draft(version).policy, [rule])
        there = PolicyRule.objects.filter(version=version, code=rule.code).first()
        if seen == "" and there is not None:
            raise CodeTaken(field="code")
        _check_seen(there, seen)
        return _kept(version, there, rule)


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
    version: PolicyVersion, code: str, *, by: User, seen: str | None = None
) -> None:
    """`seen` as for `write_rule`."""
    check_editor(by)
    with transaction.atomic():
        _locked_draft(version)
        there = PolicyRule.objects.filter(version=version, code=code).first()
        _check_seen(there, seen)
        if there is not None:
            there.delete()


def move_rule(version: PolicyVersion, code: str, *, by: User, places: int) -> None:
    """That many places down the list, up where below 0; positions become 1, 2, 3 …"""
    check_editor(by)
    with transaction.atomic():
        _locked_draft(version)
        rows = list(version.rules.order_by("position", "code"))
        moved = next((row for row in rows if row.code == code), None)
        if moved is None:
            raise RuleGone
        place = rows.index(moved) + places
        rows.remove(moved)
        rows.insert(max(place, 0), moved)
        for position, row in enumerate(rows, start=1):
            row.position = position
            row.body = {**row.body, "position": position}
        PolicyRule.objects.bulk_update(rows, ["position", "body"])


def switch(version: PolicyVersion, code: str, *, by: User, enabled: bool) -> None:
    """A rule that is off is left out entirely, for denials too."""
    check_editor(by)
    with transaction.atomic():
        _locked_draft(version)
        there = PolicyRule.objects.filter(version=version, code=code).first()
        if there is None:
            raise RuleGone
        _kept(version, there, replace(Rule.from_dict(there.body), enabled=enabled))


def discard(version: PolicyVersion, *, by: User) -> None:
    """A draft and its backtests go; what is published stays for ever."""
    check_editor(by)
    with transaction.atomic():
        _locked_draft(version).delete()


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
        _check_date(draft, in_force_from, at=at)
        if reasons := nonsense_in_words(rules_of(draft)):
            raise NotPublishable(reasons=" ".join(reasons))
        draft.in_force_from = in_force_from
        draft.published_at, draft.published_by = at, by
        draft.save()
    version.refresh_from_db()


def nonsense_in_words(rules: Iterable[Rule]) -> list[str]:
    return [gettext(reason.text) % reason.values for reason in nonsense_of(rules)]


def _check_line(policy: Policy, rules: Iterable[Rule]) -> None:
    for rule in rules:
        if rule.product_line != policy.product_line:
            line = gettext(PRODUCT_LINES[rule.product_line])
            raise WrongLine(line=line)


def _locked_draft(version: PolicyVersion) -> PolicyVersion:
    rows = PolicyVersion.objects.select_for_update(of=("self",))
    draft = rows.select_related("policy").filter(pk=version.pk).first()
    if draft is None:
        raise DraftGone
    if not draft.is_draft:
        raise Published
    return draft


def _check_date(draft: PolicyVersion, in_force_from: date, *, at: datetime) -> None:
    """Later than today everywhere on earth: contracts signed keep their version."""
    published = draft.policy.versions.filter(published_at__isnull=False)
    earliest = published.aggregate(earliest=Min("in_force_from"))["earliest"]
    if earliest is None:
        return
    first = (at.astimezone(UTC) + FARTHEST_EAST).date() + timedelta(days=1)
    # Contracts older than every policy have the first one; it stays the first.
    first = max(first, earliest)
    if in_force_from < first:
        raise RefundError(
            _(
                "Choose %(day)s or a later day: contracts that are signed already keep "
                "the version they were signed under."
            ),
            field="in_force_from",
            day=first,
        )
    if in_force_from > first + FARTHEST_AHEAD:
        raise RefundError(
            _("Choose %(day)s or an earlier day; further ahead nobody can plan."),
            field="in_force_from",
            day=first + FARTHEST_AHEAD,
        )
