"""The terms of a contract on one page: its rules, its clauses, its fees."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Contract, ContractClause, Customer, Fee, Service
from tests.factories import ContractFactory, ServiceFactory
from tests.people import Case
from tests.refunds.pages.visits import queries, reads, visitor

TRIAL = "You ask within 7 calendar days of the day the contract was signed."
AGREED = "You ask within 14 calendar days of the day the contract was signed."


@pytest.fixture
def contract(case: Case) -> Contract:
    return case.service.contract


@pytest.fixture
def owner(case: Case) -> Client:
    return visitor(case.people.owner)


def agree(contract: Contract, rule: str, field: str, value: Any, wording: str) -> None:
    ContractClause.objects.create(
        contract=contract, rule=rule, field=field, value=value, wording=wording
    )


def path(contract: Contract) -> str:
    return f"/contracts/{contract.number}/terms/"


def test_its_people_and_its_staff_read_it(case: Case, contract: Contract) -> None:
    people = case.people
    for who in (people.owner, people.member, people.evaluator, people.account_manager):
        assert contract.number in reads(visitor(who), path(contract))


def test_to_a_stranger_it_does_not_exist(case: Case, contract: Contract) -> None:
    page = reads(visitor(case.people.stranger), path(contract), status=404)
    assert contract.number not in page
    for number in ("none", "a%00b", "%F0%9F%90%89"):
        reads(visitor(case.people.owner), f"/contracts/{number}/terms/", status=404)
    reads(visitor(case.people.lead), path(contract), status=404)
    answer = visitor(None).get(path(contract))
    assert answer["Location"] == f"/account/login/?next={path(contract)}"


def test_it_names_the_version_and_prints_its_rules(
    owner: Client, contract: Contract
) -> None:
    page = reads(owner, path(contract))
    assert "Version 1 of the policy applies: the contract was signed on" in page
    assert TRIAL in page
    assert "by your contract" not in page


def test_a_clause_is_marked_with_its_wording_and_the_policys(
    owner: Client, contract: Contract
) -> None:
    words = "Clause 5: fourteen days before activation."
    agree(contract, "live.before_activation", "window.amount", 14, words)
    page = reads(owner, path(contract))
    assert f"{AGREED} by your contract" in page
    assert f"Your contract says {words} The policy says otherwise: {TRIAL}" in page
    assert page.count("by your contract") == 1


def test_the_parts_of_a_window_are_one_change(
    owner: Client, contract: Contract
) -> None:
    code = "live.long_outage"
    agree(contract, code, "window.anchor", "activated", "From activation,")
    agree(contract, code, "window.amount", 90, "within 90")
    agree(contract, code, "window.unit", "working_days", "working days.")
    page = reads(owner, path(contract))
    assert "You ask within 90 working days of activation. by your contract" in page
    assert "From activation, within 90 working days. The policy says otherwise" in page


def test_a_rule_that_the_contract_leaves_out_is_named(
    owner: Client, contract: Contract
) -> None:
    agree(contract, "live.long_outage", "enabled", value=False, wording="No clause 9.")
    page = reads(owner, path(contract))
    assert "Your contract leaves this rule out. Your contract says No clause 9." in page


def test_a_clause_that_makes_no_sense_still_shows_its_words(
    owner: Client, contract: Contract
) -> None:
    agree(contract, "live.long_outage", "nothing.known", 1, "Strange words.")
    page = reads(owner, path(contract))
    assert "Strange words. The policy says the same." in page


def test_a_company_is_told_nothing_about_consumers(
    owner: Client, contract: Contract
) -> None:
    agree(contract, "live.before_activation", "window.amount", 3, "Three days.")
    assert "does not count against you" not in reads(owner, path(contract))


def test_from_a_consumer_no_clause_takes_anything_away(
    owner: Client, contract: Contract
) -> None:
    Customer.objects.filter(pk=contract.customer_id).update(kind="individual")
    agree(contract, "live.before_activation", "window.amount", 3, "Three days.")
    page = reads(owner, path(contract))
    assert "with your contract's agreements and without them" in page
    assert "It does not count against you" in page
    assert "by your contract, where it gives you more" in page
    assert TRIAL in page


def test_fees_say_what_of_them_comes_back(
    case: Case, owner: Client, contract: Contract
) -> None:
    for name, refundable in (("Port", "never"), ("Help", "always"), ("Box", "0.25")):
        Fee.objects.create(
            service=case.service, name=name, amount=100_00, refundable=refundable
        )
    page = reads(owner, path(contract))
    name = case.service.name
    back = "Amount CNY 100.00 Comes back"
    assert (
        f"Set-up {name} Amount CNY 500.00 Comes back Before activation "
        "If you asked now CNY 0.00"
    ) in page
    assert f"Port {name} {back} Never If you asked now CNY 0.00" in page
    assert f"Help {name} {back} Always If you asked now CNY 100.00" in page
    assert f"Box {name} {back} 25% of it If you asked now CNY 25.00" in page


def test_a_set_up_fee_comes_back_until_activation(
    case: Case, owner: Client, contract: Contract
) -> None:
    Service.objects.filter(pk=case.service.pk).update(activated_at=None)
    page = reads(owner, path(contract))
    assert "Comes back Before activation If you asked now CNY 500.00" in page


def test_limits_of_the_contract_are_named(owner: Client, contract: Contract) -> None:
    page = reads(owner, path(contract))
    assert "Minimum commitment None" in page
    contract.minimum_commitment, contract.refund_cap = 5_000_00, 9_000_00
    contract.save()
    page = reads(owner, path(contract))
    assert "Minimum commitment CNY 5,000.00" in page
    assert "At most back in all CNY 9,000.00" in page


def test_a_version_that_is_not_published_is_explained(
    owner: Client, contract: Contract
) -> None:
    Contract.objects.filter(pk=contract.pk).update(policy_version=9)
    page = reads(owner, path(contract))
    assert "not published" in page


def test_a_number_with_a_slash_has_its_page(case: Case, owner: Client) -> None:
    other = ContractFactory.create(number="ZB/2026/7", customer=case.people.customer)
    assert "ZB/2026/7" in reads(owner, path(other))


def test_it_costs_the_same_with_many_clauses_services_and_fees(
    owner: Client, contract: Contract
) -> None:
    with_one = queries(owner, path(contract))
    for value in (1, 2):
        service = ServiceFactory.create(contract=contract)
        Fee.objects.create(service=service, name=f"Fee {value}", amount=value)
    for code in ("live.before_activation", "live.long_outage"):
        agree(contract, code, "share", "0.8", "Four fifths.")
    assert queries(owner, path(contract)) == with_one
    assert with_one <= 14
