"""Draft, publish, supersede. A published version never changes."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.models import Policy, PolicyRule, PolicyVersion
from refunds.policies.applying import rules_of
from refunds.policy.rule import Rule
from refunds.policy.sense import nonsense_of


class DraftExists(RefundError):
    words = _("There is a draft of this policy already. Go on with it, or discard it.")


class Published(RefundError):
    words = _("A published version can't be changed. Begin a draft from it instead.")


class NotPublishable(RefundError):
    words = _("This draft can't be published yet: %(reasons)s")


def check_editor(by: User) -> None:
    if not by.has_role(Role.POLICY_EDITOR):
        raise NotPermitted(_("Only a policy editor may change policies."))


def begin_draft(policy: Policy, *, by: User, rules: Iterable[Rule]) -> PolicyVersion:
    """The next version, with these rules; one draft at a time."""
    check_editor(by)
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


def write_rule(version: PolicyVersion, rule: Rule, *, by: User) -> PolicyRule:
    """Adds the rule to a draft, or replaces the one of that code."""
    check_editor(by)
    with transaction.atomic():
        _locked_draft(version)
        row, _created = PolicyRule.objects.update_or_create(
            version=version,
            code=rule.code,
            defaults={"position": rule.position, "body": rule.as_dict()},
        )
    return row


def remove_rule(version: PolicyVersion, code: str, *, by: User) -> None:
    check_editor(by)
    with transaction.atomic():
        _locked_draft(version)
        PolicyRule.objects.filter(version=version, code=code).delete()


def discard(version: PolicyVersion, *, by: User) -> None:
    """A draft and its backtests go; what is published stays for ever."""
    check_editor(by)
    with transaction.atomic():
        _locked_draft(version).delete()


def publish(
    version: PolicyVersion, *, by: User, at: datetime, in_force_from: date
) -> None:
    """For contracts signed from that day on; it never reaches back to signed ones."""
    check_editor(by)
    with transaction.atomic():
        draft = _locked_draft(version)
        _check_date(draft, in_force_from, today=localtime(at).date())
        if reasons := nonsense_in_words(rules_of(draft)):
            raise NotPublishable(reasons=" ".join(reasons))
        draft.in_force_from = in_force_from
        draft.published_at, draft.published_by = at, by
        draft.save()
    version.refresh_from_db()


def nonsense_in_words(rules: Iterable[Rule]) -> list[str]:
    return [gettext(reason.text) % reason.values for reason in nonsense_of(rules)]


def _locked_draft(version: PolicyVersion) -> PolicyVersion:
    draft = PolicyVersion.objects.select_for_update().get(pk=version.pk)
    if not draft.is_draft:
        raise Published
    return draft


def _check_date(draft: PolicyVersion, in_force_from: date, *, today: date) -> None:
    published = draft.policy.versions.filter(published_at__isnull=False)
    if not published.exists():
        return
    if in_force_from <= today:
        raise RefundError(
            _("Choose tomorrow or a later day: contracts signed before keep theirs."),
            field="in_force_from",
        )
    latest = published.aggregate(latest=Max("in_force_from"))["latest"]
    if in_force_from < latest:
        raise RefundError(
            _("A version is in force from %(day)s already; choose that day or later."),
            field="in_force_from",
            day=latest,
        )
