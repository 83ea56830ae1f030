"""The customer reads why their money waits, and what they have to do."""

from datetime import timedelta

from accounts.models import Payment
from refunds.payouts.invoices import plan
from refunds.payouts.reversals import complete
from refunds.payouts.slips import confirm_slip, raise_slip
from refunds.templatetags.makegood import when_plain
from tests.people import Case
from tests.refunds.pages.visits import queries, reads, visitor
from tests.refunds.payouts.invoices.desk import (
    RED,
    booked,
    invoicing,
    issue,
    planned,
)


def page_of(case: Case) -> str:
    path = f"/requests/{case.request.number}/"
    return reads(visitor(case.people.owner), path)


def test_an_invoice_is_being_corrected_and_nothing_is_asked_of_them(
    case: Case,
) -> None:
    number = planned(case).invoice.number
    words = f"Invoice {number} is being corrected before the money goes back. You have"
    assert words in page_of(case)


def test_a_slip_waits_for_them_until_a_moment(case: Case) -> None:
    reversal, finance = booked(case), case.people.finance
    raise_slip(reversal, by=finance, at=case.at, slip_number="S-1")
    page = page_of(case)
    assert "is being corrected: please confirm slip S-1 on the tax" in page
    until = when_plain(case.at + timedelta(hours=72))
    assert f"the tax platform by {until}, or it lapses" in page
    assert "You have nothing to do for that." not in page
    confirm_slip(reversal, by=finance, at=case.at)
    assert "please confirm slip" not in page_of(case)
    complete(reversal, by=finance, at=case.at, number=RED)
    assert "is being corrected" not in page_of(case)


def test_a_payment_in_dispute_is_not_refunded_and_they_read_it(case: Case) -> None:
    case.agreed()
    assert "in dispute" not in page_of(case)
    Payment.objects.update(disputed=True)
    payment = Payment.objects.get()
    words = f"Payment {payment} is in dispute at the bank or provider"
    assert words in page_of(case)


def test_many_invoices_cost_the_page_no_more_queries(case: Case) -> None:
    issue(case, 1_000_00)
    invoicing(case)
    owner, path = visitor(case.people.owner), f"/requests/{case.request.number}/"
    with_one = queries(owner, path)
    for _invoice in range(4):
        issue(case, 1_000_00)
    plan(case.request, by=case.people.finance, at=case.at)
    assert queries(owner, path) == with_one
