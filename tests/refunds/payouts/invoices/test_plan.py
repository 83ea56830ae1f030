"""What has to be reversed of which invoice, before the money of a request goes back."""

from datetime import date, datetime

import pytest

from accounts.models import Invoice, Membership, Payment
from refunds.errors import NotPermitted, RefundError
from refunds.models import InvoiceReversal
from refunds.payouts.invoices import begin_invoicing, kind_for, plan
from refunds.payouts.release import move_agreed_on
from refunds.payouts.reversals import complete, drop
from refunds.record.verify import find_breaks
from refunds.states import State
from tests.people import Case
from tests.refunds.pages.states import more
from tests.refunds.payouts.invoices.desk import (
    DIGITAL,
    LAST_MOMENT,
    LAST_MONTH,
    MONTH_TURNED,
    PAPER,
    RED,
    THIS_MONTH,
    again,
    invoicing,
    issue,
    planned,
    reversal_of,
    taken,
)
from tests.refunds.payouts.till import kinds_of, state_of

VOID, RED_LETTER = "void", "red_letter"


@pytest.mark.parametrize(
    ("kind", "issued", "reversed_before", "booked", "at", "found"),
    [
        (PAPER, THIS_MONTH, 0, False, LAST_MOMENT, VOID),
        (PAPER, THIS_MONTH, 0, False, MONTH_TURNED, RED_LETTER),
        (PAPER, THIS_MONTH, 1, False, LAST_MOMENT, RED_LETTER),
        (PAPER, THIS_MONTH, 0, True, LAST_MOMENT, RED_LETTER),
        (PAPER, LAST_MONTH, 0, False, LAST_MOMENT, RED_LETTER),
        (PAPER, date(2025, 11, 3), 0, False, LAST_MOMENT, RED_LETTER),
        (PAPER, date(2026, 12, 1), 0, False, LAST_MOMENT, RED_LETTER),
        (PAPER, date(2026, 12, 1), 0, False, MONTH_TURNED, VOID),
        (DIGITAL, THIS_MONTH, 0, False, LAST_MOMENT, RED_LETTER),
        (DIGITAL, THIS_MONTH, 0, True, LAST_MOMENT, RED_LETTER),
        (DIGITAL, LAST_MONTH, 0, False, LAST_MOMENT, RED_LETTER),
    ],
)
def test_only_paper_of_this_month_in_beijing_is_voided(
    kind: str,
    issued: date,
    reversed_before: int,
    at: datetime,
    found: str,
    *,
    booked: bool,
) -> None:
    invoice = Invoice(kind=kind, issued_on=issued, amount=100, reversed=reversed_before)
    assert kind_for(invoice, at=at, booked=booked) == found


def test_a_request_that_enters_invoicing_by_itself_is_planned(case: Case) -> None:
    issue(case, 12_000_00)
    case.agreed()
    assert move_agreed_on(at=case.at) == 1
    assert state_of(case.request) is State.INVOICING
    assert taken(case.request) == [(RED_LETTER, "planned", 10_000_00)]
    assert reversal_of(case.request).planned_by is None
    assert kinds_of(case.request)[-2:] == ["correct_invoice", "reversal_planned"]
    assert list(find_breaks()) == []


def test_the_newest_invoice_comes_first_as_far_as_it_goes(case: Case) -> None:
    old = issue(case, 9_000_00, on=LAST_MONTH)
    new = issue(case, 4_000_00)
    request = invoicing(case)
    rows = InvoiceReversal.objects.filter(request=request).order_by("pk")
    assert [(row.invoice, row.amount) for row in rows] == [
        (new, 4_000_00),
        (old, 6_000_00),
    ]


def test_of_a_partly_invoiced_contract_no_more_is_reversed_than_was_invoiced(
    case: Case,
) -> None:
    issue(case, 3_000_00)
    request = invoicing(case)
    assert taken(request) == [(RED_LETTER, "planned", 3_000_00)]
    reversal = reversal_of(request)
    complete(reversal, by=case.people.finance, at=case.at, number=RED)
    assert request.invoices_are_dealt_with()


def test_planning_twice_plans_once(case: Case) -> None:
    request = planned(case).request
    with pytest.raises(RefundError, match="Nothing more has to be planned"):
        plan(request, by=case.people.finance, at=case.at)
    assert len(taken(request)) == 1


def test_an_invoice_that_appears_later_is_planned_for_beside(case: Case) -> None:
    issue(case, 3_000_00)
    request = invoicing(case)
    issue(case, 8_000_00, kind=PAPER)
    plan(request, by=case.people.finance, at=case.at)
    assert taken(request) == [
        (RED_LETTER, "planned", 3_000_00),
        (VOID, "planned", 7_000_00),
    ]


def test_two_requests_of_one_contract_share_what_its_invoices_have(case: Case) -> None:
    issue(case, 12_000_00)
    other = sibling(case)
    first, second = invoicing(case), invoicing(other)
    assert taken(first) == [(RED_LETTER, "planned", 10_000_00)]
    assert taken(second) == [(RED_LETTER, "planned", 2_000_00)]
    with pytest.raises(RefundError, match="is planned for other requests"):
        plan(second, by=case.people.finance, at=case.at)
    reason = "Filed by mistake."
    drop(reversal_of(first), by=case.people.finance, at=case.at, reason=reason)
    plan(second, by=case.people.finance, at=case.at)
    assert taken(second) == [(RED_LETTER, "planned", 10_000_00)]


def test_what_another_request_voided_is_planned_anew(case: Case) -> None:
    issue(case, 20_000_00, kind=PAPER)
    other, finance = sibling(case), case.people.finance
    first, second = invoicing(case), invoicing(other)
    void = reversal_of(first)
    complete(void, by=finance, at=case.at, number="V1", reissued_number="P2")
    with pytest.raises(RefundError, match="Plan anew what this request needs"):
        complete(reversal_of(second), by=finance, at=case.at, number="V2")
    plan(second, by=finance, at=case.at)
    assert taken(second) == [
        (VOID, "dropped", 10_000_00),
        (VOID, "planned", 10_000_00),
    ]
    last = InvoiceReversal.objects.get(request=second, state="planned")
    assert last.invoice == again(void).reissued
    complete(last, by=finance, at=case.at, number="V2")
    assert second.invoices_are_dealt_with()
    left = [row.amount - row.reversed for row in Invoice.objects.all()]
    assert left == [0, 0]


def test_only_finance_plans_and_never_for_their_own_customer(case: Case) -> None:
    issue(case, 12_000_00)
    request, people = case.agreed(), case.people
    for person in (people.evaluator, people.approver, people.owner, people.superuser):
        with pytest.raises(NotPermitted):
            plan(request, by=person, at=case.at)
        with pytest.raises(NotPermitted):
            begin_invoicing(request, by=person, at=case.at)
    Membership.objects.create(
        customer=people.customer, user=people.finance, role=Membership.Role.MEMBER
    )
    with pytest.raises(NotPermitted, match="You belong to this customer"):
        plan(request, by=people.finance, at=case.at)
    assert taken(request) == []


def test_nothing_is_planned_before_money_was_agreed_on(case: Case) -> None:
    issue(case, 12_000_00)
    with pytest.raises(NotPermitted, match="between the agreement and the arrival"):
        plan(case.offered(), by=case.people.finance, at=case.at)


def sibling(case: Case) -> Case:
    """Another request of the same customer under the same contract."""
    [other] = more(case, 1)
    other.service.contract = case.service.contract
    other.service.save()
    Payment.objects.filter(allocations__service=other.service).update(
        customer=case.people.customer
    )
    return other
