"""The worked cases that an independent implementation computed, to the cent."""

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.minor_units import to_decimal
from refunds.policy.assessment import Assessment
from refunds.policy.cases import read_case
from refunds.policy.facts import Facts
from tests.refunds.policy.situations import answer

CASES = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_case_gets_its_answer(case: dict[str, Any]) -> None:
    facts, clauses = read_case(case)
    found = answer(facts, *clauses)
    assert {
        "rule": found.rule,
        "amount": decimal(found.amount, facts),
        "ceiling": decimal(found.ceiling, facts),
        "automatic": found.automatic,
        "denied": found.denied,
    } == {"ceiling": None, "automatic": None, "denied": None, **case["expect"]}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_facts_and_answer_survive_storage(case: dict[str, Any]) -> None:
    facts, clauses = read_case(case)
    found = answer(facts, *clauses)
    assert Facts.from_dict(json.loads(json.dumps(facts.as_dict()))) == facts
    assert Assessment.from_dict(json.loads(json.dumps(found.as_dict()))) == found


def decimal(amount: int | None, facts: Facts) -> str | None:
    return None if amount is None else to_decimal(amount, currency=facts.currency)
