"""Why a bound or a clause is refused: whole sentences, at the field at fault."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from refunds.policy import (
    checks,
    clauses,
    condition,
    conditions,
    misfits,
    sense,
    windows,
)
from refunds.policy import rule as rules
from refunds.policy.checks import CHECKS
from refunds.policy.conditions import OutageAtLeast, UsedLessThan
from refunds.policy.errors import PolicyError
from refunds.policy.misfits import MISFITS
from refunds.policy.plain import Scalar
from refunds.policy.rules import Clause, Rule, apply_clauses, load_defaults
from refunds.policy.windows import Window
from tests.refunds.policy.situations import rule

FULL = rule("package.no_reason", window=None, conditions=(), auto_approve_limit=None)


BOUNDS: list[tuple[str, Callable[[], object], str]] = [
    ("window.anchor", lambda: Window("birthday", 7, "hours"), "“birthday”"),
    ("window.unit", lambda: Window("paid", 7, "moons"), "“moons”"),
    ("window.amount", lambda: Window("paid", -1, "hours"), "Write 0 or more"),
    ("window.amount", lambda: Window("paid", 100_001, "hours"), "longer than 100000"),
    ("conditions.used_less_than", lambda: UsedLessThan(Fraction(2)), "from 0 to 1"),
    (
        "conditions.outage_at_least",
        lambda: OutageAtLeast(Fraction(-1), "total"),
        "below 0",
    ),
    ("conditions.outage_at_least", lambda: OutageAtLeast(Fraction(1), "half"), "total"),
]


@pytest.mark.parametrize(("field", "make", "words"), BOUNDS)
def test_a_bound_out_of_range_is_refused_at_its_field(
    field: str, make: Callable[[], object], words: str
) -> None:
    with pytest.raises(PolicyError, match=words) as caught:
        make()
    assert caught.value.field == field


def test_a_part_of_a_written_rule_says_which_rule_it_belongs_to() -> None:
    written = rule("package.no_reason").as_dict()
    written["window"]["amount"] = -7
    with pytest.raises(PolicyError) as caught:
        Rule.from_dict(written)
    error = caught.value
    assert (error.rule, error.field) == ("package.no_reason", "window.amount")


CLAUSES: list[tuple[str, Scalar, str]] = [
    ("colour", "red", "Choose one of: enabled, share"),
    ("enabled", "yes", "true or false"),
    ("share", "much", "“much” is no number"),
    ("claim_within", "1.5", "no whole number"),
    ("claim_within", 30, "outage"),
    ("auto_approve_limit", "0.001", "no amount in CNY"),
    ("window.amount", "soon", "“soon” is no number"),
    ("window.amount", -7, "Write 0 or more"),
    ("window.anchor", 7, "“7”"),
    ("conditions.defect_verified", True, "Choose one of: unused"),
    ("conditions.unused", 1, "no bound"),
]


@pytest.mark.parametrize(("field", "value", "words"), CLAUSES)
def test_a_clause_is_refused_in_words(field: str, value: Scalar, words: str) -> None:
    rules = load_defaults()["quantity_package"]
    with pytest.raises(PolicyError) as caught:
        apply_clauses(rules, [Clause("package.no_reason", field, value)])
    assert (caught.value.rule, caught.value.field) == ("package.no_reason", field)
    assert words in caught.value.reason


def test_a_clause_gives_a_rule_without_a_window_all_of_it() -> None:
    parts: list[tuple[str, Scalar]] = [
        ("anchor", "paid"),
        ("amount", 7),
        ("unit", "hours"),
    ]
    whole = [Clause(FULL.code, f"window.{name}", value) for name, value in parts]
    [amended] = apply_clauses([FULL], whole)
    assert amended.window == Window("paid", 7, "hours")
    with pytest.raises(PolicyError, match="Give all of it"):
        apply_clauses([FULL], whole[:2])


def texts() -> list[str]:
    modules = (checks, clauses, condition, conditions, misfits, rules, sense, windows)
    named = [
        value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and " " in value
    ]
    return [*named, *(check.text for check in (*CHECKS, *MISFITS))]


@pytest.mark.parametrize("text", texts())
def test_a_reason_is_whole_sentences_with_a_way_out(text: str) -> None:
    assert text[0].isupper() or text[0] in "“%"
    assert text.endswith(".")
    assert len(text.split(". ")) > 1 or " so " in text
