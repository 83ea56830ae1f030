"""What a result means for its leg, its balances and its request: one transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from refunds.gateways.base import Outcome, Reason, Result
from refunds.gateways.registry import gateway_for
from refunds.models import LegState, PayoutLeg, RefundRequest
from refunds.payouts.balances import book, free
from refunds.record.events import record
from refunds.states import State
from refunds.step import lock, step

UNKNOWN_AT_MOST = timedelta(hours=24)
HOLD = {
    Reason.NOT_SENT: timedelta(seconds=30),
    Reason.RATE: timedelta(minutes=1),
    Reason.BALANCE: timedelta(minutes=10),
}
# After so many queries that show nothing, an accepted refund counts as unknown.
PATIENCE = 3
# How long the next sending of the same key waits, by how many there were.
RESENDINGS = tuple(timedelta(seconds=s) for s in (0, 30, 120, 600, 3600))
STUCK = (
    LegState.NEEDS_ACTION,
    LegState.ROUTE_CLOSED,
    LegState.FAILED,
    LegState.REVERSED,
)


def apply(leg: PayoutLeg, result: Result, *, claim: datetime, at: datetime) -> None:
    """Writes what `result` proves, unless the claim went to somebody else meanwhile."""
    with transaction.atomic():
        request = lock(leg.payout.request)
        locked = PayoutLeg.objects.select_for_update().get(pk=leg.pk)
        if locked.next_at != claim:
            return
        before = locked.state
        if result.outcome is not Outcome.NOT_SEEN:
            locked.code = result.code
        locked.fault = result.message
        _DECIDE[result.outcome](locked, result, at)
        if locked.unknown_since and at > locked.unknown_since + UNKNOWN_AT_MOST:
            _needs_action(locked, "unknown_for_24_hours")
        locked.save()
        if locked.state != before:
            _tell(request, locked, result, at)
        _move_request(request, locked, at)


def _succeeded(leg: PayoutLeg, result: Result, at: datetime) -> None:
    """Evidence must agree in amount, currency, payment and key; else a person looks."""
    expected = (leg.amount, leg.currency, leg.key, leg.parameters.get("trade_no"))
    found = (result.amount, result.currency, result.key, result.trade_number)
    if found != expected:
        leg.unknown_since = leg.unknown_since or at  # Some money did move.
        _needs_action(leg, "evidence_differs")
        return
    leg.state, leg.settled_at, leg.next_at = LegState.SUCCEEDED, at, None
    leg.provider_number = result.provider_number[:64]
    leg.unknown_since = None
    book(leg)


def _processing(leg: PayoutLeg, result: Result, at: datetime) -> None:
    """What was not seen once stays doubtful until it is: `unknown_since` is kept."""
    leg.state, leg.queries = LegState.PROCESSING, 0
    leg.next_at = at + _poll(leg)


def _not_seen(leg: PayoutLeg, result: Result, at: datetime) -> None:
    """Nothing under our key at the route: no proof, but the same key may go again."""
    leg.queries += 1
    done_they_say = leg.code == Reason.ALREADY_DONE
    if (leg.state == LegState.PROCESSING or done_they_say) and leg.queries < PATIENCE:
        leg.next_at = at + _poll(leg)
    elif done_they_say:
        _needs_action(leg, Reason.ALREADY_DONE)
    else:
        if leg.state == LegState.PROCESSING:
            leg.unknown_since = leg.unknown_since or at
        leg.state, leg.next_at = LegState.HELD, at + _pause(leg)


def _unknown(leg: PayoutLeg, result: Result, at: datetime) -> None:
    leg.queries = leg.queries + 1 if leg.state == LegState.UNKNOWN else 0
    leg.unknown_since = leg.unknown_since or at
    leg.state, leg.next_at = LegState.UNKNOWN, at + _poll(leg)


def _rejected(leg: PayoutLeg, result: Result, at: datetime) -> None:
    if result.reason in HOLD:
        leg.state, leg.next_at = LegState.HELD, at + HOLD[result.reason]
    elif result.reason is Reason.ALREADY_DONE:
        leg.code = Reason.ALREADY_DONE
        _unknown(leg, result, at)
    elif result.reason is Reason.ROUTE_CLOSED and leg.unknown_since is None:
        leg.state, leg.settled_at, leg.next_at = LegState.ROUTE_CLOSED, at, None
        free(leg)
    else:
        _needs_action(leg, result.code or str(result.reason))


def _needs_action(leg: PayoutLeg, code: str) -> None:
    leg.state, leg.next_at, leg.code = LegState.NEEDS_ACTION, None, code[:60]


_DECIDE: dict[Outcome, Callable[[PayoutLeg, Result, datetime], None]] = {
    Outcome.SUCCEEDED: _succeeded,
    Outcome.PROCESSING: _processing,
    Outcome.NOT_SEEN: _not_seen,
    Outcome.UNKNOWN: _unknown,
    Outcome.REJECTED: _rejected,
}


def _poll(leg: PayoutLeg) -> timedelta:
    gateway = gateway_for(leg.route)
    polls = gateway.capabilities.polls if gateway else (timedelta(hours=1),)
    return polls[min(leg.queries, len(polls) - 1)]


def _pause(leg: PayoutLeg) -> timedelta:
    return RESENDINGS[max(0, min(leg.sendings, len(RESENDINGS)) - 1)]


def _tell(request: RefundRequest, leg: PayoutLeg, result: Result, at: datetime) -> None:
    data = {
        "key": leg.key,
        "amount": leg.amount,
        "outcome": result.outcome,
        "code": leg.code,
        "provider_number": leg.provider_number,
    }
    record(request, f"payout_{leg.state}", by=None, at=at, data=data)


def _move_request(request: RefundRequest, leg: PayoutLeg, at: datetime) -> None:
    """The request follows its legs: settled, or held up with somebody to act."""
    if request.state != State.PAYING:
        return
    if leg.state == LegState.SUCCEEDED and request.payout_is_settled():
        move = "carry_out" if request.agreed_alternative else "settle"
        with step(request, move, by=None, at=at) as taken:
            taken.data |= {
                "amount": request.agreed_amount,
                "provider_numbers": [
                    leg.provider_number for leg in request.payout.legs.all()
                ],
            }
    elif leg.state in STUCK:
        with step(request, "block_payout", by=None, at=at, reason=leg.code):
            pass
