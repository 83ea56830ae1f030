"""Invented clauses: what a contract takes away, gives, or moves."""

from typing import Any

from tests.refunds.policy.oracle.dice import Dice
from tests.refunds.policy.oracle.tables import Case, Rule, rules_of

ANCHORS = (
    "contract_signed",
    "paid",
    "activated",
    "contract_effective",
    "contract_effective",
    "course_started",
    "delivery_due",
)
UNITS = ("hours", "calendar_days", "working_days")
LEVELS = ("99.9", "99.99", "99.95", "99.999")
BOUNDS: dict[str, tuple[Any, ...]] = {
    "used_less_than": ("0.05", "1/3", "0.5", 1),
    "outage_longer_than": (0, "24", 48, "47.5", "1/2"),
    "outage_at_least": (0, 24, "72", "36.5"),
    "unresolved_longer_than": (0, "24", 49),
}


def agree(dice: Dice, case: Case) -> None:
    """Adds clauses on the rules that answer the ground, no field twice."""
    if dice.chance(60):
        return
    rules = rules_of(case, with_clauses=False)
    asked = [rule for rule in rules if case["ground"] in rule.grounds] or rules
    clauses: dict[tuple[str, str], Any] = {}
    for _ in range(dice.choice((1, 1, 2, 3))):
        rule = dice.choice(asked if dice.chance(85) else rules)
        for field, value in _term(dice, rule):
            clauses[rule.code, field] = value
    case["contract"]["clauses"] = [
        {"rule": code, "field": field, "value": value}
        for (code, field), value in clauses.items()
    ]


def _term(dice: Dice, rule: Rule) -> list[tuple[str, Any]]:
    kind = dice.one(window=34, condition=28, share=16, limit=12, fault=7, enabled=6)
    if kind == "window":
        return _window(dice, rule)
    if kind == "condition":
        name = dice.choice(list(rule.wishes))
        waivers = () if _rests_on(rule, name) else (False, False)
        bounds = LEVELS if rule.metric else BOUNDS.get(name, ())
        values = (*bounds, *waivers, True)
        return [(f"conditions.{name}", dice.choice(values))]
    limits = (None, "100", 2000, "600000", "0", 10)
    others: dict[str, list[tuple[str, Any]]] = {
        "share": [("share", dice.choice(("0.8", "1/3", "0.5", 1, "0", "3/2")))],
        "limit": [("auto_approve_limit", dice.choice(limits))],
        "fault": [("provider_at_fault", dice.chance(50))],
        "enabled": [("enabled", dice.chance(25))],
    }
    return others[kind]


def _rests_on(rule: Rule, name: str) -> bool:
    """What a formula counts by can't be waived: there would be nothing to count."""
    return (rule.formula, name) in {
        ("unused_share", "outage_longer_than"),
        ("outage_share", "outage_longer_than"),
        ("breach_share", "level_breached"),
        ("service_credit", "level_breached"),
    }


def _window(dice: Dice, rule: Rule) -> list[tuple[str, Any]]:
    """One part of a window that is there; all three where there is none."""
    anchors: tuple[str, ...] = ANCHORS
    if "level_breached" in rule.wishes:
        anchors = ("breach_month_end", *ANCHORS)
    parts: list[tuple[str, Any]] = [
        ("window.amount", dice.choice((0, 1, 3, 7, 10, 14, 30, 48))),
        ("window.unit", dice.choice(UNITS)),
        ("window.anchor", dice.choice(anchors)),
    ]
    if rule.window is None:
        return parts
    if dice.chance(8):
        return [("window.anchor", None)]
    return dice.sample(parts, dice.choice((1, 1, 2, 3)))
