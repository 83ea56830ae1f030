"""A whole invented case from one number; the same number gives the same case."""

from datetime import date
from typing import Any

from tests.refunds.policy.oracle import timeline
from tests.refunds.policy.oracle.dice import DAY, Dice
from tests.refunds.policy.oracle.judging import anchor_of
from tests.refunds.policy.oracle.purchases import buy
from tests.refunds.policy.oracle.special_terms import agree
from tests.refunds.policy.oracle.tables import Case, rules_of
from tests.refunds.policy.oracle.troubles import trouble

GROUNDS: dict[str, tuple[str, ...]] = {
    "live_streaming": ("change_of_mind", "mistake", "unavailable", "outage", "quality"),
    "dedicated_line": ("change_of_mind", "quality", "outage", "not_delivered"),
    "online_course": (
        "mistake",
        "change_of_mind",
        "content_mismatch",
        "content_defect",
        "unavailable",
        "outage",
    ),
    "quantity_package": (
        "change_of_mind",
        "mistake",
        "shortfall",
        "not_delivered",
        "account_risk",
    ),
    "conference_sdk": ("quality", "outage"),
}
ALL_GROUNDS = sorted({ground for grounds in GROUNDS.values() for ground in grounds})


def invent(number: int) -> Case:
    dice = Dice(number)
    line = dice.choice(list(GROUNDS))
    known = dice.chance(95)
    case: Case = {
        "id": f"invented-{number}",
        "product_line": line,
        "ground": dice.choice(GROUNDS[line] if known else ALL_GROUNDS),
        "requested_at": "2000-01-01T00:00:00+00:00",
        "currency": dice.one(CNY=64, USD=12, JPY=12, KWD=12),
        "time_zone": dice.zone(),
        "keep_service": dice.chance(30),
        "customer": "individual" if dice.chance(35) else "company",
    }
    buy(dice, case)
    agree(dice, case)
    asked = _moment_of_request(dice, case)
    case["requested_at"] = dice.written(asked)
    trouble(dice, case, asked=asked)
    return case


def _moment_of_request(dice: Dice, case: Case) -> int:
    """Mostly beside the end of a window of the case, else somewhere near the start."""
    with_clauses = dice.chance(70)
    windows = [
        (*rule.window, anchor_of(case, rule))
        for rule in rules_of(case, with_clauses=with_clauses)
        if rule.window and case["ground"] in rule.grounds
    ]
    if windows and dice.chance(60):
        amount, unit, name, anchor = dice.choice(windows)
        if name == "breach_month_end":
            day = timeline.last_day(case["contract"]["signed_on"][:7])
            anchor = timeline.clock(day, case["time_zone"])
        if anchor is not None and None not in (amount, unit):
            end = _last_moment(anchor, amount=amount, unit=unit, zone=case["time_zone"])
            return dice.nudge(dice.nudge(end) if dice.chance(20) else end)
    return _some_moment(dice, case)


def _some_moment(dice: Dice, case: Case) -> int:
    day = date.fromisoformat(case["contract"]["signed_on"])
    start = dice.clock_time(day, zone=case["time_zone"])
    return dice.nudge(start + dice.choice((-1, 1, 4, 9, 20, 45, 120, 300)) * DAY)


def _last_moment(anchor: int, *, amount: Any, unit: str, zone: str) -> int:
    """By trying: whole seconds, halving what lies between inside and outside."""
    second = 1_000_000
    inside, outside = 0, 120 * DAY // second
    while outside - inside > 1:
        half = (inside + outside) // 2
        asked = anchor + half * second
        if timeline.in_time(asked, after=anchor, amount=amount, unit=unit, zone=zone):
            inside = half
        else:
            outside = half
    return anchor + inside * second
