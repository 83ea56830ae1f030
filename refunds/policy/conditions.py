"""What a rule asks of the facts: a class per condition, each with its bound.

Every condition answers with what it needed, what it found, and the denial that it
would give. To add one: write its class here and its words in `wording.py`.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self

from refunds.policy import records
from refunds.policy.calendar import local_day
from refunds.policy.condition import Condition, ConditionResult
from refunds.policy.facts import Facts, Reading
from refunds.policy.money import balance
from refunds.policy.plain import Scalar, Value
from refunds.policy.sentence import gettext_noop
from refunds.policy.spans import Span

__all__ = ["Condition", "ConditionResult", "LevelBreached", "OutageCondition"]

EXTENTS_ASKED = ("total", "total_or_degraded")
NO_SHARE = gettext_noop(
    "The share used has to be from 0 to 1. Write 0.2 where less than a fifth may be "
    "used."
)
NO_EXTENT = gettext_noop(
    "It is open which outages count. Choose those where everything was down (total), "
    "or degraded ones too (total_or_degraded)."
)
NO_METRIC = gettext_noop(
    "This rule asks for no particular metric, so it can't have one level for all of "
    "them. Choose the metric first."
)


@dataclass(frozen=True)
class NoCustomerFault(Condition, name="no_customer_fault"):
    def judge(self, facts: Facts) -> ConditionResult:
        fault = facts.findings.customer_fault
        return self._result(
            {"customer_fault": fault}, met=not fault, denial="customer_fault"
        )


@dataclass(frozen=True)
class NotActivated(Condition, name="not_activated"):
    def judge(self, facts: Facts) -> ConditionResult:
        active = records.activated(facts)
        at = facts.service.activated_at if active else None
        return self._result(
            {"activated_at": at}, met=not active, denial="service_normal"
        )


def share_used(facts: Facts) -> Fraction:
    """Lessons used / all, delivered / ordered, consumed / value, or as recorded."""
    usage = facts.usage
    if usage.lessons_used is not None:
        return _share(usage.lessons_used, Fraction(usage.lessons_total or 0))
    if usage.delivered is not None:
        return _share(usage.delivered, Fraction(usage.ordered or 0))
    if usage.consumed is not None:
        return _share(usage.consumed, balance(facts).value)
    return usage.share_used or Fraction(0)


def _share(part: int, whole: Fraction) -> Fraction:
    """Something used of nothing is all of it."""
    if whole <= 0:
        return Fraction(part > 0)
    return part / whole


@dataclass(frozen=True)
class Unused(Condition, name="unused"):
    def judge(self, facts: Facts) -> ConditionResult:
        usage = facts.usage
        used = (
            usage.share_used,
            usage.lessons_used,
            usage.delivered,
            usage.consumed,
        )
        return self._result(
            {"share": share_used(facts)}, met=not any(used), denial="already_used"
        )


@dataclass(frozen=True)
class UsedLessThan(Condition, name="used_less_than"):
    """`share`: from 0 to 1; the bound itself is not less."""

    share: Fraction

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise self.refusal(NO_SHARE)

    def judge(self, facts: Facts) -> ConditionResult:
        used = share_used(facts)
        return self._result(
            {"share": used}, met=used < self.share, denial="already_used"
        )

    def bounded_by(self, value: Scalar) -> Self:
        return replace(self, share=self._number(value))


@dataclass(frozen=True)
class OutageCondition(Condition):
    """One continuous outage, verified, by the provider, of the extent."""

    hours: Fraction
    extent: str

    def __post_init__(self) -> None:
        self._check_hours(self.hours)
        if self.extent not in EXTENTS_ASKED:
            raise self.refusal(NO_EXTENT)

    @abstractmethod
    def is_met_by(self, outage: Span) -> bool: ...

    def qualifying(self, facts: Facts, *, cause: str = "provider") -> tuple[Span, ...]:
        """Merged outages that meet the bound, in order."""
        outages = records.outages(facts, cause=cause, extent=self.extent)
        return tuple(outage for outage in outages if self.is_met_by(outage))

    def judge(self, facts: Facts) -> ConditionResult:
        ours = records.outages(facts, cause="provider", extent=self.extent)
        longest = max((outage.hours for outage in ours), default=None)
        met = any(self.is_met_by(outage) for outage in ours)
        denial = "" if met else self._denial(facts, ours)
        return self._result({"hours": longest}, met=met, denial=denial)

    def bounded_by(self, value: Scalar) -> Self:
        return replace(self, hours=self._number(value))

    def _denial(self, facts: Facts, ours: tuple[Span, ...]) -> str:
        if self.qualifying(facts, cause="customer"):
            return "customer_fault"
        if self.qualifying(facts, cause="third_party"):
            return "third_party_fault"
        if self.qualifying(facts, cause="force_majeure"):
            return "third_party_fault"
        return "below_threshold" if ours else "not_proven"


@dataclass(frozen=True)
class OutageLongerThan(OutageCondition, name="outage_longer_than"):
    def is_met_by(self, outage: Span) -> bool:
        return outage.hours > self.hours


@dataclass(frozen=True)
class OutageAtLeast(OutageCondition, name="outage_at_least"):
    def is_met_by(self, outage: Span) -> bool:
        return outage.hours >= self.hours


@dataclass(frozen=True)
class UnresolvedLongerThan(Condition, name="unresolved_longer_than"):
    hours: Fraction

    def __post_init__(self) -> None:
        self._check_hours(self.hours)

    def judge(self, facts: Facts) -> ConditionResult:
        longest = max((wait.hours for wait in records.waits(facts)), default=None)
        return self._result(
            {"hours": longest},
            met=longest is not None and longest > self.hours,
            denial="not_proven" if longest is None else "below_threshold",
        )

    def bounded_by(self, value: Scalar) -> Self:
        return replace(self, hours=self._number(value))


@dataclass(frozen=True)
class GapConfirmedByBoth(Condition, name="gap_confirmed_by_both", finding=True):
    def judge(self, facts: Facts) -> ConditionResult:
        confirmed = facts.findings.gap_confirmed_by_both
        return self._result(
            {"confirmed": confirmed}, met=confirmed, denial="not_proven"
        )


@dataclass(frozen=True)
class LevelBreached(Condition, name="level_breached"):
    """An accepted reading is worse than what was promised for its period.

    metric  None: any
    level   promised where neither the reading nor the service says
    agreed  what a clause says: it counts before all of them
    """

    metric: str | None = None
    level: Fraction | None = None
    agreed: Fraction | None = None

    def judge(self, facts: Facts) -> ConditionResult:
        accepted = records.readings(facts, metric=self.metric)
        breaches = self.breaches(facts)
        shown = next(iter(breaches or accepted), None)
        return self._result(
            self._found(shown, facts) if shown else {},
            met=bool(breaches),
            denial="below_threshold" if accepted else "not_proven",
        )

    def breaches(self, facts: Facts) -> tuple[Reading, ...]:
        """Accepted readings in breach, in order."""
        accepted = records.readings(facts, metric=self.metric)
        return tuple(r for r in accepted if self.is_breached_by(r, facts))

    def months(self, facts: Facts) -> dict[str, Reading]:
        """The worst reading of each month ("2026-03") whose worst one is in breach."""
        worst: dict[tuple[str, str], Reading] = {}
        for reading in records.readings(facts, metric=self.metric):
            for month in records.months_of(reading, facts=facts):
                key = month, self.metric or reading.metric
                other = worst.get(key, reading)
                worst[key] = max(other, reading, key=lambda r: self._rank(r, facts))
        return {
            month: reading
            for (month, _), reading in sorted(worst.items(), key=lambda item: item[0])
            if self.is_breached_by(reading, facts)
        }

    def is_breached_by(self, reading: Reading, facts: Facts) -> bool:
        return reading.is_worse_than(self._promised(reading, facts))

    def _rank(self, reading: Reading, facts: Facts) -> tuple[bool, Fraction]:
        """One in breach is worse than any that is not, whatever each promised."""
        return self.is_breached_by(reading, facts), reading.badness

    def _promised(self, reading: Reading, facts: Facts) -> Fraction:
        """Where nobody promised anything, a reading is as good as it had to be."""
        levels = (
            self.agreed,
            reading.promised,
            facts.service.promised.get(reading.metric),
            self.level,
        )
        return next((level for level in levels if level is not None), reading.measured)

    def bounded_by(self, value: Scalar) -> Self:
        if self.metric is None:
            raise self.refusal(NO_METRIC)
        return replace(self, agreed=self._number(value))

    def _found(self, reading: Reading, facts: Facts) -> Mapping[str, Value]:
        return {
            "metric": reading.metric,
            "promised": self._promised(reading, facts),
            "measured": reading.measured,
            "began_at": reading.began_at,
            "ended_at": reading.ended_at,
        }


@dataclass(frozen=True)
class DefectVerified(Condition, name="defect_verified", finding=True):
    def judge(self, facts: Facts) -> ConditionResult:
        verified = facts.findings.defect_verified
        return self._result({"verified": verified}, met=verified, denial="not_proven")


@dataclass(frozen=True)
class ItemUndelivered(Condition, name="item_undelivered", finding=True):
    def judge(self, facts: Facts) -> ConditionResult:
        items = tuple(sorted(set(facts.findings.undelivered_items)))
        return self._result({"items": items}, met=bool(items), denial="not_proven")


@dataclass(frozen=True)
class DeliveryDuePassed(Condition, name="delivery_due_passed"):
    def judge(self, facts: Facts) -> ConditionResult:
        due = facts.service.delivery_due_on
        today = local_day(facts.requested_at, time_zone=facts.time_zone)
        ordered, delivered = facts.usage.ordered or 0, facts.usage.delivered or 0
        return self._result(
            {"due_on": due, "ordered": ordered, "delivered": delivered},
            met=due is not None and due < today and delivered < ordered,
            denial="service_normal",
        )
