"""F15, F20 to F22 by WeChat Pay: a notification is a hint; forged, late, doubled or
wrong, it moves nothing that the query does not say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from refunds.gateways.base import NotificationRefused
from refunds.gateways.sandbox.wechat_pay.notices import announce
from refunds.models import LegState, Merchant, Notification, PayoutLeg, RefundRequest
from refunds.payouts.hints import hear
from tests.refunds.payouts.till import Till, balances, leg_of
from tests.refunds.payouts.wechat_pay.counter import (
    AMOUNT,
    KEY,
    QUERY,
    REFUND,
    assert_paid_once,
    assert_waits_for_a_person,
    notification,
    refunds_in,
    sent_to_us,
    turn,
    wechat_pay,
)


@pytest.fixture
def sent(released: RefundRequest, till: Till) -> RefundRequest:
    """On its way, with a notification that will tell of it."""
    sent_to_us(till)
    till.work()
    return released


def told(till: Till, *, event: str = "") -> int:
    headers, body = notification(till, event=event)
    merchant = Merchant.objects.get(route="wechat_pay")
    return hear(merchant, headers=headers, body=body, at=till.at).status


def test_a_notification_brings_the_question_forward_and_decides_nothing(
    sent: RefundRequest, till: Till
) -> None:
    till.fails("not_yet", method=QUERY, times=None)
    till.work_for(rounds=7, seconds=61)
    assert till.work() == 0
    till.heals()
    assert told(till) == 204
    leg = leg_of(sent)
    assert (leg.state, leg.next_at) == (LegState.PROCESSING, till.at)
    assert balances() == {(AMOUNT, 0)}
    till.work()
    assert_paid_once(sent, till)
    hint = Notification.objects.get()
    assert (hint.key, hint.claimed, hint.amount) == (KEY, "succeeded", AMOUNT)
    assert hint.agrees is True


def test_told_ten_times_it_is_kept_once_and_asked_about_once(
    sent: RefundRequest, till: Till
) -> None:
    till.later(seconds=61)
    assert {told(till) for _again in range(10)} == {204}
    assert Notification.objects.count() == 1
    till.work()
    assert_paid_once(sent, till)
    assert told(till) == 204
    assert (till.work(), till.calls(QUERY)) == (0, 1)


def test_told_before_our_own_answer_came_it_does_not_disturb_what_is_being_sent(
    sent: RefundRequest, till: Till
) -> None:
    PayoutLeg.objects.update(state=LegState.PROCESSING)
    lease = leg_of(sent).next_at
    PayoutLeg.objects.update(state=LegState.UNKNOWN)
    PayoutLeg.objects.update(state=LegState.HELD)
    PayoutLeg.objects.update(state=LegState.SENDING)
    assert told(till) == 204
    assert (leg_of(sent).state, leg_of(sent).next_at) == (LegState.SENDING, lease)


def test_told_of_a_success_that_the_query_does_not_know_nothing_is_paid(
    sent: RefundRequest, till: Till
) -> None:
    """F22."""
    told(till)
    till.work()
    assert leg_of(sent).state == LegState.PROCESSING
    assert balances() == {(AMOUNT, 0)}
    assert Notification.objects.get().agrees is False


def test_told_of_another_amount_it_is_noted_and_the_query_decides(
    sent: RefundRequest, till: Till
) -> None:
    (refund,) = refunds_in(till)
    route = wechat_pay(till)
    wrong = replace(refund, amount_minor=AMOUNT + 1)
    with till.sandbox.ledger.transaction() as books:
        announce(books, wrong, url="http://127.0.0.1:9/", key=route.keys.api_v3)
    till.later(seconds=61)
    told(till)
    till.work()
    assert_paid_once(sent, till)
    assert Notification.objects.get().agrees is False


def test_an_old_message_after_the_success_changes_nothing(
    sent: RefundRequest, till: Till
) -> None:
    """F21: out of order."""
    turn(till, "ABNORMAL")
    turn(till, "SUCCESS")
    till.later(seconds=61)
    till.work()
    assert_paid_once(sent, till)
    told(till, event="ABNORMAL")
    till.work()
    assert_paid_once(sent, till)


def test_told_that_it_is_abnormal_it_is_asked_and_then_a_person_acts(
    sent: RefundRequest, till: Till
) -> None:
    """F15: never an ordinary refund again."""
    till.later(seconds=5)
    turn(till, "ABNORMAL")
    told(till)
    till.work()
    assert_waits_for_a_person(sent, "ABNORMAL")
    till.work_for(rounds=3, days=1)
    assert (till.calls(REFUND), len(refunds_in(till))) == (1, 1)


@pytest.mark.parametrize(
    ("minutes", "code"), [(6, "stale"), (-6, "future"), (0, "bad_signature")]
)
def test_what_is_forged_or_not_of_now_is_not_kept(
    minutes: int, code: str, sent: RefundRequest, till: Till
) -> None:
    """F20."""
    headers, body = notification(till)
    forged = body if minutes else body.replace(b"REFUND", b"RETURN")
    merchant = Merchant.objects.get(route="wechat_pay")
    before = PayoutLeg.objects.values().get()
    with pytest.raises(NotificationRefused) as refused:
        hear(
            merchant,
            headers=headers,
            body=forged,
            at=till.at + timedelta(minutes=minutes),
        )
    assert refused.value.code == code
    assert not Notification.objects.exists()
    assert PayoutLeg.objects.values().get() == before
