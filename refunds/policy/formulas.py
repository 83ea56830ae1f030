"""What a rule computes, before its share, the limits and the rounding.

Time is counted in whole minutes, each merged stretch cut by itself. What was
compensated before drops out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from fractions import Fraction

from refunds.policy import records
from refunds.policy.calendar import WorkingDays
from refunds.policy.facts import Facts, Reading
from refunds.policy.plain import Value
from refunds.policy.rules import Rule
from refunds.policy.spans import Span, merged, uncompensated_minutes
from refunds.policy.windows import judge_month

NOTHING = Fraction(0)


@dataclass(frozen=True)
class Computed:
    """`amount` in minor units, None: to be negotiated; `share` of the value, if any.

    `workings` are the figures that the share is made of, for the reader.
    """

    amount: Fraction | None
    share: Fraction | None
    workings: Mapping[str, Value]


@dataclass(frozen=True)
class Case:
    """What a formula may look at; `value` in minor units."""

    facts: Facts
    rule: Rule
    calendar: WorkingDays
    value: Fraction

    @property
    def is_metered(self) -> bool:
        return self.facts.service.billing == "metered"

    def takes(self, share: Fraction, **workings: Value) -> Computed:
        return Computed(share * self.value, share, workings)


def compute(
    rule: Rule, *, facts: Facts, calendar: WorkingDays, value: Fraction
) -> Computed:
    """The rule's formula on the facts; `value` is paid less kept fees."""
    return FORMULAS[rule.formula](Case(facts, rule, calendar, value))


def _negotiated(case: Case) -> Computed:
    return Computed(None, None, {})


def _full(case: Case) -> Computed:
    return case.takes(NOTHING if case.facts.compensated.whole else Fraction(1))


def _unused_share(case: Case) -> Computed:
    if case.is_metered:
        return _unconsumed(case)
    facts = case.facts
    term = records.term(facts)
    keeps = facts.keep_service or facts.compensated.rest
    if term is None:
        return case.takes(NOTHING if keeps else Fraction(1))
    asked = facts.requested_at.astimezone(UTC)
    rest = Span(max(asked, term.began_at), term.ended_at)
    left = 0 if keeps else max(rest.minutes, 0)
    outages = records.outages(facts, cause="provider", extent="total")
    out = _minutes(outages, case, term)
    return case.takes(
        Fraction(left + out, term.minutes),
        minutes_left=left,
        minutes_out=out,
        minutes_of_term=term.minutes,
    )


def _unconsumed(case: Case) -> Computed:
    facts = case.facts
    consumed = facts.usage.consumed or 0
    keeps = facts.keep_service or facts.compensated.rest
    rest = NOTHING if keeps else case.value - consumed
    return Computed(max(rest, NOTHING), None, {"consumed": consumed})


def _outage_share(case: Case) -> Computed:
    condition = case.rule.outage
    outages = condition.qualifying(case.facts) if condition else ()
    return _time_share(case, outages, "minutes_out")


def _breach_share(case: Case) -> Computed:
    return _time_share(case, breach_periods(case.rule, case.facts), "minutes_in_breach")


def breach_periods(rule: Rule, facts: Facts) -> tuple[Span, ...]:
    """The periods of readings in breach, overlapping ones once."""
    readings = rule.level.breaches(facts) if rule.level else ()
    spans = (records.cut_off(r.began_at, r.ended_at, facts=facts) for r in readings)
    return merged(span for span in spans if span)


def _time_share(case: Case, spans: tuple[Span, ...], name: str) -> Computed:
    """Minutes of the spans within the term / minutes of the term."""
    if case.is_metered:
        return _negotiated(case)
    term = records.term(case.facts)
    if term is None:
        return case.takes(NOTHING)
    minutes = _minutes(spans, case, term)
    share = Fraction(minutes, term.minutes)
    return case.takes(share, **{name: minutes}, minutes_of_term=term.minutes)


def _minutes(spans: tuple[Span, ...], case: Case, term: Span) -> int:
    given = case.facts.compensated.spans
    return uncompensated_minutes(spans, inside=term, compensated=given)


def _remaining_lessons(case: Case) -> Computed:
    usage = case.facts.usage
    total, used = usage.lessons_total or 0, usage.lessons_used or 0
    left = max(total - used - case.facts.compensated.lessons, 0)
    share = Fraction(left, total) if total else NOTHING
    return case.takes(share, lessons_left=left, lessons_total=total)


def _shortfall_share(case: Case) -> Computed:
    usage, given = case.facts.usage, case.facts.compensated.units
    ordered, delivered = usage.ordered or 0, usage.delivered or 0
    missing = max(ordered - delivered - given, 0)
    share = Fraction(missing, ordered) if ordered else NOTHING
    return case.takes(share, missing=missing, ordered=ordered, compensated=given)


def _undelivered_items(case: Case) -> Computed:
    names = undelivered_names(case.facts)
    worth = {item.name: item.value for item in case.facts.service.items}
    values = [worth.get(name) for name in names]
    if None in values:
        return Computed(None, None, {"items": names})
    total = sum(value for value in values if value is not None)
    return Computed(Fraction(total), None, {"items": names})


def undelivered_names(facts: Facts) -> tuple[str, ...]:
    """Items found undelivered that were not compensated before, in order."""
    found = set(facts.findings.undelivered_items)
    return tuple(sorted(found - set(facts.compensated.items)))


def _service_credit(case: Case) -> Computed:
    """Each open month's tier of that month's part of the value."""
    if case.is_metered:
        return _negotiated(case)
    facts, term = case.facts, records.term(case.facts)
    months = open_months(case.rule, facts, case.calendar)
    if term is None:
        return case.takes(NOTHING, months=tuple(months))
    credit = NOTHING
    for month, reading in months.items():
        part = records.month_span(month, facts=facts).within(term)
        credit += _tier(reading, case.rule) * (part.minutes if part else 0)
    return case.takes(
        credit / term.minutes, months=tuple(months), minutes_of_term=term.minutes
    )


def open_months(rule: Rule, facts: Facts, calendar: WorkingDays) -> dict[str, Reading]:
    """Months in breach that were not compensated and whose window is open."""
    breached = rule.level.months(facts) if rule.level else {}
    return {
        month: reading
        for month, reading in breached.items()
        if month not in facts.compensated.months
        and _is_open(rule, month, facts, calendar)
    }


def _is_open(rule: Rule, month: str, facts: Facts, calendar: WorkingDays) -> bool:
    if rule.window is None:
        return True
    judged = judge_month(rule.window, month=month, facts=facts, calendar=calendar)
    return judged.met


def _tier(reading: Reading, rule: Rule) -> Fraction:
    """The share of the lowest tier that the reading fell below."""
    fallen = [tier for tier in rule.tiers if reading.measured < tier.below]
    return min(fallen, key=lambda tier: tier.below).share if fallen else NOTHING


FORMULAS: Mapping[str, Callable[[Case], Computed]] = {
    "full": _full,
    "unused_share": _unused_share,
    "outage_share": _outage_share,
    "breach_share": _breach_share,
    "remaining_lessons": _remaining_lessons,
    "shortfall_share": _shortfall_share,
    "undelivered_items": _undelivered_items,
    "service_credit": _service_credit,
    "negotiated": _negotiated,
}
