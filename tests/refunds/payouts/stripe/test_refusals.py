"""What Stripe refuses: what cures it, who acts, and that nothing moves meanwhile."""

import pytest

from refunds.errors import RefundError
from refunds.gateways.base import Outcome
from refunds.gateways.sandbox.rows import Refund
from refunds.models import LegState, RefundRequest
from refunds.payouts.retry import retry
from refunds.payouts.stop import self_check
from refunds.states import State
from tests.people import Case, People
from tests.refunds.payouts.stripe.desk import (
    AMOUNT,
    CREATE,
    KEY,
    PAYMENT,
    assert_free_and_blocked,
    assert_paid_once,
    assert_waits_for_a_person,
    fails,
    merchant,
    turn,
)
from tests.refunds.payouts.till import Till, balances, leg_of, state_of


def book(till: Till, key: str, amount: int) -> None:
    """A refund that somebody made in Stripe's dashboard."""
    with till.sandbox.ledger.transaction() as books:
        books.book(
            Refund(
                route="stripe",
                trade_no=PAYMENT,
                key=key,
                amount_minor=amount,
                at=till.sandbox.clock.now(),
                status="succeeded",
                number=f"re_{key}",
                traits={"metadata": {"key": key} if key == KEY else {}},
            )
        )


@pytest.mark.parametrize(
    "code",
    [
        "something_never_heard_of",  # F24
        "resource_missing",
        "charge_disputed",
        "payment_intent_unexpected_state",
        "idempotency_error",
    ],
)
def test_what_nobody_can_cure_by_waiting_is_not_tried_again(
    code: str, released: RefundRequest, till: Till
) -> None:
    fails(till, f"error:400:{code}")
    till.work_for(rounds=6, hours=5)
    assert_waits_for_a_person(released, code)
    assert till.calls(CREATE) == 1
    assert till.moved() == []


def test_too_many_calls_are_held_and_sent_under_the_same_key(
    released: RefundRequest, till: Till
) -> None:
    fails(till, "error:429:rate_limit", times=2)
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.unknown_since) == (LegState.HELD, None)
    till.work_for(rounds=5, minutes=1)
    assert_paid_once(released, till)
    assert till.calls(CREATE) == 3


@pytest.mark.parametrize("fault", ["error:401:api_key_expired", "error:403:"])
def test_a_refusal_of_our_key_stops_the_merchant_until_the_self_check_works(
    fault: str, released: RefundRequest, till: Till
) -> None:
    """F25."""
    fails(till, fault)
    till.work()
    assert merchant().stopped_at == till.at
    till.work_for(rounds=3, minutes=2)
    assert till.calls(CREATE) == 1
    assert leg_of(released).state == LegState.HELD
    assert self_check(merchant(), at=till.at).outcome is Outcome.NOT_SEEN
    till.work_for(rounds=3, minutes=1)
    assert_paid_once(released, till)


def test_a_card_payment_waits_at_stripe_for_our_money(
    released: RefundRequest, till: Till
) -> None:
    """F13: pending, which finance can read; no second call."""
    with till.sandbox.ledger.transaction() as books:
        books.set_funds("stripe", AMOUNT - 1)
    till.work_for(rounds=3, hours=7)
    leg = leg_of(released)
    assert (leg.state, leg.code) == (LegState.PROCESSING, "insufficient_funds")
    assert till.moved() == []
    with till.sandbox.ledger.transaction() as books:
        books.set_funds("stripe", AMOUNT)
    till.work_for(rounds=2, days=1)
    assert_paid_once(released, till)
    assert till.calls(CREATE) == 1


def test_other_payments_are_refused_without_our_money_and_need_a_new_key(
    released: RefundRequest, till: Till, case: Case, people: People
) -> None:
    """F13: the refusal stays under the old key for a day, so that one is done with."""
    with till.sandbox.ledger.transaction() as books:
        (trade,) = books.trades()
        books.put_trade(type(trade)(**{**vars(trade), "traits": {"method": "alipay"}}))
        books.set_funds("stripe", 0)
    till.work_for(rounds=2, minutes=11)
    assert_free_and_blocked(released, LegState.FAILED, "balance_insufficient")
    with till.sandbox.ledger.transaction() as books:
        books.set_funds("stripe", AMOUNT)
    retry(released, by=people.finance, at=till.at)
    till.work_for(rounds=3, minutes=1)
    assert_paid_once(released, till, key="RF2026000001L1A2", keys=2)


@pytest.mark.parametrize(
    "why", ["lost_or_stolen_card", "expired_or_canceled_card", "declined"]
)
def test_a_card_that_takes_nothing_closes_the_route(
    why: str, released: RefundRequest, till: Till, people: People
) -> None:
    """F16."""
    till.work()
    turn(till.sandbox, f"failed:{why}")
    till.later(minutes=1)
    till.work()
    assert_free_and_blocked(released, LegState.ROUTE_CLOSED, why)
    with pytest.raises(RefundError, match="Another account"):
        retry(released, by=people.finance, at=till.at)
    assert till.moved() == []


@pytest.mark.parametrize("outcome", ["failed:unknown", "failed:declined", "canceled"])
def test_what_failed_after_an_unknown_outcome_is_proven_all_the_same(
    outcome: str, released: RefundRequest, till: Till
) -> None:
    fails(till, "timeout_after_commit")
    till.work()
    turn(till.sandbox, outcome)
    till.later(minutes=1)
    till.work()
    assert balances() == {(0, 0)}
    assert state_of(released) is State.PAYOUT_BLOCKED
    assert till.moved() == []


@pytest.mark.parametrize(
    ("outcome", "code"), [("failed:unknown", "unknown"), ("canceled", "canceled")]
)
def test_what_failed_goes_again_under_a_new_key(
    outcome: str, code: str, released: RefundRequest, till: Till, people: People
) -> None:
    till.work()
    turn(till.sandbox, outcome)
    till.later(minutes=1)
    till.work()
    assert_free_and_blocked(released, LegState.FAILED, code)
    retry(released, by=people.finance, at=till.at)
    till.work_for(rounds=3, minutes=1)
    assert_paid_once(released, till, key="RF2026000001L1A2", keys=2)


def test_what_needs_the_payer_waits_for_a_person_and_then_goes_on(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.work()
    turn(till.sandbox, "requires_action")
    till.later(minutes=1)
    till.work()
    assert_waits_for_a_person(released, "requires_action")
    turn(till.sandbox, "succeeded")
    retry(released, by=people.finance, at=till.at)
    till.work()
    assert_paid_once(released, till)
    assert till.calls(CREATE) == 1


def test_already_refunded_is_decided_by_the_list(
    released: RefundRequest, till: Till
) -> None:
    """Booked, but refused in words that only say that somebody was there before."""
    fails(till, "error:400:charge_already_refunded")
    book(till, KEY, AMOUNT)
    till.work()
    assert leg_of(released).state == LegState.UNKNOWN
    till.later(minutes=1)
    till.work()
    assert_paid_once(released, till)


@pytest.mark.parametrize(
    ("others", "code"),
    [(12_000_00, "already_done"), (5_000_00, "invalid_request_error")],
)
def test_what_was_refunded_in_the_dashboard_is_not_ours(
    others: int, code: str, released: RefundRequest, till: Till
) -> None:
    """F28: never taken for ours, whatever its amount; a person looks."""
    book(till, "dashboard", others)
    till.work_for(rounds=7, hours=2)
    assert_waits_for_a_person(released, code)
    assert till.moved() == [("dashboard", others)]


def test_a_refund_of_the_same_amount_is_not_taken_for_ours(
    released: RefundRequest, till: Till
) -> None:
    book(till, "dashboard", AMOUNT)
    fails(till, "timeout_before_commit")
    till.work_for(rounds=6, minutes=31)
    assert_waits_for_a_person(released, "invalid_request_error")
    assert till.moved() == [("dashboard", AMOUNT)]
