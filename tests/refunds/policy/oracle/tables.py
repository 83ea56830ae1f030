"""The default policies, copied by hand from the tables of the specification."""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

Case = dict[str, Any]

OUTAGE_CONDITIONS = ("outage_longer_than", "outage_at_least")
FINDINGS = ("gap_confirmed_by_both", "defect_verified", "item_undelivered")
TIERS = (("99", "1/2"), ("99.9", "1/4"), ("99.99", "1/10"))


@dataclass(frozen=True)
class Rule:
    """One row; `window` is (amount, unit, anchor), `wishes` keeps the row's order."""

    code: str
    grounds: str
    window: tuple[Any, Any, Any] | None
    wishes: dict[str, Any]
    formula: str
    at_fault: bool = False
    limit: tuple[Fraction, str] | None = None
    claim_within: int | None = None
    extents: tuple[str, ...] = ("total",)
    metric: str | None = None
    agreed_level: str | None = None
    share: Fraction = Fraction(1)
    enabled: bool = True
    position: int = field(default=0)


def _days(amount: int, anchor: str) -> tuple[int, str, str]:
    return (amount, "calendar_days", anchor)


def _cny(amount: int) -> tuple[Fraction, str]:
    return (Fraction(amount), "CNY")


_TABLE: dict[str, list[Rule]] = {
    "live_streaming": [
        Rule(
            "live.before_activation",
            "change_of_mind, mistake",
            _days(7, "contract_signed"),
            {"not_activated": True, "unused": True},
            "full",
            limit=_cny(5000),
        ),
        Rule(
            "live.early_unavailable",
            "unavailable",
            _days(30, "activated"),
            {"outage_longer_than": "0", "unresolved_longer_than": "48"},
            "unused_share",
            at_fault=True,
            claim_within=30,
        ),
        Rule(
            "live.long_outage",
            "outage, unavailable",
            None,
            {"outage_longer_than": "72"},
            "outage_share",
            at_fault=True,
            extents=("total", "degraded"),
        ),
        Rule(
            "live.below_contract",
            "quality",
            None,
            {"gap_confirmed_by_both": True},
            "negotiated",
            at_fault=True,
        ),
    ],
    "dedicated_line": [
        Rule(
            "line.trial_window",
            "change_of_mind, quality",
            _days(7, "activated"),
            {"used_less_than": "0.2"},
            "full",
        ),
        Rule(
            "line.below_sla",
            "quality, outage",
            None,
            {"level_breached": True},
            "breach_share",
            at_fault=True,
        ),
        Rule(
            "line.not_delivered",
            "not_delivered",
            None,
            {"item_undelivered": True},
            "undelivered_items",
            at_fault=True,
        ),
    ],
    "online_course": [
        Rule(
            "course.mistake",
            "mistake, change_of_mind",
            (24, "hours", "paid"),
            {"unused": True},
            "full",
            limit=_cny(2000),
        ),
        Rule(
            "course.not_as_expected",
            "content_mismatch, change_of_mind",
            _days(7, "course_started"),
            {"used_less_than": "0.1"},
            "full",
            limit=_cny(2000),
        ),
        Rule(
            "course.defect",
            "content_defect",
            None,
            {"defect_verified": True},
            "full",
            at_fault=True,
        ),
        Rule(
            "course.platform_outage",
            "unavailable, outage",
            None,
            {"outage_at_least": "48"},
            "remaining_lessons",
            at_fault=True,
        ),
    ],
    "quantity_package": [
        Rule(
            "package.no_reason",
            "change_of_mind, mistake",
            _days(7, "paid"),
            {"unused": True},
            "full",
            limit=_cny(500),
        ),
        Rule(
            "package.shortfall",
            "shortfall, not_delivered, account_risk",
            None,
            {"no_customer_fault": True, "delivery_due_passed": True},
            "shortfall_share",
            at_fault=True,
        ),
    ],
    "conference_sdk": [
        Rule(
            "sdk.service_credit",
            "quality, outage",
            _days(30, "breach_month_end"),
            {"level_breached": "99.99"},
            "service_credit",
            at_fault=True,
            metric="availability",
        ),
    ],
}


def rules_of(case: Case, *, with_clauses: bool) -> list[Rule]:
    """The enabled rules of the product line, in their order."""
    rules = [
        replace(rule, position=position)
        for position, rule in enumerate(_TABLE[case["product_line"]])
    ]
    for clause in case["contract"].get("clauses", ()) if with_clauses else ():
        rules = [
            _amended(rule, clause, case) if rule.code == clause["rule"] else rule
            for rule in rules
        ]
    return [rule for rule in rules if rule.enabled]


def _amended(rule: Rule, clause: Case, case: Case) -> Rule:
    head, _, tail = clause["field"].partition(".")
    value = clause["value"]
    if head == "enabled":
        return replace(rule, enabled=value)
    if head == "share":
        return replace(rule, share=Fraction(str(value)))
    if head == "provider_at_fault":
        return replace(rule, at_fault=value)
    if head == "auto_approve_limit":
        limit = None if value is None else (Fraction(str(value)), case["currency"])
        return replace(rule, limit=limit)
    if head == "window":
        return replace(rule, window=_with_part(rule.window, tail, value))
    wishes = {name: bound for name, bound in rule.wishes.items() if name != tail}
    if value is False:
        return replace(rule, wishes=wishes)
    if tail == "level_breached" and value is not True:
        return replace(rule, agreed_level=str(value))
    return replace(rule, wishes={**rule.wishes, tail: _bound(rule, tail, value)})


def _bound(rule: Rule, name: str, value: Any) -> Any:
    """A wish affirmed with `true` keeps the bound it has."""
    return rule.wishes.get(name, True) if value is True else value


def _with_part(
    window: tuple[Any, Any, Any] | None, part: str, value: Any
) -> tuple[Any, Any, Any]:
    parts = dict(
        zip(("amount", "unit", "anchor"), window or (None, None, None), strict=True)
    )
    parts[part] = value
    return (parts["amount"], parts["unit"], parts["anchor"])
