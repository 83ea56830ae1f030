"""What the tests of faults count, in the gateway's own books and in ours."""

from datetime import datetime

from refunds.gateways.base import Outcome, Result
from refunds.models import LegState, PayoutCall, PayoutLeg, RefundRequest
from refunds.payouts.send import log_call
from refunds.states import State
from tests.refunds.payouts.till import (
    Till,
    balances,
    kinds_of,
    leg_of,
    state_of,
)

AMOUNT = 10_000_00
KEY = "RF2026000001L1A1"


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
