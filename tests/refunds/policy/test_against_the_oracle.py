"""The engine against a second implementation, written from the specification alone.

A few hundred invented cases every time; with TORTURE set, a hundred thousand.
"""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.minor_units import to_decimal
from refunds.management.commands.assess import mainland_china
from refunds.policy.assess import assess
from refunds.policy.assessment import DENIALS
from refunds.policy.cases import read_case
from refunds.policy.rules import load_defaults
from tests.refunds.policy.oracle import timeline
from tests.refunds.policy.oracle.answer import Answer, answer
from tests.refunds.policy.oracle.dice import Dice
from tests.refunds.policy.oracle.situations import invent, last_moment
from tests.refunds.policy.oracle.tables import Case

WORKED = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))
NOTHING_SAID: Answer = dict.fromkeys(
    ("rule", "amount", "ceiling", "automatic", "denied")
)
CODES = {rule.code for rules in load_defaults().values() for rule in rules}


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case["id"])
def test_the_oracle_gets_every_worked_case_right(case: Case) -> None:
    assert answer(case) == {**NOTHING_SAID, **case["expect"]}


@pytest.mark.parametrize("first", range(0, 600, 100))
def test_both_give_the_same_answer_to_every_invented_case(first: int) -> None:
    _agree_on(range(first, first + 100))


def test_the_invented_cases_reach_every_rule_and_every_denial() -> None:
    reached = Counter(_outcome(answer(invent(number))) for number in range(1500))
    assert set(reached) == CODES | set(DENIALS)


@pytest.mark.torture
@pytest.mark.parametrize("first", range(1_000_000, 1_100_000, 10_000))
def test_both_agree_on_a_hundred_thousand_cases(first: int) -> None:
    reached = _agree_on(range(first, first + 10_000))
    assert min(reached[outcome] for outcome in CODES | set(DENIALS)) >= 40


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Africa/Cairo"])
@pytest.mark.parametrize("unit", ["calendar_days", "working_days", "hours"])
def test_both_close_a_window_at_the_same_second(zone: str, unit: str) -> None:
    """Through a winter: the Spring Festival, a change of clocks, two month ends."""
    dice = Dice(f"{zone} {unit}")
    for days in range(100):
        signed = date(2026, 1, 20) + timedelta(days=days)
        _agree_on_the_last_second(dice, signed, zone=zone, unit=unit)


def _agree_on(numbers: Iterable[int]) -> Counter[str]:
    reached: Counter[str] = Counter()
    for number in numbers:
        case = invent(number)
        ours, theirs = _engine(case), answer(case)
        assert ours == theirs, json.dumps(case)
        reached[_outcome(theirs)] += 1
    return reached


def _outcome(given: Answer) -> str:
    return str(given["rule"] or given["denied"])


def _engine(case: Case) -> Answer:
    facts, clauses = read_case(case)
    given = assess(
        facts,
        rules=load_defaults()[facts.product_line],
        clauses=clauses,
        calendar=mainland_china(),
    )
    amounts = {
        name: None if minor is None else to_decimal(minor, currency=given.currency)
        for name, minor in (("amount", given.amount), ("ceiling", given.ceiling))
    }
    return {
        "rule": given.rule,
        **amounts,
        "automatic": given.automatic,
        "denied": given.denied,
    }


def _agree_on_the_last_second(
    dice: Dice, signed: date, *, zone: str, unit: str
) -> None:
    amount = 7 if unit != "hours" else dice.choice((24, 168))
    end = last_moment(timeline.clock(signed, zone), amount=amount, unit=unit, zone=zone)
    for at, inside in ((end, True), (end + timeline.SECOND, False)):
        case = _signed(signed, zone=zone, amount=amount, unit=unit)
        case["requested_at"] = dice.written(at)
        given = _engine(case)
        assert given == answer(case)
        expected = "live.before_activation" if inside else "out_of_time"
        assert _outcome(given) == expected, case


def _signed(signed: date, *, zone: str, amount: int, unit: str) -> Case:
    """Not activated; a contract whose window has that amount and unit."""
    fields: dict[str, Any] = {"window.amount": amount, "window.unit": unit}
    return {
        "product_line": "live_streaming",
        "ground": "mistake",
        "currency": "CNY",
        "time_zone": zone,
        "contract": {
            "signed_on": signed.isoformat(),
            "clauses": [
                {"rule": "live.before_activation", "field": field, "value": value}
                for field, value in fields.items()
            ],
        },
        "service": {"billing": "term", "activated_at": None, "ends_on": None},
        "payments": [
            {"amount": "100.00", "refunded": "0.00", "paid_at": "2026-01-01T00:00:00Z"}
        ],
    }
