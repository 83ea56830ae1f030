"""Money that comes back days later opens its request again, whatever it had become;
what was carried out beside it is not carried out twice."""

from datetime import timedelta

import pytest

from refunds.gateways.base import Outcome, Result
from refunds.models import LegState, Notice, Offer, RefundRequest
from refunds.notices.mail import compose
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.payouts.send import send_due
from refunds.review.answers import accept
from refunds.review.approval import approve
from refunds.review.fulfilment import fulfil
from refunds.review.offer import offer
from refunds.states import State
from tests.people import Case
from tests.refunds.pages.visits import clock_stands_still as clock_stands_still
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.pages.visits import reads, visitor
from tests.refunds.payouts.another_account import (
    CLOSED,
    REVERSED,
    Blocked,
    hears,
    succeeds,
)
from tests.refunds.payouts.till import Till, balances, kinds_of, leg_of, legs_of

AMOUNT = 10_000_00


def money_and_a_month_more(case: Case) -> RefundRequest:
    offer(
        case.in_evaluation(),
        by=case.people.evaluator,
        at=case.at,
        amount=AMOUNT,
        reason="And a month more.",
        alternative=Offer.Alternative.EXTENSION,
        alternative_words="A month more.",
    )
    approve(case.request, by=case.people.approver, at=case.at)
    accept(case.request, by=case.people.owner, at=case.at)
    return case.request


@pytest.fixture
def fulfilled(case: Case, till: Till) -> RefundRequest:
    """The money is back, and what was agreed beside it is carried out."""
    request = money_and_a_month_more(case)
    case.known_to(till.sandbox)
    release(request, by=case.people.finance, at=till.at)
    till.work_for(rounds=3, seconds=11)
    assert case.request.state == State.FULFILLING
    fulfil(case.request, by=case.people.evaluator, at=till.at, words="Extended.")
    assert case.request.state == State.FULFILLED
    return case.request


def comes_back(request: RefundRequest, till: Till) -> None:
    till.later(days=3)
    hears(leg_of(request), REVERSED, at=till.at)


def goes_again(case: Case, till: Till) -> None:
    """The sandbox's own books know nothing of the reversal, so it is not asked."""
    retry(case.request, by=case.people.finance, at=till.at)
    again = legs_of(case.request)[-1]
    assert (again.attempt, again.state) == (2, LegState.PREPARED)
    for result in (Result(Outcome.PROCESSING), succeeds(again)):
        hears(again, result, at=till.at)


def test_from_fulfilled_over_a_reversal_to_refunded(
    fulfilled: RefundRequest, till: Till, case: Case
) -> None:
    comes_back(fulfilled, till)
    request = case.request
    assert request.state == State.PAYOUT_BLOCKED
    assert leg_of(request).state == LegState.REVERSED
    assert balances() == {(0, 0)}
    assert request.alternative_done
    event = request.events.get(kind="reopen")
    assert event.data == {"key": leg_of(request).key, "amount": AMOUNT}
    goes_again(case, till)
    request = case.request
    assert request.state == State.REFUNDED
    assert balances() == {(0, AMOUNT)}
    kinds = kinds_of(request)
    assert kinds.count("carry_out") == kinds.count("fulfil") == 1
    assert kinds[-1] == "settle"
    page = reads(visitor(case.people.owner), f"/requests/{request.number}/")
    assert "Carried out." in page
    assert "Carried out once the money has arrived." not in page
    assert not request.deadlines.filter(closed_at=None).exists()


def test_both_sides_are_told_and_see_it(
    fulfilled: RefundRequest, till: Till, case: Case
) -> None:
    comes_back(fulfilled, till)
    last = Notice.objects.order_by("-pk")[:2]
    told = {(notice.kind, notice.recipient.name): notice for notice in last}
    assert set(told) == {
        ("customer_payout_blocked", "owner"),
        ("staff_reopened", "lead"),
    }
    customer = compose(told["customer_payout_blocked", "owner"])
    assert "came back to us" in customer.subject
    body = " ".join(str(customer.body).split())
    assert "CNY 10,000.00 of the refund" in body.replace("\N{NO-BREAK SPACE}", " ")
    assert "dback_F" in body
    assert "Name another account" in body
    assert body.count("http") == 1
    assert f"/requests/{fulfilled.number}/account/" in body
    staff = compose(told["staff_reopened", "lead"])
    assert "the money came back" in staff.subject
    assert "/admin/refunds/refundrequest/" in str(staff.body)
    owner = visitor(case.people.owner)
    page = reads(owner, f"/requests/{fulfilled.number}/")
    assert "Came back to us on Thu 19 Nov 2026" in page
    assert "came back to us" in reads(owner, f"/requests/{fulfilled.number}/receipt/")


def test_what_was_not_carried_out_yet_is_carried_out_after(
    case: Case, till: Till
) -> None:
    request = money_and_a_month_more(case)
    case.known_to(till.sandbox)
    release(request, by=case.people.finance, at=till.at)
    till.work_for(rounds=3, seconds=11)
    comes_back(request, till)
    assert case.request.state == State.PAYOUT_BLOCKED
    goes_again(case, till)
    assert case.request.state == State.FULFILLING
    assert kinds_of(request).count("carry_out") == 2


def test_it_may_come_back_and_go_to_another_account(
    fulfilled: RefundRequest, till: Till, case: Case
) -> None:
    comes_back(fulfilled, till)
    held_up = Blocked(case, till.at)
    account = held_up.approved()
    first, second = legs_of(fulfilled)
    assert (second.account, second.route) == (account, "bank_transfer")
    send_due(clock=lambda: till.at + timedelta(seconds=1))
    hears(legs_of(fulfilled)[-1], CLOSED, at=till.at)
    assert case.request.state == State.PAYOUT_BLOCKED
    assert kinds_of(fulfilled).count("reopen") == 1
    assert first.key != second.key
