"""Which of a rule's conditions fail, each with the denial that it gives."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from tests.refunds.policy.oracle import records, timeline
from tests.refunds.policy.oracle.tables import Case, Rule

Judge = Callable[[Case, Rule, Any, Fraction], str | None]


def failures(case: Case, rule: Rule, *, value: Fraction) -> list[str]:
    """The denials of the failed conditions in the rule's order, the window last."""
    given = [
        _JUDGES[wish](case, rule, bound, value) for wish, bound in rule.wishes.items()
    ]
    given.append(None if window_is_open(case, rule) else "out_of_time")
    return [denial for denial in given if denial]


def window_is_open(case: Case, rule: Rule) -> bool:
    if not _has_window(rule):
        return True
    months = records.months_in_breach(case, rule) if _counts_months(rule) else {}
    if months or rule.formula == "service_credit":
        return any(month_is_open(case, rule, month) for month in months)
    anchor = anchor_of(case, rule)
    began = records.qualifying(case, rule) if rule.claim_within is not None else []
    if began:
        return any(
            _inside(case, rule, start, anchor) and _claimed(case, rule, end)
            for start, end in began
        )
    return _inside(case, rule, records.asked(case), anchor)


def _counts_months(rule: Rule) -> bool:
    at_month_end = rule.window is not None and rule.window[2] == "breach_month_end"
    return rule.formula == "service_credit" or (
        at_month_end and "level_breached" in rule.wishes
    )


def month_is_open(case: Case, rule: Rule, month: str) -> bool:
    if not _has_window(rule):
        return True
    anchor = anchor_of(case, rule)
    if rule.window and rule.window[2] == "breach_month_end":
        anchor = timeline.clock(timeline.last_day(month), records.zone(case))
    return _inside(case, rule, records.asked(case), anchor)


def _has_window(rule: Rule) -> bool:
    return rule.window is not None and None not in rule.window


def _inside(case: Case, rule: Rule, at: int, anchor: int | None) -> bool:
    amount, unit, _ = rule.window or (0, "", "")
    return timeline.in_time(
        at, after=anchor, amount=int(amount), unit=unit, zone=records.zone(case)
    )


def _claimed(case: Case, rule: Rule, end: int) -> bool:
    return timeline.in_time(
        records.asked(case),
        after=end,
        amount=rule.claim_within or 0,
        unit="calendar_days",
        zone=records.zone(case),
    )


def anchor_of(case: Case, rule: Rule) -> int | None:
    name = rule.window[2] if rule.window else None
    service, contract = case["service"], case["contract"]
    if name == "paid":
        days = [one["paid_at"] for one in case["payments"] if one.get("paid_at")]
        return min(map(timeline.moment, days), default=None)
    if name in ("activated", "course_started"):
        text = service.get(f"{name}_at")
        return timeline.moment(text) if text else None
    day = {
        "contract_signed": contract["signed_on"],
        "contract_effective": contract.get("effective_on") or contract["signed_on"],
        "delivery_due": service.get("delivery_due_on"),
    }.get(name or "")
    return timeline.clock(date.fromisoformat(day), records.zone(case)) if day else None


def _finding(case: Case, name: str) -> Any:
    return case.get("findings", {}).get(name)


def _no_customer_fault(
    case: Case, rule: Rule, bound: Any, value: Fraction
) -> str | None:
    return "customer_fault" if _finding(case, "customer_fault") else None


def _not_activated(case: Case, rule: Rule, bound: Any, value: Fraction) -> str | None:
    return None if records.activated(case) is None else "service_normal"


def _unused(case: Case, rule: Rule, bound: Any, value: Fraction) -> str | None:
    return None if records.share_used(case, value=value) == 0 else "already_used"


def _used_less_than(case: Case, rule: Rule, bound: Any, value: Fraction) -> str | None:
    used = records.share_used(case, value=value)
    return None if used < Fraction(str(bound)) else "already_used"


def _outage(wish: str) -> Judge:
    def judge(case: Case, rule: Rule, bound: Any, value: Fraction) -> str | None:
        def long(cause: str) -> bool:
            found = records.outages(case, cause=cause, extents=rule.extents)
            return any(records.meets(one, wish=wish, hours=bound) for one in found)

        if long("provider"):
            return None
        if long("customer"):
            return "customer_fault"
        if long("third_party") or long("force_majeure"):
            return "third_party_fault"
        exists = records.outages(case, cause="provider", extents=rule.extents)
        return "below_threshold" if exists else "not_proven"

    return judge


def _unresolved(case: Case, rule: Rule, bound: Any, value: Fraction) -> str | None:
    tickets = records.tickets(case)
    limit = Fraction(str(bound)) * timeline.HOUR
    if any(end - start > limit for start, end in tickets):
        return None
    return "below_threshold" if tickets else "not_proven"


def _level_breached(case: Case, rule: Rule, bound: Any, value: Fraction) -> str | None:
    accepted = records.readings(case, rule)
    if any(records.in_breach(case, rule, reading) for _, reading in accepted):
        return None
    return "below_threshold" if accepted else "not_proven"


def _proven(name: str) -> Judge:
    def judge(case: Case, rule: Rule, bound: Any, value: Fraction) -> str | None:
        return None if _finding(case, name) else "not_proven"

    return judge


def _delivery_due_passed(
    case: Case, rule: Rule, bound: Any, value: Fraction
) -> str | None:
    usage, due = case.get("usage") or {}, case["service"].get("delivery_due_on")
    today = timeline.local_day(records.asked(case), records.zone(case))
    passed = due is not None and today > date.fromisoformat(due)
    short = usage.get("delivered", 0) < usage.get("ordered", 0)
    return None if passed and short else "service_normal"


_JUDGES: dict[str, Judge] = {
    "no_customer_fault": _no_customer_fault,
    "not_activated": _not_activated,
    "unused": _unused,
    "used_less_than": _used_less_than,
    "outage_longer_than": _outage("outage_longer_than"),
    "outage_at_least": _outage("outage_at_least"),
    "unresolved_longer_than": _unresolved,
    "gap_confirmed_by_both": _proven("gap_confirmed_by_both"),
    "level_breached": _level_breached,
    "defect_verified": _proven("defect_verified"),
    "item_undelivered": _proven("undelivered_items"),
    "delivery_due_passed": _delivery_due_passed,
}
