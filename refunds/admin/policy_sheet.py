"""A policy as the console shows it: where each version stands, and how a rule reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from refunds.models import Policy, PolicyRule, PolicyVersion
from refunds.pages.rule_words import RuleWords, in_words
from refunds.policies.history import fingerprint
from refunds.policy.rule import Rule

READERS = (("en", "en"), ("zh-hans", "zh-Hans"))


@dataclass(frozen=True)
class Stand:
    """How a version stands on a day, as its tag shows it."""

    word: str | Promise
    tone: str
    icon: str
    ended: bool = False


DRAFT = Stand(pgettext_lazy("version", "Draft"), "grey", "dot")
COMING = Stand(pgettext_lazy("version", "Coming"), "blue", "clock")
IN_FORCE = Stand(pgettext_lazy("version", "In force"), "green", "tick")
SUPERSEDED = Stand(pgettext_lazy("version", "Superseded"), "grey", "dot", ended=True)


@dataclass(frozen=True)
class VersionRow:
    version: PolicyVersion
    stand: Stand


@dataclass(frozen=True)
class PolicyRow:
    """A policy with its versions, the latest first."""

    policy: Policy
    versions: list[VersionRow]

    def _of(self, stand: Stand) -> list[PolicyVersion]:
        return [row.version for row in self.versions if row.stand is stand]

    @property
    def in_force(self) -> PolicyVersion | None:
        return next(iter(self._of(IN_FORCE)), None)

    @property
    def coming(self) -> list[PolicyVersion]:
        return self._of(COMING)[::-1]

    @property
    def draft(self) -> PolicyVersion | None:
        return next(iter(self._of(DRAFT)), None)


@dataclass(frozen=True)
class Reading:
    """A rule in one language; `language` is Django's code, `lang` HTML's."""

    language: str
    lang: str
    words: RuleWords


@dataclass(frozen=True)
class RuleRow:
    code: str
    enabled: bool
    seen: str
    readings: list[Reading]


def standing(policies: Iterable[Policy], *, today: date) -> list[PolicyRow]:
    """The policies come with their versions, and who published those."""
    return [
        PolicyRow(policy, _rows(list(policy.versions.all()), today))
        for policy in policies
    ]


def _rows(versions: list[PolicyVersion], today: date) -> list[VersionRow]:
    latest_first = sorted(versions, key=lambda version: -version.version)
    return [VersionRow(each, stand_of(each, versions, today)) for each in latest_first]


def stand_of(
    version: PolicyVersion, every: Iterable[PolicyVersion], today: date
) -> Stand:
    """`every` version of its policy."""
    if version.in_force_from is None or version.is_draft:
        return DRAFT
    # What holds on its own first day, or today where that has passed.
    day = max(version.in_force_from, today)
    begun = [
        (other.in_force_from, other.version)
        for other in every
        if not other.is_draft and other.in_force_from and other.in_force_from <= day
    ]
    if max(begun) != (version.in_force_from, version.version):
        return SUPERSEDED
    return COMING if version.in_force_from > today else IN_FORCE


def rule_rows(version: PolicyVersion) -> list[RuleRow]:
    """In order, as the engine tries them at a tie."""
    rows = PolicyRule.objects.filter(version=version).order_by("position", "code")
    return [_rule_row(row) for row in rows]


def _rule_row(row: PolicyRule) -> RuleRow:
    rule = Rule.from_dict(row.body)
    return RuleRow(rule.code, rule.enabled, fingerprint(row.body), readings(rule))


def readings(rule: Rule) -> list[Reading]:
    """In both languages, whoever reads."""
    return [_reading(rule, language, lang) for language, lang in READERS]


def _reading(rule: Rule, language: str, lang: str) -> Reading:
    with translation.override(language):
        return Reading(language, lang, in_words(rule))
