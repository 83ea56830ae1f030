"""What a route refuses, each in its way: held, closed, for a person, or decided by
asking; and what no day makes clear."""

from dataclasses import replace

import pytest

from refunds.errors import RefundError
from refunds.gateways.base import Outcome, Result
from refunds.gateways.sandbox.rows import Refund
from refunds.models import LegState, Merchant, PayoutLeg, RefundRequest
from refunds.payouts.outcome import apply
from refunds.payouts.retry import retry
from refunds.payouts.stop import self_check
from refunds.states import State
from tests.people import People
from tests.refunds.payouts.counted import (
    AMOUNT,
    KEY,
    a_call,
    assert_paid_once,
    assert_waits_for_a_person,
)
from tests.refunds.payouts.till import (
    QUERY,
    REFUND,
    Till,
    balances,
    leg_of,
    state_of,
)


@pytest.mark.parametrize(
    "code",
    [
        "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        "ACQ.REFUND_CHARGE_ERROR",
        "ACQ.ENTERPRISE_PAY_BIZ_ERROR",
        "isv.app-call-limited",
    ],
)
def test_what_time_or_money_cures_is_held_and_sent_under_the_same_key(
    code: str, released: RefundRequest, till: Till
) -> None:
    """F13."""
    till.fails(f"sub_code:{code}", times=2)
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.code) == (LegState.HELD, code)
    assert state_of(released) is State.PAYING
    assert till.work() == 0
    till.work_for(rounds=5, minutes=11)
    assert_paid_once(released, till)
    assert till.calls(REFUND) == 3


@pytest.mark.parametrize("code", ["ACQ.BUYER_NOT_EXIST", "ACQ.TRADE_HAS_FINISHED"])
def test_a_closed_route_frees_the_money_and_blocks_the_payout(
    code: str, released: RefundRequest, till: Till, people: People
) -> None:
    """F16."""
    till.fails(f"sub_code:{code}")
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.code) == (LegState.ROUTE_CLOSED, code)
    assert balances() == {(0, 0)}
    assert state_of(released) is State.PAYOUT_BLOCKED
    till.work_for(rounds=5, hours=1)
    assert till.calls(REFUND) == 1
    with pytest.raises(RefundError, match="Another account"):
        retry(released, by=people.finance, at=till.at)
    assert state_of(released) is State.PAYOUT_BLOCKED
    assert till.moved() == []


def test_a_route_that_closes_after_an_unknown_outcome_frees_nothing(
    released: RefundRequest, till: Till
) -> None:
    """The first call may still be on its way: unknown counts as gone."""
    till.fails("timeout_before_commit")
    till.fails("sub_code:ACQ.BUYER_NOT_EXIST")
    till.work()
    till.work_for(rounds=4, seconds=11)
    assert_waits_for_a_person(released, "ACQ.BUYER_NOT_EXIST")


@pytest.mark.parametrize(
    "code",
    [
        "ACQ.SOMETHING_NEVER_HEARD_OF",  # F24
        "ACQ.OVERDRAFT_AGREEMENT_NOT_MATCH",
        "ACQ.TRADE_NOT_EXIST",
        "ACQ.TRADE_NOT_ALLOW_REFUND",
    ],
)
def test_a_code_that_nobody_can_cure_by_waiting_is_not_tried_again(
    code: str, released: RefundRequest, till: Till
) -> None:
    till.fails(f"sub_code:{code}")
    till.work()
    till.work_for(rounds=6, hours=5)
    assert_waits_for_a_person(released, code)
    assert till.calls(REFUND) == 1
    assert till.moved() == []


@pytest.mark.parametrize(
    "code", ["isv.invalid-timestamp", "isv.insufficient-isv-permissions"]
)
def test_a_refusal_of_our_configuration_stops_the_merchant_until_the_self_check_works(
    code: str, released: RefundRequest, till: Till
) -> None:
    """F25. Nothing was executed: the same key goes again once it is mended."""
    till.fails(f"sub_code:{code}")
    till.work()
    merchant = Merchant.objects.get(route="alipay")
    assert (merchant.stopped_code, merchant.stopped_at) == (code, till.at)
    till.work_for(rounds=3, minutes=2)
    assert till.calls(REFUND) == 1
    assert leg_of(released).state == LegState.HELD
    assert self_check(merchant, at=till.at).outcome is Outcome.NOT_SEEN
    till.work_for(rounds=3, seconds=11)
    assert_paid_once(released, till)


def test_already_done_is_decided_by_asking(released: RefundRequest, till: Till) -> None:
    """Booked, but refused in words that only say that somebody was there before."""
    till.fails("sub_code:ACQ.TRADE_HAS_CLOSE")
    leg = leg_of(released)
    with till.sandbox.ledger.transaction() as books:
        books.book(
            Refund(
                trade_no=leg.parameters["trade_no"],
                key=leg.key,
                amount_minor=leg.amount,
                at=till.sandbox.clock.now(),
            )
        )
    till.work()
    assert leg_of(released).state == LegState.UNKNOWN
    till.later(seconds=11)
    till.work()
    assert_paid_once(released, till)


def test_success_of_another_amount_is_looked_at_by_a_person(
    released: RefundRequest, till: Till
) -> None:
    till.fails("wrong_amount", method=QUERY)
    till.work()
    till.later(seconds=11)
    till.work()
    assert_waits_for_a_person(released, "evidence_differs")
    assert till.moved() == [(KEY, AMOUNT)]


def test_evidence_must_agree_in_everything(released: RefundRequest, till: Till) -> None:
    leg = leg_of(released)
    agrees = Result(
        Outcome.SUCCEEDED,
        amount=AMOUNT,
        currency="CNY",
        key=KEY,
        trade_number=leg.parameters["trade_no"],
    )
    for differs in (
        replace(agrees, amount=AMOUNT + 1),
        replace(agrees, amount=None),
        replace(agrees, currency="USD"),
        replace(agrees, key="RF2026000001L1A2"),
        replace(agrees, trade_number="2026000000000000000001"),
    ):
        PayoutLeg.objects.update(state=LegState.PROCESSING, next_at=till.at)
        apply(leg, differs, call=a_call(leg, at=till.at), claim=till.at, at=till.at)
        assert_waits_for_a_person(released, "evidence_differs")
    PayoutLeg.objects.update(state=LegState.PROCESSING, next_at=till.at)
    apply(leg, agrees, call=a_call(leg, at=till.at), claim=till.at, at=till.at)
    assert leg_of(released).state == LegState.SUCCEEDED


def test_unknown_for_a_day_needs_a_person(released: RefundRequest, till: Till) -> None:
    till.fails("timeout_before_commit:0")
    till.fails("http_502_after", method=QUERY, times=None)
    till.work()
    till.work_for(rounds=6, minutes=238)
    assert state_of(released) is State.PAYING
    till.work_for(rounds=3, minutes=61)
    assert_waits_for_a_person(released, "unknown_for_24_hours")
    assert till.calls(REFUND) == 1
