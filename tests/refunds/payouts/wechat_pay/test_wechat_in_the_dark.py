"""F1 to F6, F12, F18 by WeChat Pay: what was not heard is asked about, and the same key
is sent again only where nothing is found under it."""

import pytest

from refunds.models import LegState, PayoutCall, RefundRequest
from refunds.states import State
from tests.refunds.payouts.till import Till, balances, kinds_of, leg_of, state_of
from tests.refunds.payouts.wechat_pay.counter import (
    AMOUNT,
    QUERY,
    REFUND,
    assert_one_key,
    assert_paid_once,
)

IN_THE_DARK_AFTER_BOOKING = (
    "timeout_after_commit",  # F1
    "reset_mid_answer",  # F3
    "truncated_json",
    "http_502_after",  # F4
    "code_after:500:SYSTEM_ERROR",  # F5
    "429_after",  # F6
    "bad_signature",  # F18
    "missing_signature",
    "wrong_key_signature",
    "unknown_serial",
)
BADLY_SIGNED = ("missing_signature", "wrong_key_signature")
IN_THE_DARK_BEFORE_BOOKING = (
    "timeout_before_commit",  # F2
    "http_500_before",  # F4
    "code:500:SYSTEM_ERROR",
    "code:429:FREQUENCY_LIMITED",
)


def test_a_refund_is_accepted_asked_about_and_settled(
    released: RefundRequest, till: Till
) -> None:
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.provider_number[:4]) == (LegState.PROCESSING, "5030")
    assert state_of(released) is State.PAYING
    assert balances() == {(AMOUNT, 0)}
    till.later(seconds=61)
    till.work()
    assert_paid_once(released, till)
    assert_one_key(till)
    assert kinds_of(released)[-4:-2] == ["payout_sent", "payout_processing"]


@pytest.mark.parametrize("fault", IN_THE_DARK_AFTER_BOOKING)
def test_what_was_booked_in_the_dark_is_found_by_asking(
    fault: str, released: RefundRequest, till: Till
) -> None:
    till.fails(fault, method=REFUND)
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.unknown_since) == (LegState.UNKNOWN, till.at)
    assert balances() == {(AMOUNT, 0)}
    till.later(seconds=61)
    till.work()
    assert_paid_once(released, till)
    assert_one_key(till)
    assert till.calls(REFUND) == till.calls(QUERY) == 1


@pytest.mark.parametrize("fault", IN_THE_DARK_BEFORE_BOOKING)
def test_what_was_never_booked_is_sent_again_under_the_same_key(
    fault: str, released: RefundRequest, till: Till
) -> None:
    till.fails(fault, method=REFUND)
    till.work()
    assert leg_of(released).state == LegState.UNKNOWN
    assert till.moved() == []
    till.later(seconds=61)
    till.work_for(rounds=4, minutes=2)
    assert_paid_once(released, till)
    assert_one_key(till)
    kinds = [call.kind for call in PayoutCall.objects.order_by("pk")]
    assert kinds[:3] == ["submit", "query", "submit"]


@pytest.mark.parametrize("fault", BADLY_SIGNED)
def test_a_question_whose_answer_nobody_signed_rightly_is_asked_again(
    fault: str, released: RefundRequest, till: Till
) -> None:
    till.work()
    till.later(seconds=61)
    till.fails(fault, method=QUERY, times=2)
    for _again in range(2):
        till.work()
        assert leg_of(released).state == LegState.UNKNOWN
        assert balances() == {(AMOUNT, 0)}
        till.later(seconds=61)
    assert set(
        PayoutCall.objects.filter(kind="query").values_list("signature_ok", flat=True)
    ) == {False}
    till.work()
    assert_paid_once(released, till)
    assert till.calls(REFUND) == 1


@pytest.mark.parametrize("fault", ["http_502_after", "429_after"])
def test_a_question_that_is_answered_in_the_dark_is_asked_again(
    fault: str, released: RefundRequest, till: Till
) -> None:
    till.fails(fault, method=QUERY, times=2)
    till.work()
    till.later(seconds=61)
    till.work_for(rounds=3, seconds=61)
    assert_paid_once(released, till)
    assert till.calls(REFUND) == 1


def test_a_delayed_success_stays_under_way_and_is_sent_once(
    released: RefundRequest, till: Till
) -> None:
    """F12: asked each minute, then more and more rarely."""
    till.fails("not_yet", method=QUERY, times=8)
    till.work()
    for minutes in (1, 1, 1, 1, 1, 5, 10, 20):
        till.later(minutes=minutes, seconds=1)
        assert till.work() == 1
        assert leg_of(released).state == LegState.PROCESSING
    till.later(minutes=29)
    assert till.work() == 0
    till.later(minutes=2)
    till.work()
    assert_paid_once(released, till)
    assert (till.calls(REFUND), till.calls(QUERY)) == (1, 9)


def test_a_slow_answer_within_the_time_out_is_an_answer(
    released: RefundRequest, till: Till
) -> None:
    till.fails("slow:0.05", method=REFUND)
    till.work()
    assert leg_of(released).state == LegState.PROCESSING
