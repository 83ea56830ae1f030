"""Special agreements are chosen from what the rules allow, and tried before kept."""

import pytest
from django.test import Client

from accounts.models import Contract, ContractClause
from tests.accounts.records.desk import page, place, refused, row, saved, shelf
from tests.factories import ContractFactory
from tests.people import People
from tests.refunds.pages.visits import reads

EARLY = "live.early_unavailable"
BEFORE = "live.before_activation"


@pytest.fixture
def contract(people: People) -> Contract:
    made: Contract = ContractFactory.create(customer=people.customer)
    return made


def clause(change: str, typed: str = "", number: int = 0) -> dict[str, object]:
    return row("clauses", number, change=change, typed=typed, wording="As agreed.")


@pytest.mark.parametrize(
    ("change", "typed", "value", "again"),
    [
        (f"{BEFORE}:window.amount", "14", 14, "14"),
        (f"{BEFORE}:window.unit=working_days", "", "working_days", ""),
        (f"{BEFORE}:window.anchor=paid", "", "paid", ""),
        (f"{BEFORE}:window.anchor=none", "", "none", ""),
        (f"{BEFORE}:enabled=False", "", False, ""),
        (f"{BEFORE}:share", "80 %", "0.8", "80"),
        (f"{BEFORE}:share", "33.333", "0.33333", "33.333"),
        (f"{BEFORE}:provider_at_fault=True", "", True, ""),
        (f"{BEFORE}:auto_approve_limit", "1,000", "1000.00", "1000.00"),
        (f"{BEFORE}:auto_approve_limit=None", "", None, ""),
        (f"{BEFORE}:conditions.unused=False", "", False, ""),
        (f"{EARLY}:claim_within", "60", 60, "60"),
        (f"{EARLY}:claim_within=None", "", None, ""),
        (f"{EARLY}:conditions.unresolved_longer_than", "24", "24", "24"),
        (f"{EARLY}:conditions.outage_longer_than", "1.5", "1.5", "1.5"),
    ],
)
def test_an_agreement_is_kept_and_shown_as_it_was_typed(
    administrator: Client,
    contract: Contract,
    change: str,
    typed: str,
    value: object,
    again: str,
) -> None:
    saved(administrator, place(contract), clause(change, typed))
    kept = ContractClause.objects.get()
    assert (f"{kept.rule}:{kept.field}", kept.value) == (change.split("=")[0], value)
    shown = page(administrator, place(contract)).values
    assert shown["clauses-0-change"] == change
    assert shown["clauses-0-typed"] == again
    saved(administrator, place(contract), {})
    kept.refresh_from_db()
    assert kept.value == value


@pytest.mark.parametrize(
    ("change", "typed", "words"),
    [
        (f"{BEFORE}:window.amount", "", "Write the number: a whole number."),
        (f"{BEFORE}:window.amount", "7.5", "Write a whole number, such as 14."),
        (f"{BEFORE}:window.amount", "-7", "Write a whole number, such as 14."),
        (f"{BEFORE}:window.amount", "999999", "The rule makes no sense like this:"),
        (f"{BEFORE}:share", "half", "“half” is no plain number."),
        (f"{BEFORE}:share", "-5", "“-5” is no plain number."),
        (f"{BEFORE}:enabled=False", "7", "This agreement takes no number"),
        (f"{BEFORE}:auto_approve_limit", "1.005", "with 2 decimals at most."),
        (f"{BEFORE}:conditions.used_less_than", "5", "Select a valid choice."),
        ("course.mistake:share", "5", "Select a valid choice."),
        (f"{EARLY}:conditions.unresolved_longer_than", "x", "“x” is no plain number."),
        ("live.long_outage:window.amount", "5", "agree on what it runs from, too."),
        ("live.long_outage:window.anchor=paid", "", "makes no sense like this:"),
    ],
)
def test_an_agreement_that_makes_no_sense_is_refused_with_the_reason(
    administrator: Client, contract: Contract, change: str, typed: str, words: str
) -> None:
    typed_in = clause(change, typed)
    assert words in refused(administrator, place(contract), typed_in)
    assert not ContractClause.objects.exists()


def test_parts_that_only_make_sense_together_are_tried_together(
    administrator: Client, contract: Contract
) -> None:
    deadline = {
        **clause("live.long_outage:window.amount", "5"),
        **clause("live.long_outage:window.unit=hours", "", 1),
        **clause("live.long_outage:window.anchor=paid", "", 2),
    }
    saved(administrator, place(contract), deadline)
    assert ContractClause.objects.count() == 3


def test_the_same_is_not_agreed_twice(
    administrator: Client, contract: Contract
) -> None:
    saved(administrator, place(contract), clause(f"{BEFORE}:window.amount", "14"))
    again = clause(f"{BEFORE}:window.amount", "15", 1)
    assert "The same is agreed twice" in refused(administrator, place(contract), again)


def test_an_agreement_needs_its_wording(
    administrator: Client, contract: Contract
) -> None:
    bare = {**clause(f"{BEFORE}:share", "80"), "clauses-0-wording": ""}
    assert "This field is required." in refused(administrator, place(contract), bare)


def test_what_the_rules_do_not_know_stands_as_it_is(
    administrator: Client, contract: Contract
) -> None:
    kept = ContractClause.objects.create(
        contract=contract, rule="live.gone", field="share", value="0.5", wording="x"
    )
    saved(administrator, place(contract), {"clauses-0-wording": "y"})
    kept.refresh_from_db()
    assert (kept.rule, kept.value, kept.wording) == ("live.gone", "0.5", "y")


def test_a_contract_does_not_move_to_rules_that_its_agreements_do_not_fit(
    administrator: Client, contract: Contract
) -> None:
    saved(administrator, place(contract), clause(f"{BEFORE}:share", "80"))
    moved = {"product_line": "online_course"}
    assert "Select a valid choice." in refused(administrator, place(contract), moved)


def test_a_new_contract_is_saved_before_its_agreements(administrator: Client) -> None:
    new = page(administrator, f"{shelf(Contract)}add/")
    assert not [name for name in new.values if name.startswith("clauses")]


def test_who_only_reads_sees_agreements(auditor: Client, contract: Contract) -> None:
    ContractClause.objects.create(
        contract=contract, rule=BEFORE, field="share", value="0.5", wording="Half."
    )
    words = reads(auditor, place(contract))
    assert f"{BEFORE}.share = 0.5" in words
    assert "Half." in words
    assert "clauses-0-change" not in page(auditor, place(contract)).values
