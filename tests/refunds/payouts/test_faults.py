"""Whatever happens to a call: the money goes back once, under one key, or a person
is asked. Each test counts in the gateway's own books."""

from datetime import timedelta

import pytest

from accounts.models import Payment
from refunds.errors import NotPermitted
from refunds.gateways.alipay import Alipay
from refunds.gateways.base import Outcome, Reason, Result
from refunds.models import LegState, PayoutCall, PayoutLeg, RefundRequest
from refunds.payouts.outcome import apply
from refunds.payouts.retry import retry
from refunds.payouts.send import LEASE, work
from refunds.states import State
from tests.people import People
from tests.refunds.payouts.counted import (
    AMOUNT,
    a_call,
    assert_paid_once,
    assert_waits_for_a_person,
)
from tests.refunds.payouts.till import (
    QUERY,
    REFUND,
    Till,
    balances,
    kinds_of,
    leg_of,
    state_of,
)

IN_THE_DARK_AFTER_BOOKING = (
    "timeout_after_commit",  # F1
    "reset_mid_answer",  # F3
    "truncated_json",
    "html_error_page",
    "http_502_after",  # F4
    "system_error_after",  # F5
    "code_20000_after",
    "bad_signature",  # F18
    "missing_signature",
    "wrong_key_signature",
)
IN_THE_DARK_BEFORE_BOOKING = ("timeout_before_commit", "http_500_before")  # F2, F4


def test_a_refund_is_accepted_asked_about_and_settled(
    released: RefundRequest, till: Till
) -> None:
    till.work()
    assert leg_of(released).state == LegState.PROCESSING
    assert state_of(released) is State.PAYING
    assert balances() == {(AMOUNT, 0)}
    till.later(seconds=11)
    till.work()
    assert_paid_once(released, till)
    assert kinds_of(released)[-4:-2] == ["payout_sent", "payout_processing"]


@pytest.mark.parametrize("fault", IN_THE_DARK_AFTER_BOOKING)
def test_what_was_booked_in_the_dark_is_found_by_asking(
    fault: str, released: RefundRequest, till: Till
) -> None:
    till.fails(fault)
    till.work()
    leg = leg_of(released)
    assert (leg.state, leg.unknown_since) == (LegState.UNKNOWN, till.at)
    assert balances() == {(AMOUNT, 0)}
    till.later(seconds=11)
    till.work()
    assert_paid_once(released, till)
    assert till.calls(REFUND) == till.calls(QUERY) == 1


@pytest.mark.parametrize("fault", IN_THE_DARK_BEFORE_BOOKING)
def test_what_was_never_booked_is_sent_again_under_the_same_key(
    fault: str, released: RefundRequest, till: Till
) -> None:
    till.fails(fault)
    till.work()
    assert leg_of(released).state == LegState.UNKNOWN
    assert till.moved() == []
    till.later(seconds=11)
    till.work_for(rounds=4, minutes=11)
    assert_paid_once(released, till)
    kinds = [call.kind for call in PayoutCall.objects.order_by("pk")]
    assert kinds[:3] == ["submit", "query", "submit"]


@pytest.mark.parametrize("fault", IN_THE_DARK_AFTER_BOOKING[1:4])
def test_a_question_that_is_answered_in_the_dark_is_asked_again(
    fault: str, released: RefundRequest, till: Till
) -> None:
    till.fails(fault, method=QUERY, times=3)
    till.work_for(rounds=5, minutes=11)
    assert till.calls(REFUND) == 1
    assert_paid_once(released, till)


@pytest.mark.parametrize("moves_before_the_kill", [True, False])
def test_a_leg_found_in_the_air_after_a_crash_is_asked_about(
    moves_before_the_kill: bool,  # noqa: FBT001
    released: RefundRequest,
    till: Till,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F8."""

    class Killed(BaseException):
        pass

    def die(leg: PayoutLeg, result: Result, **rest: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if moves_before_the_kill:
            patch.setattr("refunds.payouts.send.log_call", lambda *a, **k: None)
            patch.setattr("refunds.payouts.send.apply", die)
        else:
            patch.setattr(Alipay, "submit", die)
        with pytest.raises(Killed):
            till.work()
    assert leg_of(released).state == LegState.SENDING
    assert till.work() == 0  # The lease of the one who died still runs.
    till.later(seconds=LEASE.total_seconds() + 1)
    till.work()
    assert leg_of(released).state == LegState.UNKNOWN
    till.work_for(rounds=4, minutes=11)
    assert_paid_once(released, till)
    assert till.calls(REFUND) == 1


def test_a_slow_answer_within_the_time_out_is_an_answer(
    released: RefundRequest, till: Till
) -> None:
    till.fails("slow:0.05")
    till.work()
    assert leg_of(released).state == LegState.PROCESSING
    till.later(seconds=11)
    till.work()
    assert_paid_once(released, till)
    assert till.calls(REFUND) == 1


def test_a_delayed_success_stays_under_way_and_is_sent_once(
    released: RefundRequest, till: Till
) -> None:
    """F12."""
    till.fails("not_yet", method=QUERY, times=2)
    till.work()
    for seconds in (11, 31):
        till.later(seconds=seconds)
        till.work()
        assert leg_of(released).state == LegState.PROCESSING
    till.later(seconds=121)
    till.work()
    assert_paid_once(released, till)
    assert till.calls(REFUND) == 1


def test_finance_retries_by_asking_first_and_keeps_the_key(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    till.later(seconds=11)
    retry(released, by=people.finance, at=till.at)
    assert state_of(released) is State.PAYING
    leg = leg_of(released)
    assert (leg.state, leg.next_at) == (LegState.UNKNOWN, till.at)
    till.work_for(rounds=5, seconds=11)
    assert_paid_once(released, till)
    kinds = [call.kind for call in PayoutCall.objects.order_by("pk")]
    assert kinds == ["submit", "query", "submit", "query"]


def test_a_retry_after_the_money_had_moved_moves_nothing(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails("timeout_after_commit")
    till.fails("http_502_after", method=QUERY, times=None)
    till.work()
    till.work_for(rounds=6, hours=5)
    assert_waits_for_a_person(released, "unknown_for_24_hours")
    till.heals()
    retry(released, by=people.finance, at=till.at)
    till.work()
    assert_paid_once(released, till)
    assert till.calls(REFUND) == 1


def test_only_finance_retries(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    for user in (people.evaluator, people.approver, people.superuser, people.owner):
        with pytest.raises(NotPermitted, match="finance"):
            retry(released, by=user, at=till.at)
    assert state_of(released) is State.PAYOUT_BLOCKED


def test_what_comes_after_the_claim_was_lost_changes_nothing(
    released: RefundRequest, till: Till
) -> None:
    leg = leg_of(released)
    stale = till.at + LEASE
    PayoutLeg.objects.filter(pk=leg.pk).update(next_at=stale + timedelta(seconds=1))
    before = PayoutLeg.objects.filter(pk=leg.pk).values().get()
    events = kinds_of(released)
    for late in (
        Result(Outcome.PROCESSING),
        Result(Outcome.REJECTED, Reason.ROUTE_CLOSED),
        Result(Outcome.REJECTED, Reason.DATA),
        Result(Outcome.NOT_SEEN),
        Result(Outcome.UNKNOWN),
    ):
        apply(leg, late, call=a_call(leg, at=till.at), claim=stale, at=till.at)
    assert PayoutLeg.objects.filter(pk=leg.pk).values().get() == before
    assert kinds_of(released) == events
    assert balances() == {(AMOUNT, 0)}


def test_a_late_answer_does_not_undo_a_success(
    released: RefundRequest, till: Till
) -> None:
    leg = leg_of(released)
    till.work()
    till.later(seconds=11)
    till.work()
    for outcome in (Outcome.UNKNOWN, Outcome.NOT_SEEN, Outcome.SUCCEEDED):
        apply(
            leg,
            Result(outcome),
            call=a_call(leg, at=till.at),
            claim=till.at,
            at=till.at,
        )
    assert_paid_once(released, till)


def test_a_leg_is_not_worked_before_it_is_due_nor_during_a_lease(
    released: RefundRequest, till: Till
) -> None:
    leg = leg_of(released)
    assert not work(leg.pk, at=till.at - timedelta(seconds=1))
    PayoutLeg.objects.filter(pk=leg.pk).update(next_at=till.at + LEASE)
    assert not work(leg.pk, at=till.at)
    assert till.sandbox.ledger.calls() == []


def test_while_nothing_listens_the_payout_waits_and_is_made_later(
    released: RefundRequest, till: Till
) -> None:
    till.moves_to("http://127.0.0.1:9/gateway.do")
    till.work_for(rounds=3, minutes=1)
    leg = leg_of(released)
    assert (leg.state, leg.unknown_since) == (LegState.HELD, None)
    assert state_of(released) is State.PAYING
    till.moves_to(f"{till.sandbox.url}/gateway.do")
    till.work_for(rounds=3, minutes=1)
    assert_paid_once(released, till)


def test_a_payment_that_came_into_dispute_is_not_sent(
    released: RefundRequest, till: Till, people: People
) -> None:
    Payment.objects.update(disputed=True)
    till.work_for(rounds=3, minutes=1)
    assert_waits_for_a_person(released, "in_dispute")
    assert till.sandbox.ledger.calls() == []
    retry(released, by=people.finance, at=till.at)
    till.work_for(rounds=5, minutes=61)
    assert_waits_for_a_person(released, "in_dispute")
    assert till.moved() == []


def test_every_call_is_kept_as_it_was(released: RefundRequest, till: Till) -> None:
    till.fails("http_502_after")
    till.fails("bad_signature", method=QUERY)
    till.work_for(rounds=3, seconds=31)
    found = PayoutCall.objects.order_by("pk").values_list(
        "kind", "outcome", "http_status", "signature_ok"
    )
    assert list(found) == [
        ("submit", "unknown", 502, None),
        ("query", "unknown", 200, False),
        ("query", "succeeded", 200, True),
    ]


def test_two_workers_one_after_the_other_do_not_send_twice(
    released: RefundRequest, till: Till
) -> None:
    assert (till.work(), till.work()) == (1, 0)
    assert till.calls(REFUND) == 1
