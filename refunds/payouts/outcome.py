"""What a result means for its leg, its balances and its request: one transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from refunds.gateways.base import Capabilities, Outcome, Reason, Result
from refunds.gateways.registry import gateway_of
from refunds.models import LegState, Notification, PayoutCall, PayoutLeg, RefundRequest
from refunds.models.leg import ABNORMAL
from refunds.payouts.balances import book, come_back, doubt, free
from refunds.payouts.follow import move_request
from refunds.payouts.stop import BREAKER, trip
from refunds.record.events import record
from refunds.step import lock

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
ABOUT = ("merchant", "account", "allocation__payment", "payout__request")
# A look at a refund that succeeded told nothing: how soon the next one is.
LOOK_AGAIN = timedelta(hours=6)


def apply(
    leg: PayoutLeg, result: Result, *, call: PayoutCall, claim: datetime, at: datetime
) -> None:
    """Writes what `result` proves, unless the claim went to somebody else meanwhile."""
    with transaction.atomic():
        request = lock(leg.payout.request)
        locked = lock_leg(leg)
        if locked.next_at == claim:
            conclude(request, locked, result, call=call, at=at)


def lock_leg(leg: PayoutLeg) -> PayoutLeg:
    """As it stands now, after its request's own lock, with what it is about."""
    rows = PayoutLeg.objects.select_for_update(of=("self",))
    return rows.select_related(*ABOUT).get(pk=leg.pk)


def conclude(
    request: RefundRequest,
    leg: PayoutLeg,
    result: Result,
    *,
    call: PayoutCall,
    at: datetime,
) -> None:
    """Under the locks of request and leg. `call` is the exchange that told it."""
    before = leg.state
    if result.reason is Reason.CONFIG and leg.merchant:
        trip(leg.merchant, result, at=at)
    if result.outcome is not Outcome.NOT_SEEN:
        leg.code = result.code
    leg.fault = result.message
    if before == LegState.SUCCEEDED:
        _watched(leg, result, call, at)
    elif before == LegState.NEEDS_ACTION and result.outcome not in TELLS:
        leg.next_at = None  # Whoever looks into it is told nothing new.
    else:
        _DECIDE[result.outcome](leg, result, call, at)
    too_long = leg.unknown_since and at > leg.unknown_since + UNKNOWN_AT_MOST
    if too_long and leg.state in (LegState.UNKNOWN, LegState.HELD, LegState.PROCESSING):
        _needs_action(leg, "unknown_for_24_hours")
    leg.save()
    if leg.state != before:
        _tell(request, leg, result, at)
    if call.kind == PayoutCall.Kind.QUERY:
        _compare_with_hints(leg, result, at=at)
    move_request(request, leg, at=at)


def block(request: RefundRequest, leg: PayoutLeg, code: str, *, at: datetime) -> None:
    """Something forbids sending it: a person acts. Under the locks of both.

    What was never sent and never can be on this route frees its money at once.
    """
    if code == Reason.ROUTE_CLOSED and not leg.sendings:
        leg.state, leg.settled_at, leg.next_at = LegState.ROUTE_CLOSED, at, None
        leg.code = code
        free(leg)
    else:
        if leg.state in (LegState.SENDING, LegState.UNKNOWN):
            leg.unknown_since = leg.unknown_since or at
        _needs_action(leg, code)
    leg.save()
    _tell(request, leg, Result(Outcome.REJECTED, code=code), at)
    move_request(request, leg, at=at)


def _succeeded(leg: PayoutLeg, result: Result, call: PayoutCall, at: datetime) -> None:
    """Evidence must agree in amount, currency, payment and key; else a person looks."""
    payment = leg.allocation.payment
    expected = (leg.amount, leg.currency, leg.key, payment.trade_number)
    found = (result.amount, result.currency, result.key, result.trade_number)
    if found != expected:
        leg.unknown_since = leg.unknown_since or at  # Some money did move.
        _needs_action(leg, "evidence_differs")
        return
    leg.state, leg.settled_at, leg.settled_by = LegState.SUCCEEDED, at, call
    leg.provider_number = result.provider_number[:64]
    leg.unknown_since, leg.watches = None, 0
    leg.next_at = _next_watch(leg)
    book(leg)


def _watched(leg: PayoutLeg, result: Result, call: PayoutCall, at: datetime) -> None:
    """A success is final only as its route says: it may come back days later."""
    if result.outcome in (Outcome.FAILED, Outcome.REVERSED):
        leg.state, leg.settled_at, leg.settled_by = LegState.REVERSED, at, call
        leg.next_at = None
        come_back(leg)
    elif result.outcome is Outcome.REJECTED and result.reason is Reason.NEEDS_PERSON:
        leg.unknown_since = at
        _needs_action(leg, result.code)
        doubt(leg)
    elif result.outcome is Outcome.SUCCEEDED:
        # The number by which the payer's bank finds it may be known only now.
        leg.provider_number = result.provider_number[:64] or leg.provider_number
        leg.watches += 1
        leg.next_at = _next_watch(leg)
    else:
        leg.next_at = at + LOOK_AGAIN


def _next_watch(leg: PayoutLeg) -> datetime | None:
    found = _capabilities(leg)
    watch = found.watch if found else ()
    if leg.settled_at is None or leg.watches >= len(watch):
        return None
    return leg.settled_at + watch[leg.watches]


def _processing(leg: PayoutLeg, result: Result, call: PayoutCall, at: datetime) -> None:
    """What was not seen once stays doubtful until it is: `unknown_since` is kept."""
    leg.state, leg.queries = LegState.PROCESSING, _polled(leg, LegState.PROCESSING)
    leg.provider_number = result.provider_number[:64] or leg.provider_number
    leg.next_at = at + _poll(leg)


def _not_seen(leg: PayoutLeg, result: Result, call: PayoutCall, at: datetime) -> None:
    """Nothing under our key at the route: no proof, but the same key may go again."""
    leg.queries += 1
    done_they_say = leg.code == Reason.ALREADY_DONE
    if (leg.state == LegState.PROCESSING or done_they_say) and leg.queries < PATIENCE:
        leg.next_at = at + _poll(leg)
    elif done_they_say:
        _needs_action(leg, Reason.ALREADY_DONE)
    elif at < _quiet_until(leg):
        leg.state, leg.next_at = LegState.UNKNOWN, _quiet_until(leg)
    else:
        if leg.state == LegState.PROCESSING:
            leg.unknown_since = leg.unknown_since or at
        leg.state, leg.next_at = LegState.HELD, at + _pause(leg)


def _unknown(leg: PayoutLeg, result: Result, call: PayoutCall, at: datetime) -> None:
    leg.queries = _polled(leg, LegState.UNKNOWN)
    leg.unknown_since = leg.unknown_since or at
    leg.state, leg.next_at = LegState.UNKNOWN, at + _poll(leg)


def _failed(leg: PayoutLeg, result: Result, call: PayoutCall, at: datetime) -> None:
    """Proven by what the route finally says of this refund, doubt or none."""
    closed = result.reason is Reason.ROUTE_CLOSED
    leg.state = LegState.ROUTE_CLOSED if closed else LegState.FAILED
    leg.settled_at, leg.settled_by, leg.next_at = at, call, None
    free(leg)


def _rejected(leg: PayoutLeg, result: Result, call: PayoutCall, at: datetime) -> None:
    doubted = leg.unknown_since is not None
    leg.provider_number = result.provider_number[:64] or leg.provider_number
    ends_key = result.reason is Reason.BALANCE and not _same_key(leg)
    if result.reason is Reason.CONFIG:
        leg.state, leg.next_at, leg.code = LegState.HELD, at + LOOK_AGAIN, BREAKER
    elif result.reason in HOLD and not ends_key:
        leg.state, leg.next_at = LegState.HELD, at + HOLD[result.reason]
    elif result.code == ABNORMAL and leg.account_id and leg.state == LegState.UNKNOWN:
        # Parked still: nobody there heard that it is to go to the account.
        leg.state, leg.next_at = LegState.HELD, at + _pause(leg)
    elif result.reason is Reason.ALREADY_DONE:
        leg.code = Reason.ALREADY_DONE
        _unknown(leg, result, call, at)
    elif (result.reason is Reason.ROUTE_CLOSED or ends_key) and not doubted:
        _failed(leg, result, call, at)
    else:
        if call.kind == PayoutCall.Kind.QUERY and not leg.unknown_since:
            leg.unknown_since = at  # The route has it: it is not there for nothing.
        _needs_action(leg, result.code or str(result.reason))


def _needs_action(leg: PayoutLeg, code: str) -> None:
    leg.state, leg.next_at, leg.code = LegState.NEEDS_ACTION, None, code[:60]


_DECIDE: dict[Outcome, Callable[[PayoutLeg, Result, PayoutCall, datetime], None]] = {
    Outcome.SUCCEEDED: _succeeded,
    Outcome.PROCESSING: _processing,
    Outcome.NOT_SEEN: _not_seen,
    Outcome.UNKNOWN: _unknown,
    Outcome.REJECTED: _rejected,
    Outcome.FAILED: _failed,
    Outcome.REVERSED: _failed,
}
# What moves a leg on that a person was asked to look into.
TELLS = (Outcome.SUCCEEDED, Outcome.PROCESSING, Outcome.FAILED, Outcome.REVERSED)


def _capabilities(leg: PayoutLeg) -> Capabilities | None:
    gateway = gateway_of(leg.merchant)
    return gateway.capabilities if gateway else None


def _same_key(leg: PayoutLeg) -> bool:
    found = _capabilities(leg)
    return found is None or found.same_key


def _polled(leg: PayoutLeg, state: str) -> int:
    """How many queries in a row left it in this state."""
    return leg.queries + 1 if leg.state == state else 0


def _poll(leg: PayoutLeg) -> timedelta:
    found = _capabilities(leg)
    polls = found.polls if found and found.polls else (timedelta(hours=1),)
    return polls[min(leg.queries, len(polls) - 1)]


def _quiet_until(leg: PayoutLeg) -> datetime:
    found = _capabilities(leg)
    sent_at = leg.sent_at or leg.prepared_at
    return sent_at + (found.quiet if found else timedelta(0))


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


def _compare_with_hints(leg: PayoutLeg, result: Result, *, at: datetime) -> None:
    """Whether the notifications that made us ask told the same as the answer. A route
    may tell before its own query knows: then the next answer says."""
    if result.outcome is Outcome.NOT_SEEN and at < _quiet_until(leg):
        return
    for hint in Notification.objects.filter(leg=leg, agrees=None):
        same = hint.claimed == result.outcome
        if same and hint.amount is not None and result.amount is not None:
            same = hint.amount == result.amount
        Notification.objects.filter(pk=hint.pk).update(agrees=same)
