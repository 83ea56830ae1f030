"""Whatever happens to a call to Stripe, the money goes back once, under one key."""

from dataclasses import replace

import pytest

from refunds.gateways.registry import gateway_of
from refunds.gateways.sandbox.stripe.route import KEPT_FOR
from refunds.gateways.stripe import Stripe
from refunds.models import LegState, Merchant, PayoutCall, RefundRequest
from refunds.payouts.retry import retry
from refunds.payouts.send import LEASE
from refunds.states import State
from tests.people import People
from tests.refunds.payouts.stripe.desk import (
    AMOUNT,
    CREATE,
    KEY,
    LIST,
    asked_in_vain,
    assert_paid_once,
    assert_waits_for_a_person,
    fails,
    merchant,
)
from tests.refunds.payouts.till import Till, balances, leg_of, state_of

IN_THE_DARK_AFTER_BOOKING = (
    "timeout_after_commit",  # F1
    "reset_mid_answer",  # F3
    "truncated_json",
    "html_error_page",
    "http_502_after",  # F4
    "stored_500_after",  # F7
)
IN_THE_DARK_BEFORE_BOOKING = (
    "timeout_before_commit",  # F2
    "http_500_before",  # F4
    "error:503:",
    "error:409:idempotency_key_in_use",
)


def test_a_refund_is_accepted_asked_about_and_settled(
    released: RefundRequest, till: Till
) -> None:
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.code) == (LegState.PROCESSING, "processing")
    assert balances() == {(AMOUNT, 0)}
    till.later(minutes=1)
    till.work()
    assert_paid_once(released, till)
    assert leg_of(released).provider_number.startswith("re_")
    assert till.calls(CREATE) == till.calls(LIST) == 1


@pytest.mark.parametrize("fault", IN_THE_DARK_AFTER_BOOKING)
def test_what_was_booked_in_the_dark_is_found_by_listing(
    fault: str, released: RefundRequest, till: Till
) -> None:
    fails(till, fault)
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.unknown_since) == (LegState.UNKNOWN, till.at)
    assert balances() == {(AMOUNT, 0)}
    till.later(minutes=1)
    till.work()
    assert_paid_once(released, till)
    assert till.calls(CREATE) == till.calls(LIST) == 1


@pytest.mark.parametrize("fault", IN_THE_DARK_BEFORE_BOOKING)
def test_what_was_never_booked_is_sent_again_under_the_same_key(
    fault: str, released: RefundRequest, till: Till
) -> None:
    fails(till, fault)
    till.work()
    assert leg_of(released).state == LegState.UNKNOWN
    assert till.moved() == []
    till.work_for(rounds=4, minutes=6)
    assert_paid_once(released, till)
    kinds = [call.kind for call in PayoutCall.objects.order_by("pk")]
    assert kinds == ["submit", "query", "submit", "query"]


def test_a_fault_kept_under_the_key_is_not_asked_for_for_ever(
    released: RefundRequest, till: Till, people: People
) -> None:
    """F7, and F31: a person is asked; once the key is forgotten it goes again, after a
    look at the list."""
    fails(till, "stored_500_before")
    till.work_for(rounds=6, minutes=10)
    assert_waits_for_a_person(released, "stored_500")
    assert till.calls(CREATE) == 2
    assert till.moved() == []
    till.later(seconds=KEPT_FOR.total_seconds())
    retry(released, by=people.finance, at=till.at)
    till.work_for(rounds=4, minutes=6)
    assert_paid_once(released, till)


def test_a_key_that_was_forgotten_is_never_sent_before_a_look_at_the_list(
    released: RefundRequest, till: Till, people: People
) -> None:
    """F31: sent blindly after a day, the same key would move the money twice."""
    fails(till, "timeout_after_commit")
    asked_in_vain(till, "error:500:", times=None)
    till.work_for(rounds=7, hours=5)
    assert_waits_for_a_person(released, "unknown_for_24_hours")
    till.heals()
    retry(released, by=people.finance, at=till.at)
    till.work()
    assert_paid_once(released, till)
    assert till.calls(CREATE) == 1


def test_two_refunds_under_one_key_are_a_persons(
    released: RefundRequest, till: Till
) -> None:
    """F31: what the test above keeps from happening, done by hand."""
    till.work()
    with till.sandbox.ledger.transaction() as books:
        (trade,) = books.trades()
        books.put_trade(replace(trade, total_minor=3 * AMOUNT))
    till.later(seconds=KEPT_FOR.total_seconds())
    gateway = gateway_of(merchant())
    assert isinstance(gateway, Stripe)
    gateway.submit(leg_of(released).parameters, now=till.at)
    assert [amount for _key, amount in till.moved()] == [AMOUNT, AMOUNT]
    till.work()
    assert_waits_for_a_person(released, "several_refunds")


@pytest.mark.parametrize("fault", ["truncated_json", "http_502_after", "error:429:"])
def test_a_question_that_is_answered_in_the_dark_is_asked_again(
    fault: str, released: RefundRequest, till: Till
) -> None:
    asked_in_vain(till, fault, times=2)
    till.work_for(rounds=5, minutes=31)
    assert till.calls(CREATE) == 1
    assert_paid_once(released, till)


def test_a_refund_that_is_not_listed_at_once_is_not_sent_again(
    released: RefundRequest, till: Till
) -> None:
    asked_in_vain(till, "not_listed")
    till.work_for(rounds=4, minutes=6)
    assert till.calls(CREATE) == 1
    assert_paid_once(released, till)


def test_a_delayed_success_stays_under_way_for_days_and_is_sent_once(
    released: RefundRequest, till: Till
) -> None:
    asked_in_vain(till, "not_yet", times=7)
    till.work()
    for hours in (1, 1, 1, 7, 25, 25, 25):
        till.later(hours=hours)
        till.work()
        assert leg_of(released).state == LegState.PROCESSING
        assert state_of(released) is State.PAYING
    till.later(hours=25)
    till.work()
    assert_paid_once(released, till)
    assert till.calls(CREATE) == 1


def test_a_slow_answer_within_the_time_out_is_an_answer(
    released: RefundRequest, till: Till
) -> None:
    fails(till, "slow:0.05")
    till.work()
    assert leg_of(released).state == LegState.PROCESSING
    till.later(minutes=1)
    till.work()
    assert_paid_once(released, till)


def test_a_leg_found_in_the_air_after_a_crash_is_asked_about(
    released: RefundRequest, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: object, **_kwargs: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("refunds.payouts.send.apply", die)
        with pytest.raises(Killed):
            till.work()
    assert leg_of(released).state == LegState.SENDING
    till.later(seconds=LEASE.total_seconds() + 1)
    till.work()
    assert leg_of(released).state == LegState.UNKNOWN
    till.work_for(rounds=3, minutes=6)
    assert_paid_once(released, till)
    assert till.calls(CREATE) == 1


def test_while_nothing_listens_the_payout_waits_and_is_made_later(
    released: RefundRequest, till: Till
) -> None:
    stripe = Merchant.objects.filter(route="stripe")
    stripe.update(address="http://127.0.0.1:9")
    till.work_for(rounds=3, minutes=1)
    leg = leg_of(released)
    assert (leg.state, leg.unknown_since) == (LegState.HELD, None)
    stripe.update(address=till.sandbox.url)
    till.work_for(rounds=3, minutes=1)
    assert_paid_once(released, till)
    assert {call.key for call in till.sandbox.ledger.calls()} == {KEY, ""}
