"""F21, F22: a notification makes us ask sooner; only the answer moves anything."""

from datetime import timedelta

import pytest

from refunds.gateways.alipay import Alipay as Adapter
from refunds.gateways.base import Parameters, Result
from refunds.gateways.sandbox.alipay.rules import BEIJING, TIME_FORMAT
from refunds.models import LegState, Notification, RefundRequest
from refunds.states import State
from tests.refunds.payouts.notifications.telling import Alipay
from tests.refunds.payouts.till import (
    QUERY,
    Till,
    balances,
    kinds_of,
    leg_of,
    state_of,
)

AMOUNT = 10_000_00


def assert_paid_once(request: RefundRequest, till: Till) -> None:
    assert till.moved() == [(leg_of(request).key, AMOUNT)]
    assert leg_of(request).state == LegState.SUCCEEDED
    assert balances() == {(0, AMOUNT)}
    assert state_of(request) is State.REFUNDED
    assert kinds_of(request).count("payout_succeeded") == 1


def test_what_it_says_is_asked_about_at_once(
    sent: RefundRequest, alipay: Alipay, till: Till
) -> None:
    till.fails("not_yet", method=QUERY)
    till.later(seconds=10)
    till.work()
    asked_again = leg_of(sent).next_at
    assert asked_again
    assert asked_again > till.at + timedelta(seconds=20)
    (body,) = alipay.bodies()
    assert alipay.tells(body).content == b"success"
    assert leg_of(sent).next_at == till.at
    assert leg_of(sent).state == LegState.PROCESSING
    till.work()
    assert_paid_once(sent, till)
    heard = Notification.objects.get()
    assert (heard.agrees, heard.amount, heard.leg) == (True, AMOUNT, leg_of(sent))


def test_ten_times_the_same_is_once(
    sent: RefundRequest, alipay: Alipay, till: Till
) -> None:
    (body,) = alipay.bodies()
    till.later(seconds=11)
    assert {alipay.tells(body).content for _again in range(10)} == {b"success"}
    assert till.work() == 1
    assert_paid_once(sent, till)
    before = leg_of(sent).next_at
    for _replay in range(10):
        assert alipay.tells(body).status_code == 200
    assert leg_of(sent).next_at == before
    assert Notification.objects.count() == till.calls(QUERY) == 1


def test_old_news_after_the_success_change_nothing(
    sent: RefundRequest, alipay: Alipay, till: Till
) -> None:
    """Another one, of before, comes late: it is asked about, and that is all."""
    (body,) = alipay.bodies()
    till.later(seconds=11)
    till.work()
    alipay.tells(body)
    alipay.tells(alipay.changed(body, notify_id="the one before"))
    till.work()
    assert_paid_once(sent, till)
    assert Notification.objects.count() == 2


def test_it_may_come_before_our_own_answer(
    released: RefundRequest,
    alipay: Alipay,
    till: Till,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    really, seen = Adapter.submit, []

    def is_told_meanwhile(
        self: Adapter, parameters: Parameters, *, now: object
    ) -> Result:
        result = really(self, parameters, now=till.at)
        (body,) = alipay.bodies()
        seen.append((alipay.tells(body).content, leg_of(released).state))
        return result

    monkeypatch.setattr(Adapter, "submit", is_told_meanwhile)
    till.work()
    assert seen == [(b"success", LegState.SENDING)]
    assert leg_of(released).state == LegState.PROCESSING
    till.later(seconds=11)
    till.work()
    assert_paid_once(released, till)


@pytest.mark.parametrize("fault", ["timeout_after_commit", "bad_signature"])
def test_it_settles_what_was_unknown_by_asking(
    fault: str, released: RefundRequest, alipay: Alipay, till: Till
) -> None:
    till.fails(fault)
    till.work()
    till.later(seconds=11)
    (body,) = alipay.bodies()
    alipay.tells(body)
    assert leg_of(released).state == LegState.UNKNOWN
    till.work()
    assert_paid_once(released, till)


def test_success_that_the_query_does_not_know_is_not_paid(
    sent: RefundRequest, alipay: Alipay, till: Till
) -> None:
    till.fails("not_yet", method=QUERY, times=None)
    till.later(seconds=10)
    (body,) = alipay.bodies()
    alipay.tells(body)
    till.work()
    assert leg_of(sent).state == LegState.PROCESSING
    assert Notification.objects.get().agrees is False
    assert balances() == {(AMOUNT, 0)}
    assert state_of(sent) is State.PAYING


def test_success_with_another_amount_in_the_query_needs_a_person(
    sent: RefundRequest, alipay: Alipay, till: Till
) -> None:
    till.fails("wrong_amount", method=QUERY)
    till.later(seconds=10)
    (body,) = alipay.bodies()
    alipay.tells(body)
    till.work()
    assert leg_of(sent).state == LegState.NEEDS_ACTION
    assert leg_of(sent).code == "evidence_differs"
    assert Notification.objects.get().agrees is False
    assert balances() == {(AMOUNT, 0)}
    assert state_of(sent) is State.PAYOUT_BLOCKED


def test_another_amount_in_what_we_are_told_is_seen_and_not_believed(
    sent: RefundRequest, alipay: Alipay, till: Till
) -> None:
    (body,) = alipay.bodies()
    till.later(seconds=11)
    alipay.tells(alipay.changed(body, send_back_fee="12000.00"))
    till.work()
    assert_paid_once(sent, till)
    assert Notification.objects.get().agrees is False


def test_a_refund_that_was_never_sent_stays_unsent(
    released: RefundRequest, alipay: Alipay, till: Till
) -> None:
    """Somebody made it in the merchant portal under our key: still only a hint."""
    till.fails("http_500_before")
    till.work()
    now = till.at.astimezone(BEIJING).strftime(TIME_FORMAT)
    body = alipay.changed(
        b"",
        app_id="2021000000000001",
        out_biz_no=leg_of(released).key,
        notify_id="n1",
        notify_time=now,
        gmt_refund=now,
    )
    assert alipay.tells(body).content == b"success"
    till.later(seconds=1)
    till.work()
    assert leg_of(released).state != LegState.SUCCEEDED
    assert till.moved() == []


def test_a_key_that_is_not_ours_is_kept_for_whoever_looks(
    sent: RefundRequest, alipay: Alipay
) -> None:
    (body,) = alipay.bodies()
    assert alipay.tells(alipay.changed(body, out_biz_no="PORTAL-1")).status_code == 200
    heard = Notification.objects.get()
    assert (heard.key, heard.leg) == ("PORTAL-1", None)
