"""What an answer compensates, once something is given on it: nothing twice.

Time by the outages or readings it is about, months, items, lessons and units; also
where a reviewer departed from the amount, or gave something although it was denied.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC

from refunds.policy import records
from refunds.policy.assessment import Assessment
from refunds.policy.calendar import WorkingDays, local_day, midnight
from refunds.policy.clauses import Clause, apply_clauses
from refunds.policy.facts import Compensated, Facts
from refunds.policy.formulas import breach_periods, open_months, undelivered_names
from refunds.policy.rule import Rule
from refunds.policy.spans import Span, merged

Given = Callable[[Facts, Rule, WorkingDays], Compensated]


def given(
    facts: Facts,
    *,
    rules: Iterable[Rule],
    clauses: Iterable[Clause],
    calendar: WorkingDays,
    answer: Assessment,
) -> Compensated:
    """By the rule that won; for a denial, by its nearest miss."""
    by_code = {rule.code: rule for rule in rules}
    if not answer.overruled:
        applied = apply_clauses(by_code.values(), clauses, currency=facts.currency)
        by_code = {rule.code: rule for rule in applied}
    if answer.rule:
        rule = by_code[answer.rule]
        return GIVEN[rule.formula](facts, rule, calendar)
    near = by_code.get(answer.nearest or "")
    return _goodwill(facts, near, calendar) if near else Compensated()


def _goodwill(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    """Given although it was denied: for the stretches, months, items and units that
    the rule is about; it does not end the service and uses up no lessons."""
    if rule.formula in ("shortfall_share", "undelivered_items", "service_credit"):
        return GIVEN[rule.formula](facts, rule, calendar)
    return _occasion(facts, rule, calendar)


def together(parts: Iterable[Compensated]) -> Compensated:
    """Everything given before, each stretch, month and item once."""
    every = tuple(parts)
    return Compensated(
        spans=merged(span for part in every for span in part.spans),
        months=tuple(sorted({month for part in every for month in part.months})),
        items=tuple(sorted({item for part in every for item in part.items})),
        units=sum(part.units for part in every),
        lessons=sum(part.lessons for part in every),
        rest=any(part.rest for part in every),
        whole=any(part.whole for part in every),
    )


def _occasion(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    """The outages and breaches that the rule asked for, whatever it paid for them."""
    outages = _outages(facts, rule, calendar) if rule.outage else Compensated()
    return together([outages, Compensated(spans=breach_periods(rule, facts))])


def _whole(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    return together([_occasion(facts, rule, calendar), Compensated(whole=True)])


def _outages(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    """Those that qualify; where something was given although none does, all of ours."""
    assert rule.outage is not None
    ours = records.outages(facts, cause="provider", extent=rule.outage.extent)
    return Compensated(spans=rule.outage.qualifying(facts) or ours)


def _unused(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    """All our total outages; with the service ended, also whatever comes after it."""
    ours = Compensated(spans=records.outages(facts, cause="provider", extent="total"))
    if facts.keep_service:
        return ours
    return together([ours, _rest(facts)])


def _rest(facts: Facts) -> Compensated:
    """From the request to the end of the term, with the months that begin in it."""
    term, asked = records.term(facts), facts.requested_at.astimezone(UTC)
    if term is None or term.ended_at <= asked:
        return Compensated(rest=True)
    rest = Span(asked, term.ended_at)
    return Compensated((rest,), tuple(_months_begun_in(rest, facts)), rest=True)


def _months_begun_in(rest: Span, facts: Facts) -> Iterator[str]:
    month = local_day(rest.began_at, time_zone=facts.time_zone).replace(day=1)
    while (begins := midnight(month, time_zone=facts.time_zone)) < rest.ended_at:
        if begins >= rest.began_at:
            yield f"{month:%Y-%m}"
        month = records.next_month(month)


def _breaches(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    return Compensated(spans=breach_periods(rule, facts))


def _months(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    """Those that a tier gave something for; where none did, all that were open."""
    months = open_months(rule, facts, calendar)
    first = max(tier.below for tier in rule.tiers)
    paid = [month for month, worst in months.items() if worst.measured < first]
    return Compensated(months=tuple(paid or months))


def _lessons(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    total, used = facts.usage.lessons_total or 0, facts.usage.lessons_used or 0
    left = max(total - used - facts.compensated.lessons, 0)
    occasion = _occasion(facts, rule, calendar)
    return together([occasion, Compensated(lessons=left)])


def _units(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    ordered, delivered = facts.usage.ordered or 0, facts.usage.delivered or 0
    return Compensated(units=max(ordered - delivered - facts.compensated.units, 0))


def _items(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    return Compensated(items=undelivered_names(facts))


GIVEN: Mapping[str, Given] = {
    "full": _whole,
    "unused_share": _unused,
    "outage_share": _outages,
    "breach_share": _breaches,
    "remaining_lessons": _lessons,
    "shortfall_share": _units,
    "undelivered_items": _items,
    "service_credit": _months,
    "negotiated": _occasion,
}
