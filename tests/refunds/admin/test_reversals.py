"""Invoices on the sheet, and the list of reversals: who may press what there."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership
from refunds.models import InvoiceReversal, RefundRequest
from refunds.payouts.slips import lapse_slips, raise_slip
from tests.people import Case
from tests.refunds.pages.visits import queries, reads, text_of, told, visitor
from tests.refunds.payouts.invoices.desk import (
    LAST_MONTH,
    PAPER,
    RED,
    again,
    booked,
    invoicing,
    issue,
    planned,
)
from tests.refunds.payouts.invoices.test_plan import sibling

LIST = "/admin/refunds/invoicereversal/"
READERS = ("evaluator", "auditor", "account_manager", "superuser")


def sheet(request: RefundRequest) -> str:
    return f"/admin/refunds/refundrequest/{request.pk}/change/"


def press(client: Client, reversal: InvoiceReversal, step: str, **answers: str) -> Any:
    return client.post(f"{LIST}{reversal.pk}/do/{step}/", answers)


@pytest.fixture
def finance(case: Case) -> Client:
    return visitor(case.people.finance)


def test_the_sheet_says_what_stands_and_what_is_next(
    case: Case, finance: Client
) -> None:
    reversal = planned(case)
    page = reads(finance, sheet(case.request))
    for words in (
        "CNY 10,000.00 has to be reversed before this money goes back.",
        f"Fully digital invoice {reversal.invoice.number}",
        "Invoiced 12,000.00",
        "Reversed 0.00",
        "Red-letter invoice 10,000.00 · To be done",
        "The red-letter invoice is issued",
        "The buyer has booked it",
        "Drop it",
    ):
        assert words in page
    assert "It is voided" not in page
    assert "Not planned yet" not in page


def test_finance_takes_a_booked_invoice_to_its_end(case: Case, finance: Client) -> None:
    reversal = planned(case)
    press(finance, reversal, "booked")
    assert "The slip is raised" in reads(finance, sheet(case.request))
    press(finance, reversal, "raise_slip", slip_number="S-1")
    page = reads(finance, sheet(case.request))
    assert "The buyer confirms slip S-1 by" in page
    assert "or it lapses." in page
    press(finance, reversal, "confirm_slip")
    answer = press(finance, reversal, "complete", number=RED)
    assert answer["Location"] == sheet(case.request)
    assert "recorded for invoice" in told(answer)
    page = reads(finance, sheet(case.request))
    assert f"Done · the buyer has booked it · {RED}" in page
    assert "has to be reversed before" not in page


def test_a_void_asks_for_the_invoice_that_follows(case: Case, finance: Client) -> None:
    reversal = planned(case, kind=PAPER)
    page = reads(finance, sheet(case.request))
    for words in ("It is voided", "Number of the invoice for what remains"):
        assert words in page
    refused = press(finance, reversal, "complete", number="V-1")
    assert refused.status_code == 422
    assert "Write the number." in text_of(refused)
    press(finance, reversal, "complete", number="V-1", reissued_number="P-2")
    page = reads(finance, sheet(case.request))
    assert "Issued for what remains: P-2" in page


def test_a_void_whose_month_has_turned_is_made_red_at_a_press(
    case: Case, finance: Client
) -> None:
    reversal = planned(case, kind=PAPER)
    reversal.invoice.issued_on = LAST_MONTH
    reversal.invoice.save()
    page = reads(finance, sheet(case.request))
    assert "The month has turned: a red-letter invoice is needed." in page
    assert "It is voided" not in page
    refused = press(finance, reversal, "complete", number="V", reissued_number="P")
    assert "The month has turned" in told(refused)
    press(finance, reversal, "as_red_letter")
    assert again(reversal).kind == "red_letter"
    page = reads(finance, sheet(case.request))
    assert "The red-letter invoice is issued" in page


def test_a_wrong_number_stays_in_its_field(case: Case, finance: Client) -> None:
    reversal = planned(case)
    for number, words in (
        ("", "This field is required."),
        ("12", "has 20 digits"),
        ("x\x00", "Null characters are not allowed."),
        ("9" * 61, "at most 60 characters"),
    ):
        answer = press(finance, reversal, "complete", number=number)
        assert answer.status_code == 422
        assert words in text_of(answer)
    assert again(reversal).state == "planned"


def test_what_is_missing_is_planned_at_a_press(case: Case, finance: Client) -> None:
    issue(case, 3_000_00)
    request = invoicing(case)
    issue(case, 9_000_00)
    page = reads(finance, sheet(request))
    assert "Not planned yet: CNY 7,000.00" in page
    answer = finance.post(f"{LIST}plan/{request.pk}/")
    assert "1 reversal was planned anew." in told(answer)
    assert "Not planned yet" not in reads(finance, sheet(request))
    again_ = finance.post(f"{LIST}plan/{request.pk}/")
    assert "Nothing more has to be planned" in told(again_)


@pytest.mark.parametrize("who", READERS)
def test_others_read_and_press_nothing(case: Case, who: str) -> None:
    reversal = planned(case)
    client = visitor(getattr(case.people, who))
    for path in (sheet(case.request), f"{LIST}{reversal.pk}/change/"):
        page = reads(client, path)
        assert "Red-letter invoice 10,000.00 · To be done" in page
        assert "The red-letter invoice is issued" not in page
    answer = press(client, reversal, "complete", number=RED)
    assert "This is for finance." in told(answer)
    planned_ = client.post(f"{LIST}plan/{case.request.pk}/")
    assert "This is for finance." in told(planned_)
    refused = press(client, reversal, "complete", number="")
    assert "This step is not possible now." in text_of(refused)
    assert again(reversal).state == "planned"


def test_finance_of_the_same_customer_presses_nothing(
    case: Case, finance: Client
) -> None:
    reversal, people = planned(case), case.people
    Membership.objects.create(
        customer=people.customer, user=people.finance, role=Membership.Role.MEMBER
    )
    answer = press(finance, reversal, "drop", reason="No.")
    assert "You belong to this customer" in told(answer)
    assert "Drop it" not in reads(finance, sheet(case.request))


def test_who_has_no_role_or_another_customer_opens_nothing(case: Case) -> None:
    reversal, people = planned(case), case.people
    paths = (LIST, f"{LIST}{reversal.pk}/change/")
    for path in paths:
        assert visitor(people.lead).get(path).status_code == 403
    assert press(visitor(people.lead), reversal, "complete").status_code == 403
    people.customer.account_manager = None
    people.customer.save()
    manager = visitor(people.account_manager)
    assert reversal.invoice.number not in reads(manager, LIST)
    assert manager.get(paths[1]).status_code == 404
    assert press(manager, reversal, "complete", number=RED).status_code == 404
    assert manager.post(f"{LIST}plan/{case.request.pk}/").status_code == 404
    owner = visitor(people.owner).get(LIST)
    assert owner["Location"].startswith("/admin/login/")


def test_what_is_no_step_and_no_reversal_is_not_found(
    case: Case, finance: Client
) -> None:
    reversal = planned(case)
    assert press(finance, reversal, "explode").status_code == 404
    assert finance.get(f"{LIST}{reversal.pk}/do/drop/").status_code == 405
    assert finance.get(f"{LIST}abc/change/").status_code == 404
    assert finance.post(f"{LIST}{reversal.pk}/change/").status_code == 403


def test_each_preset_shows_its_own(case: Case, finance: Client) -> None:
    reversal = booked(case)
    number = reversal.invoice.number

    def shown() -> set[str]:
        presets = ("to_do", "slips", "lapsed", "done")
        pages = {show: reads(finance, f"{LIST}?show={show}") for show in presets}
        return {show for show, page in pages.items() if number in page}

    assert shown() == {"to_do"}
    people = case.people
    raise_slip(reversal, by=people.finance, at=case.at, slip_number="S-1")
    assert shown() == {"slips"}
    InvoiceReversal.objects.update(slip_until=case.at)
    lapse_slips(at=case.at)
    assert shown() == {"to_do", "lapsed"}
    press(finance, reversal, "not_booked")
    press(finance, reversal, "complete", number=RED)
    reads(finance, LIST)  # Where what was told is read.
    assert shown() == {"done"}
    assert number in reads(finance, f"{LIST}?q={number}")


def test_many_invoices_cost_no_more_queries(case: Case, finance: Client) -> None:
    for _invoice in range(2):
        issue(case, 1_000_00)
    request = invoicing(case)
    pages = (sheet(request), LIST)
    with_two = [queries(finance, page) for page in pages]
    for _invoice in range(6):
        issue(case, 1_000_00)
    finance.post(f"{LIST}plan/{request.pk}/")
    assert InvoiceReversal.objects.count() == 8
    # What is told on the next page is read once.
    assert [queries(finance, page) for page in pages] == with_two


def test_what_another_request_reverses_is_seen_and_not_pressed(
    case: Case, finance: Client
) -> None:
    issue(case, 20_000_00)
    other = sibling(case)
    invoicing(case)
    invoicing(other)
    page = reads(finance, sheet(other.request))
    beside = f"{case.request.number}: Red-letter invoice 10,000.00 · To be done"
    assert beside in page
    assert page.count("Drop it") == 2  # Summary and button, of its own alone.
