"""F13, F14, F16, F17, F24 to F26 by WeChat Pay: what each refusal and each ending means
for the money and for who acts."""

from datetime import timedelta

import pytest

from refunds.errors import RefundError
from refunds.gateways.base import Outcome
from refunds.gateways.sandbox.wechat_pay.keys import NEXT_SERIAL
from refunds.models import LegState, Merchant, PayoutCall, PayoutLeg, RefundRequest
from refunds.payouts.retry import retry
from refunds.payouts.stop import self_check
from refunds.states import State
from tests.people import People
from tests.refunds.payouts.till import Till, balances, leg_of, legs_of, state_of
from tests.refunds.payouts.wechat_pay.counter import (
    AMOUNT,
    KEY,
    NEXT_KEY,
    QUERY,
    REFUND,
    assert_one_key,
    assert_paid_once,
    assert_waits_for_a_person,
    has_funds,
    refunds_in,
    trade_is,
    turn,
)


def test_too_little_on_our_balance_is_topped_up_and_paid_under_the_same_key(
    released: RefundRequest, till: Till
) -> None:
    """F13."""
    has_funds(till, AMOUNT - 1)
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.code) == (LegState.HELD, "NOT_ENOUGH")
    assert state_of(released) is State.PAYING
    has_funds(till, AMOUNT)
    till.later(minutes=11)
    till.work_for(rounds=3, seconds=61)
    assert_paid_once(released, till)
    assert_one_key(till)
    assert till.calls(REFUND) == 2


def test_what_lacked_funds_for_a_week_is_closed_and_paid_under_a_new_key(
    released: RefundRequest, till: Till, people: People
) -> None:
    """F14. Only WeChat Pay's own CLOSED proves that a new number is safe."""
    trade_is(till, short_of_funds="waits")
    has_funds(till, 0)
    till.work()
    till.work_for(rounds=8, days=1)
    (leg,) = legs_of(released)
    assert (leg.state, leg.code) == (LegState.FAILED, "CLOSED")
    assert balances() == {(0, 0)}
    assert state_of(released) is State.PAYOUT_BLOCKED
    has_funds(till, None)
    retry(released, by=people.finance, at=till.at)
    till.work_for(rounds=3, seconds=61)
    assert_paid_once(released, till, key=NEXT_KEY)
    assert [refund.status for refund in refunds_in(till)] == ["CLOSED", "SUCCESS"]


def test_money_that_comes_while_it_waits_pays_it_once(
    released: RefundRequest, till: Till
) -> None:
    trade_is(till, short_of_funds="waits")
    has_funds(till, 0)
    till.work_for(rounds=3, days=1)
    assert leg_of(released).state == LegState.PROCESSING
    has_funds(till, AMOUNT)
    till.work_for(rounds=3, days=1)
    assert_paid_once(released, till)
    assert_one_key(till)


def test_a_payer_who_is_gone_closes_the_route_and_frees_the_money(
    released: RefundRequest, till: Till, people: People
) -> None:
    """F16."""
    trade_is(till, payer="gone")
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.code) == (LegState.ROUTE_CLOSED, "USER_ACCOUNT_ABNORMAL")
    assert balances() == {(0, 0)}
    assert state_of(released) is State.PAYOUT_BLOCKED
    till.work_for(rounds=3, hours=1)
    with pytest.raises(RefundError, match="nother account"):
        retry(released, by=people.finance, at=till.at)
    assert (till.calls(REFUND), till.moved()) == (1, [])


def test_what_came_back_from_the_bank_days_later_reopens_the_request(
    released: RefundRequest, till: Till
) -> None:
    """F17. It is parked at WeChat Pay: it counts as under way, not as ours."""
    till.work()
    till.later(seconds=61)
    till.work()
    assert state_of(released) is State.REFUNDED
    turn(till, "ABNORMAL")
    till.later(days=1, minutes=1)
    till.work()
    assert_waits_for_a_person(released, "ABNORMAL")


@pytest.mark.parametrize(
    "refusal",
    [
        "403:NEVER_HEARD_OF",  # F24
        "403:NO_AUTH",
        "400:PARAM_ERROR",
        "404:RESOURCE_NOT_EXISTS",
    ],
)
def test_what_waiting_does_not_cure_is_not_tried_again(
    refusal: str, released: RefundRequest, till: Till
) -> None:
    till.fails(f"code:{refusal}", method=REFUND)
    till.work_for(rounds=3, hours=1)
    assert_waits_for_a_person(released, refusal.partition(":")[2])
    assert (till.calls(REFUND), till.calls(QUERY)) == (1, 0)


def test_already_done_is_decided_by_asking(released: RefundRequest, till: Till) -> None:
    till.fails("code_after:400:INVALID_REQUEST", method=REFUND)
    till.work()
    assert leg_of(released).state == LegState.UNKNOWN
    till.later(seconds=61)
    till.work()
    assert_paid_once(released, till)
    assert till.calls(REFUND) == 1


def test_already_done_and_not_there_is_for_a_person(
    released: RefundRequest, till: Till
) -> None:
    till.fails("code:400:INVALID_REQUEST", method=REFUND)
    till.work_for(rounds=6, seconds=61)
    assert_waits_for_a_person(released, "already_done")
    assert till.calls(REFUND) == 1


def test_success_of_another_amount_is_looked_at_by_a_person(
    released: RefundRequest, till: Till
) -> None:
    till.fails("wrong_amount", method=QUERY)
    till.work()
    till.later(seconds=61)
    till.work()
    assert_waits_for_a_person(released, "evidence_differs")
    assert till.moved() == [(KEY, AMOUNT)]


def test_money_that_went_by_another_channel_is_said_on_the_call(
    released: RefundRequest, till: Till
) -> None:
    trade_is(
        till,
        channel="OTHER_BANKCARD",
        account="招商银行信用卡0403",
        payer_refund=AMOUNT - 5_00,
    )
    till.work()
    till.later(seconds=61)
    till.work()
    assert_paid_once(released, till)
    said = PayoutCall.objects.get(kind="query").message
    for words in ("OTHER_BANKCARD", "招商银行信用卡0403", str(AMOUNT - 5_00)):
        assert words in said


def test_a_clock_six_minutes_off_stops_the_merchant_until_it_is_right(
    released: RefundRequest, till: Till
) -> None:
    """F25. Nothing was executed: the same key goes once the clock is right."""
    till.at += timedelta(minutes=6)
    till.work()
    merchant = Merchant.objects.get(route="wechat_pay")
    assert (merchant.stopped_code, merchant.stopped_at) == ("SIGN_ERROR", till.at)
    assert self_check(merchant, at=till.at).outcome is Outcome.REJECTED
    till.work_for(rounds=2, minutes=2)
    assert (leg_of(released).state, till.moved()) == (LegState.HELD, [])
    till.sandbox.clock.advance(360)
    assert self_check(merchant, at=till.at).outcome is Outcome.NOT_SEEN
    till.work_for(rounds=3, seconds=61)
    assert_paid_once(released, till)


def test_while_the_platform_changes_keys_both_are_accepted_then_the_old_one_is_not(
    released: RefundRequest, till: Till
) -> None:
    """F26."""
    till.fails("next_key", method=REFUND)
    till.work()
    assert leg_of(released).state == LegState.PROCESSING
    merchant = Merchant.objects.get(route="wechat_pay")
    secrets = merchant.secrets
    merchant.settings |= {"platform_serial": NEXT_SERIAL, "next_platform_serial": ""}
    merchant.set_secrets(secrets | {"platform_key": secrets["next_platform_key"]})
    merchant.save()
    till.later(seconds=61)
    till.work()
    assert leg_of(released).state == LegState.UNKNOWN
    assert PayoutCall.objects.latest("pk").signature_ok is False
    till.fails("next_key", method=QUERY)
    till.later(seconds=61)
    till.work()
    assert_paid_once(released, till)
    assert PayoutLeg.objects.count() == 1
