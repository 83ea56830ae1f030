"""Whatever happens to a call: the money goes back once, under one key, or a person
is asked. Each test counts in the gateway's own books."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from accounts.models import Payment
from refunds.errors import NotPermitted, RefundError
from refunds.gateways.alipay import Alipay
from refunds.gateways.base import Outcome, Reason, Result
from refunds.gateways.sandbox.rows import Refund
from refunds.models import LegState, Merchant, PayoutCall, PayoutLeg, RefundRequest
from refunds.payouts.outcome import apply
from refunds.payouts.retry import retry
from refunds.payouts.send import LEASE, log_call, work
from refunds.payouts.stop import self_check
from refunds.states import State
from tests.people import People
from tests.refunds.payouts.till import (
    QUERY,
    REFUND,
    Till,
    balances,
    kinds_of,
    leg_of,
    state_of,
)

AMOUNT = 10_000_00
KEY = "RF2026000001L1A1"

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


def assert_paid_once(request: RefundRequest, till: Till) -> None:
    """Ledger, leg, balance, request and history tell the same story."""
    leg = leg_of(request)
    assert till.moved() == [(leg.key, leg.amount)] == [(KEY, AMOUNT)]
    keys = {call.key for call in till.sandbox.ledger.calls()}
    assert keys - {"self-check"} == {KEY}
    assert leg.state == LegState.SUCCEEDED
    assert leg.unknown_since is None
    assert balances() == {(0, AMOUNT)}
    assert state_of(request) is State.REFUNDED
    assert kinds_of(request)[-2:] == ["payout_succeeded", "settle"]


def a_call(leg: PayoutLeg, *, at: datetime) -> PayoutCall:
    return log_call(leg, PayoutCall.Kind.QUERY, Result(Outcome.UNKNOWN), at=at)


def assert_waits_for_a_person(request: RefundRequest, code: str) -> None:
    """Blocked, with somebody to act; nobody tries again by himself; still reserved."""
    leg = leg_of(request)
    assert (leg.state, leg.code, leg.next_at) == (LegState.NEEDS_ACTION, code, None)
    assert balances() == {(AMOUNT, 0)}
    assert state_of(request) is State.PAYOUT_BLOCKED
    assert request.deadlines.filter(kind="payout_blocked", closed_at=None).exists()


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
