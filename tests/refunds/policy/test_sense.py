"""A rule that can't be applied, or can't be meant so, is refused at its field."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from refunds.policy.checks import CHECKS, Check
from refunds.policy.conditions import (
    Condition,
    ItemUndelivered,
    LevelBreached,
    NotActivated,
    OutageAtLeast,
    OutageLongerThan,
    Unused,
    UsedLessThan,
)
from refunds.policy.errors import PolicyError
from refunds.policy.misfits import MISFITS
from refunds.policy.rules import (
    Days,
    Limit,
    Rule,
    Tier,
    load_defaults,
)
from refunds.policy.sense import misfits, nonsense_of
from refunds.policy.windows import Window
from tests.refunds.policy.situations import rule

FULL = rule("package.no_reason", window=None, conditions=(), auto_approve_limit=None)
LIVE = rule("live.before_activation", window=None, conditions=())
CREDIT = rule("sdk.service_credit")
OUTAGE = rule("live.long_outage")
DEFECT = rule("course.defect")
MONTHS = Window("breach_month_end", 30, "calendar_days")


def tiers(*pairs: tuple[str, str]) -> tuple[Tier, ...]:
    return tuple(Tier(Fraction(below), Fraction(share)) for below, share in pairs)


CAN_NOT_BE_APPLIED: list[tuple[str, dict[str, Any], str]] = [
    ("code", {"code": ""}, "no code"),
    ("position", {"position": -1}, "from 0 to 10000"),
    ("product_line", {"product_line": "balloons"}, "product line"),
    ("title", {"title": {"en": "Only English"}}, "Chinese"),
    ("text", {"text": {"en": "Only English"}}, "Chinese"),
    ("grounds", {"grounds": ()}, "answers no ground"),
    ("grounds", {"grounds": ("boredom",)}, "none that a customer can choose"),
    ("formula", {"formula": "generous"}, "unknown"),
    ("evidence_required", {"evidence_required": ("oath",)}, "can't be handed in"),
    ("conditions", {"conditions": (Unused(), Unused())}, "twice"),
    ("share", {"share": Fraction(-1)}, "below 0"),
    ("claim_within", {**vars(OUTAGE), "claim_within": -1}, "fewer than 0"),
    ("claim_within", {**vars(OUTAGE), "claim_within": 10**9}, "more than 100000"),
    ("claim_within", {"claim_within": 30}, "Add an outage condition"),
    ("formula", {"formula": "outage_share"}, "Add an outage condition"),
    ("window.anchor", {"window": MONTHS}, "no breach"),
    ("formula", {"formula": "breach_share"}, "no breach"),
    ("formula", {**vars(CREDIT), "conditions": (LevelBreached(),)}, "availability"),
    ("tiers", {**vars(CREDIT), "tiers": ()}, "Add at least one"),
    ("tiers", {"tiers": tiers(("99", "1.5"))}, "from 0 to 1"),
    ("auto_approve_limit", {"auto_approve_limit": Limit(-1, "CNY")}, "below 0"),
    ("auto_approve_limit", {"auto_approve_limit": Limit(1, "yuan")}, "such as CNY"),
    ("review", {"review": Days(5, 3)}, "warning"),
    ("evaluation", {"evaluation": Days(-1, 3)}, "warning"),
    ("payout", {"payout": Days(5, 1001)}, "day 1000"),
]


@pytest.mark.parametrize(("field", "changes", "words"), CAN_NOT_BE_APPLIED)
def test_what_can_not_be_applied_is_refused_at_its_field(
    field: str, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        replace(FULL, **changes)
    error = caught.value
    assert (error.rule, error.field) == (changes.get("code", FULL.code), field)
    assert words in error.reason
    assert error.reason == error.sentence.text % error.sentence.values


MAKES_NO_SENSE: list[tuple[str, Rule, dict[str, Any], str]] = [
    ("title", FULL, {"title": {"en": "All", "zh": " "}}, "empty title"),
    ("text", FULL, {"text": {"en": "", "zh": "全部"}}, "empty text"),
    ("formula", FULL, {"formula": "unused_share"}, "no term"),
    ("formula", LIVE, {"formula": "remaining_lessons"}, "not sold in lessons"),
    ("formula", LIVE, {"formula": "shortfall_share"}, "not sold by quantity"),
    ("formula", LIVE, {"formula": "undelivered_items"}, "does not ask for one"),
    ("window.anchor", LIVE, {"window": Window("course_started", 7, "hours")}, "none"),
    (
        "window.anchor",
        LIVE,
        {"window": Window("activated", 7, "hours"), "conditions": (NotActivated(),)},
        "never end",
    ),
    ("claim_within", OUTAGE, {"claim_within": 30}, "no window"),
    ("share", FULL, {"share": Fraction(0)}, "never pay"),
    ("share", FULL, {"formula": "negotiated", "share": Fraction(1, 2)}, "at 1"),
    ("auto_approve_limit", FULL, {"auto_approve_limit": Limit(0, "CNY")}, "is 0"),
    (
        "auto_approve_limit",
        FULL,
        {"auto_approve_limit": Limit(1, "CNY"), "formula": "negotiated"},
        "is negotiated",
    ),
    ("auto_approve_limit", DEFECT, {"auto_approve_limit": Limit(1, "CNY")}, "finds"),
    ("tiers", FULL, {"tiers": tiers(("99", "0.1"))}, "does not go by them"),
    ("tiers", CREDIT, {"tiers": tiers(("99", "0.1"), ("99", "0.2"))}, "same level"),
    ("tiers", CREDIT, {"tiers": tiers(("98", "0.2"), ("99", "0.1"))}, "out of order"),
    ("tiers", CREDIT, {"tiers": tiers(("99", "0.2"), ("98", "0.1"))}, "gives less"),
    ("tiers", CREDIT, {"tiers": tiers(("0", "0.2"))}, "from 0 to 100"),
    ("tiers", CREDIT, {"tiers": tiers(("99.995", "0.2"))}, "above the level"),
    (
        "conditions.used_less_than",
        FULL,
        {"conditions": (Unused(), UsedLessThan(Fraction(1, 5)))},
        "Keep one",
    ),
    (
        "conditions.used_less_than",
        FULL,
        {"conditions": (UsedLessThan(Fraction(0)),)},
        "never happens",
    ),
    (
        "conditions.not_activated",
        LIVE,
        {"conditions": (NotActivated(), *OUTAGE.conditions)},
        "trouble with it",
    ),
    (
        "conditions.outage_at_least",
        OUTAGE,
        {
            "conditions": (
                OutageAtLeast(Fraction(1), "total"),
                OutageLongerThan(Fraction(1), "total"),
            )
        },
        "in two ways",
    ),
    (
        "conditions.delivery_due_passed",
        LIVE,
        {"conditions": (Condition.kinds["delivery_due_passed"](),)},
        "late delivery",
    ),
    (
        "conditions.level_breached",
        LIVE,
        {"conditions": (LevelBreached("charm"),)},
        "nobody measures",
    ),
    (
        "conditions.level_breached",
        LIVE,
        {"conditions": (LevelBreached(level=Fraction(99)),)},
        "not of which metric",
    ),
]


@pytest.mark.parametrize(("field", "base", "changes", "words"), MAKES_NO_SENSE)
def test_what_can_not_be_meant_is_refused_at_its_field(
    field: str, base: Rule, changes: dict[str, Any], words: str
) -> None:
    nonsense = replace(base, **changes)
    [error] = misfits(nonsense)
    assert (error.rule, error.field) == (base.code, field)
    assert words in error.reason
    assert list(nonsense_of([nonsense])) == [error.sentence]


def test_time_of_a_service_that_has_not_begun_is_no_measure() -> None:
    conditions = (NotActivated(), *OUTAGE.conditions)
    fields = {error.field for error in misfits(replace(OUTAGE, conditions=conditions))}
    assert fields == {"formula", "conditions.not_activated"}


def test_every_check_has_its_example() -> None:
    def tried(table: tuple[Check, ...], examples: Sequence[Any]) -> set[str]:
        return {c.text for c in table for one in examples if c.fails(one)}

    unapplied = [Unchecked(changes) for _, changes, _ in CAN_NOT_BE_APPLIED]
    assert tried(CHECKS, unapplied) == {check.text for check in CHECKS}
    meant = [replace(base, **changes) for _, base, changes, _ in MAKES_NO_SENSE]
    both = replace(OUTAGE, conditions=(NotActivated(), *OUTAGE.conditions))
    assert tried(MISFITS, [*meant, both]) == {check.text for check in MISFITS}


class Unchecked:
    """A rule as a check sees it, before any of them refused it."""

    def __init__(self, changes: dict[str, Any]) -> None:
        vars(self).update(vars(FULL) | changes)

    outage = Rule.outage
    level = Rule.level


@pytest.mark.parametrize("product_line", sorted(load_defaults()))
def test_the_default_rules_make_sense(product_line: str) -> None:
    assert list(nonsense_of(load_defaults()[product_line])) == []


MAY_BE_WANTED: list[tuple[str, Callable[[], Rule]]] = [
    (
        "a course that is sold as time",
        lambda: rule("course.defect", formula="unused_share"),
    ),
    ("twice the time of the outage", lambda: replace(OUTAGE, share=Fraction(2))),
    ("a gift that is our fault", lambda: replace(LIVE, provider_at_fault=True)),
    (
        "tiers beside what a contract promises",
        lambda: replace(
            CREDIT,
            conditions=(LevelBreached("availability"),),
            tiers=tiers(("99.999", "0.1")),
        ),
    ),
    (
        "the same share at two levels",
        lambda: replace(CREDIT, tiers=tiers(("99", "0.1"), ("98", "0.1"))),
    ),
    (
        "items of a course",
        lambda: rule(
            "course.defect",
            formula="undelivered_items",
            conditions=(ItemUndelivered(),),
        ),
    ),
    (
        "a window from the delivery date",
        lambda: replace(LIVE, window=Window("delivery_due", 7, "hours")),
    ),
    ("due on the same day", lambda: replace(LIVE, review=Days(0, 0))),
    (
        "any wait for a window of nothing",
        lambda: replace(LIVE, window=Window("paid", 0, "hours")),
    ),
]


@pytest.mark.parametrize(
    "wanted",
    [make for _, make in MAY_BE_WANTED],
    ids=[name for name, _ in MAY_BE_WANTED],
)
def test_what_an_operator_may_want_is_not_refused(wanted: Callable[[], Rule]) -> None:
    assert list(nonsense_of([wanted()])) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([], "No rule is in use"),
        ([{"enabled": False}], "No rule is in use"),
        ([{}, {"position": 9}], "have the code package.no_reason"),
        ([{}, {"code": "package.gift"}], "have position 1"),
    ],
)
def test_rules_that_make_no_sense_together(
    changes: list[dict[str, Any]], words: str
) -> None:
    [found] = nonsense_of(replace(FULL, **change) for change in changes)
    assert words in found.text % found.values


def test_a_rule_of_another_product_line_does_not_belong() -> None:
    [found] = nonsense_of([FULL, rule("live.long_outage")])
    assert (
        "Rule live.long_outage is of another product line" in found.text % found.values
    )
