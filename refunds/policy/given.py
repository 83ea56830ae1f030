"""What an answer compensates, once something is given on it: nothing twice.

Time by the outages or readings it is about, months, items, lessons and units; also
where a reviewer departed from the amount, or gave something although it was denied.
"""

from collections.abc import Callable, Iterable, Mapping

from refunds.policy import records
from refunds.policy.assessment import Assessment
from refunds.policy.calendar import WorkingDays
from refunds.policy.clauses import Clause, apply_clauses
from refunds.policy.facts import Compensated, Facts
from refunds.policy.formulas import breach_periods, open_months, undelivered_names
from refunds.policy.rule import Rule
from refunds.policy.spans import merged

Given = Callable[[Facts, Rule, WorkingDays], Compensated]


def given(
    facts: Facts,
    *,
    rules: Iterable[Rule],
    clauses: Iterable[Clause],
    calendar: WorkingDays,
    answer: Assessment,
) -> Compensated:
    """By the rule that won; of a denial's nearest miss only the outages count."""
    by_code = {rule.code: rule for rule in rules}
    if not answer.overruled:
        applied = apply_clauses(by_code.values(), clauses, currency=facts.currency)
        by_code = {rule.code: rule for rule in applied}
    if answer.rule:
        rule = by_code[answer.rule]
        return GIVEN.get(rule.formula, _nothing)(facts, rule, calendar)
    near = by_code.get(answer.nearest or "")
    return _outages(facts, near, calendar) if near and near.outage else Compensated()


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
    )


def _nothing(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    return Compensated()


def _outages(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    """Those that qualify; where something was given although none does, all of ours."""
    assert rule.outage is not None
    ours = records.outages(facts, cause="provider", extent=rule.outage.extent)
    return Compensated(spans=rule.outage.qualifying(facts) or ours)


def _unused(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    ours = records.outages(facts, cause="provider", extent="total")
    return Compensated(spans=ours, rest=not facts.keep_service)


def _breaches(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    return Compensated(spans=breach_periods(rule, facts))


def _months(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    return Compensated(months=tuple(open_months(rule, facts, calendar)))


def _lessons(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    total, used = facts.usage.lessons_total or 0, facts.usage.lessons_used or 0
    return Compensated(lessons=max(total - used - facts.compensated.lessons, 0))


def _units(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    ordered, delivered = facts.usage.ordered or 0, facts.usage.delivered or 0
    return Compensated(units=max(ordered - delivered - facts.compensated.units, 0))


def _items(facts: Facts, rule: Rule, calendar: WorkingDays) -> Compensated:
    return Compensated(items=undelivered_names(facts))


GIVEN: Mapping[str, Given] = {
    "unused_share": _unused,
    "outage_share": _outages,
    "breach_share": _breaches,
    "remaining_lessons": _lessons,
    "shortfall_share": _units,
    "undelivered_items": _items,
    "service_credit": _months,
}
