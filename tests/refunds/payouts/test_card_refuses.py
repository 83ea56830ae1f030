"""F17: Alipay gave it back, and days later the bank did not take it for the card."""

import pytest

from refunds.models import LegState, RefundRequest
from refunds.states import State
from tests.refunds.payouts.till import Till, balances, kinds_of, leg_of, state_of

AMOUNT = 10_000_00


def turns(till: Till, request: RefundRequest, outcome: str) -> None:
    """What Alipay hears from the bank."""
    route = next(r for r in till.sandbox.routes if r.name == "alipay")
    with till.sandbox.ledger.transaction() as books:
        refund = books.refund("alipay", key=leg_of(request).key)
        assert refund
        books.change(route.turn(refund, outcome, books=books))


@pytest.fixture
def refunded(released: RefundRequest, till: Till) -> RefundRequest:
    till.work()
    till.later(seconds=11)
    till.work()
    assert state_of(released) is State.REFUNDED
    return released


def test_what_the_bank_refuses_reopens_the_request_as_a_doubt(
    refunded: RefundRequest, till: Till
) -> None:
    turns(till, refunded, "F")
    till.work_for(rounds=3, days=1)
    leg = leg_of(refunded)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "dback_F")
    assert leg.unknown_since
    assert leg.next_at is None
    assert balances() == {(AMOUNT, 0)}
    assert state_of(refunded) is State.PAYOUT_BLOCKED
    assert "reopen" in kinds_of(refunded)
    assert till.moved() == [(leg.key, AMOUNT)]


def test_what_arrives_on_the_card_stays_refunded(
    refunded: RefundRequest, till: Till
) -> None:
    turns(till, refunded, "S")
    till.work_for(rounds=20, days=1)
    leg = leg_of(refunded)
    assert (leg.state, leg.watches, leg.next_at) == (LegState.SUCCEEDED, 4, None)
    assert balances() == {(0, AMOUNT)}
    assert "reopen" not in kinds_of(refunded)


def test_what_the_bank_refused_before_we_asked_is_no_success(
    released: RefundRequest, till: Till
) -> None:
    till.work()
    turns(till, released, "F")
    till.later(minutes=2)
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.code) == (LegState.NEEDS_ACTION, "dback_F")
    assert balances() == {(AMOUNT, 0)}
    assert state_of(released) is State.PAYOUT_BLOCKED
