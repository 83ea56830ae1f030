"""What succeeded at Stripe may fail days later: the money is ours, the case opens."""

import pytest

from refunds.models import LegState, RefundRequest
from refunds.payouts.retry import retry
from refunds.states import State
from tests.people import People
from tests.refunds.payouts.stripe.desk import (
    AMOUNT,
    CREATE,
    KEY,
    LIST,
    asked_in_vain,
    assert_paid_once,
    turn,
)
from tests.refunds.payouts.till import Till, balances, kinds_of, leg_of, state_of


@pytest.fixture
def refunded(released: RefundRequest, till: Till) -> RefundRequest:
    till.work()
    till.later(minutes=1)
    till.work()
    assert_paid_once(released, till)
    return released


@pytest.mark.parametrize("why", ["failed:unknown", "failed:lost_or_stolen_card"])
def test_a_success_that_fails_days_later_opens_the_case_again(
    why: str, refunded: RefundRequest, till: Till
) -> None:
    """F17."""
    till.later(days=3)
    till.work()
    assert state_of(refunded) is State.REFUNDED
    turn(till.sandbox, why)
    till.later(days=1)
    till.work()
    leg = leg_of(refunded)
    assert (leg.state, leg.next_at) == (LegState.REVERSED, None)
    assert leg.code == why.partition(":")[2]
    assert till.moved() == []
    assert balances() == {(0, 0)}
    assert state_of(refunded) is State.PAYOUT_BLOCKED
    assert kinds_of(refunded)[-2:] == ["payout_reversed", "reopen"]
    assert refunded.deadlines.filter(kind="payout_blocked", closed_at=None).exists()


def test_what_came_back_goes_again_under_a_new_key(
    refunded: RefundRequest, till: Till, people: People
) -> None:
    turn(till.sandbox, "failed:unknown")
    till.later(days=1)
    till.work()
    retry(refunded, by=people.finance, at=till.at)
    till.work_for(rounds=3, minutes=1)
    assert_paid_once(refunded, till, key=KEY.replace("A1", "A2"), keys=2)


def test_a_success_is_looked_at_for_forty_days_and_no_longer(
    refunded: RefundRequest, till: Till
) -> None:
    before = till.calls(LIST)
    settled_at = leg_of(refunded).settled_at
    assert settled_at is not None
    last = settled_at
    for _look in range(30):
        leg = leg_of(refunded)
        if leg.next_at is None:
            break
        last = leg.next_at
        till.later(seconds=(leg.next_at - till.at).total_seconds())
        till.work()
        assert leg_of(refunded).state == LegState.SUCCEEDED
    assert (last - settled_at).days == 40
    assert till.calls(LIST) - before == 17
    assert till.calls(CREATE) == 1
    assert balances() == {(0, AMOUNT)}


@pytest.mark.parametrize("fault", ["error:500:", "not_listed", "error:401:"])
def test_a_look_that_tells_nothing_undoes_nothing(
    fault: str, refunded: RefundRequest, till: Till
) -> None:
    asked_in_vain(till, fault)
    till.later(days=1)
    till.work()
    assert_paid_once(refunded, till)
    assert leg_of(refunded).next_at is not None
