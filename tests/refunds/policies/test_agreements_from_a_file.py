"""Special agreements that come in a file are tried on their rules, row by row."""

import pytest

from accounts.models import Contract, ContractClause
from refunds.policies.agreements import about_clauses
from tests.factories import ContractFactory

pytestmark = pytest.mark.django_db


def clause(contract: Contract, rule: str, field: str, value: object) -> ContractClause:
    return ContractClause(
        contract=contract, rule=rule, field=field, value=value, wording="As agreed."
    )


def told(*news: ContractClause) -> list[str]:
    return [words for _clause, words in about_clauses(news)]


def test_what_its_rule_can_take_is_taken_in() -> None:
    contract = ContractFactory.create()
    assert told(clause(contract, "live.before_activation", "window.amount", 14)) == []


def test_a_rule_that_the_policy_does_not_have_is_named_with_those_it_has() -> None:
    contract = ContractFactory.create()
    [words] = told(clause(contract, "course.mistake", "share", "0.8"))
    assert "no such rule. It has: live.before_activation, " in words


def test_a_bound_that_makes_no_sense_is_refused_with_the_reason() -> None:
    contract = ContractFactory.create()
    [words] = told(clause(contract, "live.before_activation", "window.amount", -1))
    assert "Write" in words


def test_a_contract_that_pins_an_unpublished_version_says_so() -> None:
    contract = ContractFactory.create(policy_version=9)
    [words] = told(clause(contract, "live.before_activation", "enabled", value=False))
    assert "not published" in words


def test_what_stands_in_the_contract_already_counts_too() -> None:
    """Two parts of a window make sense together only."""
    contract = ContractFactory.create()
    clause(contract, "live.long_outage", "window.anchor", "activated").save()
    clause(contract, "live.long_outage", "window.unit", "calendar_days").save()
    assert told(clause(contract, "live.long_outage", "window.amount", 30)) == []


def test_a_file_of_many_costs_as_many_questions_as_a_file_of_one(
    django_assert_num_queries: object,
) -> None:
    contracts = [ContractFactory.create() for _ in range(5)]
    news = [clause(c, "live.before_activation", "share", "0.9") for c in contracts]
    assert callable(django_assert_num_queries)
    with django_assert_num_queries(3):
        assert told(*news) == []
