"""A whole invented case from one number; the same number gives the same case."""

from datetime import date
from typing import Any

from tests.refunds.policy.oracle import timeline
from tests.refunds.policy.oracle.dice import DAY, Dice
from tests.refunds.policy.oracle.judging import anchor_of
from tests.refunds.policy.oracle.purchases import buy
from tests.refunds.policy.oracle.special_terms import agree
from tests.refunds.policy.oracle.tables import Case, rules_of
from tests.refunds.policy.oracle.timeline import HOUR, SECOND
from tests.refunds.policy.oracle.troubles import add_claim, trouble

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
    edges = _ends_of_windows(dice, case)
    near = edges and dice.chance(60)
    asked = dice.nudge(dice.choice(edges)) if near else _some_moment(dice, case)
    claim = None
    if case["ground"] == "unavailable" and edges and dice.chance(50):
        claim = _early_outage(dice, dice.choice(edges))
        asked = _late_claim(dice, claim[1], zone=case["time_zone"])
    case["requested_at"] = dice.written(asked)
    trouble(dice, case, asked=asked, edges=edges)
    if claim:
        add_claim(dice, case, *claim)
    return case


def _early_outage(dice: Dice, edge: int) -> tuple[int, int]:
    """It begins beside the end of a window, or some days before."""
    start = dice.nudge(edge - dice.choice((0, 0, 5, 20)) * DAY)
    return start, start + dice.choice((1, 30, 72, 100)) * HOUR


def _late_claim(dice: Dice, end: int, *, zone: str) -> int:
    """Beside the last moment to claim for an outage that ended then."""
    last = last_moment(end, amount=30, unit="calendar_days", zone=zone)
    return dice.nudge(dice.choice((last, last + SECOND, end + DAY)))


def _ends_of_windows(dice: Dice, case: Case) -> list[int]:
    ends = []
    for rule in rules_of(case, with_clauses=dice.chance(70)):
        if rule.window is None or case["ground"] not in rule.grounds:
            continue
        amount, unit, name = rule.window
        anchor = anchor_of(case, rule)
        if name == "breach_month_end":
            day = timeline.last_day(case["contract"]["signed_on"][:7])
            anchor = timeline.clock(day, case["time_zone"])
        if anchor is not None and name is not None:
            zone = case["time_zone"]
            ends.append(last_moment(anchor, amount=amount, unit=unit, zone=zone))
    return ends


def _some_moment(dice: Dice, case: Case) -> int:
    day = date.fromisoformat(case["contract"]["signed_on"])
    start = dice.clock_time(day, zone=case["time_zone"])
    return dice.nudge(start + dice.choice((-1, 1, 4, 9, 20, 45, 120, 300)) * DAY)


def last_moment(anchor: int, *, amount: Any, unit: str, zone: str) -> int:
    """By trying: whole seconds, halving what lies between inside and outside."""
    inside, outside = 0, 120 * DAY // SECOND
    while outside - inside > 1:
        half = (inside + outside) // 2
        asked = anchor + half * SECOND
        if timeline.in_time(asked, after=anchor, amount=amount, unit=unit, zone=zone):
            inside = half
        else:
            outside = half
    return anchor + inside * SECOND
