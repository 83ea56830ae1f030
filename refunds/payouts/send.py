"""Working off the legs that are due. Any number of workers, killed at any moment.

1. Claim: `next_at` moves a lease ahead, by an update that must touch one row. A worker
   that dies leaves a row that is due again when its lease is over.
2. What was found `sending` was in the air when somebody died: it is unknown.
3. Unknown and processing are settled by a query with our own key; so is a doubt about
   what succeeded.
4. Prepared and held are committed as `sending` first, then sent, once.
5. The outcome is written only by who still holds the claim.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import OperationalError, transaction

from refunds.gateways.base import Gateway, OnlineGateway, Outcome, Redirects, Result
from refunds.gateways.registry import gateway_of, merchant_for
from refunds.models import (
    IN_FLIGHT,
    LegState,
    PayoutCall,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.attempts import instruction_of
from refunds.payouts.gate import what_forbids
from refunds.payouts.outcome import (
    LOOK_AGAIN,
    UNKNOWN_AT_MOST,
    apply,
    block,
    lock_leg,
)
from refunds.payouts.plain import plain
from refunds.payouts.stop import BREAKER, STOPPED, stop_of
from refunds.record.events import record
from refunds.step import lock

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=3 * settings.GATEWAY_TIMEOUT_SECONDS)
# How long what is stopped waits for its next look, if nobody wakes it.
WHILE_STOPPED = timedelta(minutes=1)
MAY_SEND = (LegState.PREPARED, LegState.HELD)
WAITS_FOR_BATCH = "waits_for_batch"
NO_ANSWER = "no_answer_from_bank"
KEEPS_BREAKING = "keeps_breaking"


def send_due(*, clock: Callable[[], datetime], limit: int = 100) -> int:
    """Looks once at every leg that is due; returns how many were looked at.

    `clock` is read for each leg, because a call may take as long as its time-out.
    """
    due = PayoutLeg.objects.filter(next_at__lte=clock()).order_by("next_at")
    pks = list(due.values_list("pk", flat=True)[:limit])
    return sum(_work_alone(pk, clock) for pk in pks)


def _work_alone(pk: int, clock: Callable[[], datetime]) -> bool:
    """What nobody thought of at one leg must not stop the next; its lease runs out,
    and it is looked at again."""
    try:
        return work(pk, at=clock())
    except OperationalError:
        log.exception("payout leg %s", pk)  # The database itself; later, then.
    except Exception:
        log.exception("payout leg %s", pk)
        with suppress(Exception):
            _hand_over_what_keeps_breaking(pk, at=clock())
    return False


def _hand_over_what_keeps_breaking(pk: int, *, at: datetime) -> None:
    """A day of it, and a person looks; or it would be tried for ever, unseen."""
    leg = PayoutLeg.objects.select_related("payout__request").get(pk=pk)
    since = leg.sent_at or leg.prepared_at
    if leg.next_at and leg.state in IN_FLIGHT and at > since + UNKNOWN_AT_MOST:
        _hand_to_person(leg, KEEPS_BREAKING, leg.next_at, at)


def work(pk: int, *, at: datetime) -> bool:
    """One look at one leg, at most one call to its route."""
    claim = at + LEASE
    touched = PayoutLeg.objects.filter(pk=pk, next_at__lte=at).update(next_at=claim)
    if not touched:
        return False
    related = ("payout__request", "merchant", "account", "allocation__payment")
    leg = PayoutLeg.objects.select_related(*related).get(pk=pk)
    if leg.state in MAY_SEND:
        _submit(leg, claim=claim, at=at)
    elif leg.state == LegState.SENDING:
        result = Result(Outcome.UNKNOWN, message="found in the air after a stop")
        call = log_call(leg, PayoutCall.Kind.SUBMIT, result, at=at)
        apply(leg, result, call=call, claim=claim, at=at)
    else:
        _query(leg, claim=claim, at=at)
    return True


def _query(leg: PayoutLeg, *, claim: datetime, at: datetime) -> None:
    gateway = gateway_of(leg.merchant)
    if isinstance(gateway, OnlineGateway):
        result = _call(gateway.query, leg, at=at)
        call = log_call(leg, PayoutCall.Kind.QUERY, result, at=at)
        apply(leg, result, call=call, claim=claim, at=at)
    else:
        _hand_to_person(leg, NO_ANSWER if gateway else "no_merchant", claim, at)


def _hand_to_person(leg: PayoutLeg, code: str, claim: datetime, at: datetime) -> None:
    with transaction.atomic():
        request = lock(leg.payout.request)
        locked = lock_leg(leg)
        if locked.next_at != claim:
            return
        if locked.state == LegState.SUCCEEDED:
            # A merchant out of use may come back; what it watches is looked at then.
            later = None if code == NO_ANSWER else at + LOOK_AGAIN
            PayoutLeg.objects.filter(pk=leg.pk).update(next_at=later)
        else:
            block(request, locked, code, at=at)


def _submit(leg: PayoutLeg, *, claim: datetime, at: datetime) -> None:
    gateway = _enter_sending(leg, claim=claim, at=at)
    if gateway is None:
        return
    result = _call(_way_of(gateway, leg), leg, at=at)
    call = log_call(leg, PayoutCall.Kind.SUBMIT, result, at=at)
    apply(leg, result, call=call, claim=claim, at=at)


def _way_of(gateway: OnlineGateway, leg: PayoutLeg) -> Callable[..., Result]:
    """What the route has parked goes to the approved account as the same refund; a
    leg that was to go there from the start is a bank transfer."""
    payee = instruction_of(leg).payee
    if leg.account_id is None or payee is None or not isinstance(gateway, Redirects):
        return gateway.submit
    return partial(gateway.redirect, refund_id=leg.provider_number, payee=payee)


def _call(ask: Callable[..., Result], leg: PayoutLeg, *, at: datetime) -> Result:
    """What an adapter did not foresee proves nothing: it is unknown. What is
    handed on can be kept."""
    try:
        result = ask(leg.parameters, now=at)
    except Exception as fault:
        log.exception("payout leg %s", leg.key)
        # Its words may carry a header, and with it a key.
        result = Result(Outcome.UNKNOWN, message=type(fault).__name__)
    return replace(
        result,
        code=plain(result.code)[:60],
        message=plain(result.message),
        answer=plain(result.answer),
        provider_number=plain(result.provider_number),
    )


def _enter_sending(
    leg: PayoutLeg, *, claim: datetime, at: datetime
) -> OnlineGateway | None:
    """The adapter to send by, once `sending` is committed; None where it has to wait.

    What may have changed since is looked at again here, under the payment's lock."""
    with transaction.atomic():
        request = lock(leg.payout.request)
        locked = lock_leg(leg)
        if locked.next_at != claim or locked.state not in MAY_SEND:
            return None
        if locked.merchant is None:
            payment = leg.allocation.payment
            locked.merchant = merchant_for(leg.route, payment.merchant)
        gateway = gateway_of(locked.merchant)
        if obstacle := what_forbids(locked, gateway, request, at=at):
            block(request, locked, obstacle, at=at)
            return None
        if wait := _what_it_waits_for(locked, gateway, at):
            locked.code, locked.next_at = wait
            locked.save(update_fields=["merchant", "code", "next_at"])
            return None
        enter(request, locked, at=at)
    return gateway if isinstance(gateway, OnlineGateway) else None


def enter(request: RefundRequest, leg: PayoutLeg, *, at: datetime) -> None:
    """Committed before the call, or before the file: from here on it is in the air."""
    leg.state, leg.sent_at, leg.code = LegState.SENDING, at, ""
    leg.sendings, leg.queries = leg.sendings + 1, 0
    leg.save()
    data = {"key": leg.key, "amount": leg.amount, "route": leg.route}
    record(request, "payout_sent", by=None, at=at, data=data)


def _what_it_waits_for(
    leg: PayoutLeg, gateway: Gateway | None, at: datetime
) -> tuple[str, datetime | None] | None:
    """A code and when to look again; None if it may go. One payment at a time (it is
    locked), or two of its legs could both see an empty space."""
    assert gateway is not None
    if stop_of(leg.route):
        return STOPPED, at + WHILE_STOPPED
    if leg.merchant and leg.merchant.stopped_at:
        return BREAKER, at + WHILE_STOPPED
    if gateway.capabilities.by_file:
        return WAITS_FOR_BATCH, None
    spacing = gateway.capabilities.spacing
    siblings = PayoutLeg.objects.filter(
        allocation__payment=leg.allocation.payment, sent_at__gt=at - spacing
    )
    if siblings.exclude(pk=leg.pk).exists():
        return leg.code, at + spacing
    return None


def log_call(leg: PayoutLeg, kind: str, result: Result, *, at: datetime) -> PayoutCall:
    return PayoutCall.objects.create(
        leg=leg,
        kind=kind,
        at=at,
        outcome=result.outcome,
        code=result.code,
        message=result.message,
        http_status=result.http_status,
        signature_ok=result.signature_ok,
        answer=result.answer,
    )
