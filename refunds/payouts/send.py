"""Working off the legs that are due. Any number of workers, killed at any moment.

1. Claim: `next_at` moves a lease ahead, by an update that must touch one row. A worker
   that dies leaves a row that is due again when its lease is over.
2. What was found `sending` was in the air when somebody died: it is unknown.
3. Unknown and processing are settled by a query with our own key.
4. Prepared and held are committed as `sending` first, then sent, once.
5. The outcome is written only by who still holds the claim.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from refunds.gateways.base import Gateway, Outcome, Reason, Result
from refunds.gateways.registry import gateway_for
from refunds.models import (
    LegState,
    PaymentBalance,
    PayoutCall,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.outcome import apply
from refunds.payouts.release import instruction_of
from refunds.record.events import record
from refunds.step import lock

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=3 * settings.GATEWAY_TIMEOUT_SECONDS)
ASK_FIRST = (LegState.PROCESSING, LegState.UNKNOWN)
MAY_SEND = (LegState.PREPARED, LegState.HELD)


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
    except Exception:
        log.exception("payout leg %s", pk)
        return False


def work(pk: int, *, at: datetime) -> bool:
    """One look at one leg, at most one call to its route."""
    claim = at + LEASE
    touched = PayoutLeg.objects.filter(pk=pk, next_at__lte=at).update(next_at=claim)
    if not touched:
        return False
    leg = PayoutLeg.objects.select_related("payout__request").get(pk=pk)
    gateway = gateway_for(leg.route)
    if leg.state == LegState.SENDING:
        result = Result(Outcome.UNKNOWN, message="found in the air after a stop")
        apply(leg, result, claim=claim, at=at)
    elif gateway is None or leg.state == LegState.NEEDS_ACTION:
        result = Result(Outcome.REJECTED, Reason.NEEDS_PERSON, code=leg.code)
        apply(leg, result, claim=claim, at=at)
    elif leg.state in ASK_FIRST:
        _query(leg, gateway, claim=claim, at=at)
    elif leg.state in MAY_SEND:
        _submit(leg, gateway, claim=claim, at=at)
    return True


def _query(leg: PayoutLeg, gateway: Gateway, *, claim: datetime, at: datetime) -> None:
    result = _call(gateway.query, leg, at=at)
    _log(leg, PayoutCall.Kind.QUERY, result, at=at)
    apply(leg, result, claim=claim, at=at)


def _submit(leg: PayoutLeg, gateway: Gateway, *, claim: datetime, at: datetime) -> None:
    if not _enter_sending(leg, gateway, claim=claim, at=at):
        return
    result = _call(gateway.submit, leg, at=at)
    _log(leg, PayoutCall.Kind.SUBMIT, result, at=at)
    apply(leg, result, claim=claim, at=at)


def _call(ask: Callable[..., Result], leg: PayoutLeg, *, at: datetime) -> Result:
    """What an adapter did not foresee proves nothing: it is unknown. PostgreSQL keeps
    no NUL in a text, so there is none in what is handed on."""
    try:
        result = ask(leg.parameters, now=at)
    except Exception as fault:
        log.exception("payout leg %s", leg.key)
        result = Result(Outcome.UNKNOWN, message=repr(fault))
    return replace(
        result,
        code=result.code.replace("\x00", "")[:60],
        message=result.message.replace("\x00", ""),
        answer=result.answer.replace("\x00", ""),
    )


def _enter_sending(
    leg: PayoutLeg, gateway: Gateway, *, claim: datetime, at: datetime
) -> bool:
    """Committed before the call. What may have changed since is looked at again here:
    the invoice gate, a dispute, the route's own limits and its spacing."""
    with transaction.atomic():
        request = lock(leg.payout.request)
        locked = PayoutLeg.objects.select_for_update().get(pk=leg.pk)
        if locked.next_at != claim or locked.state not in MAY_SEND:
            return False
        if obstacle := _obstacle(locked, gateway, request, at):
            locked.state, locked.code = LegState.NEEDS_ACTION, obstacle
            locked.next_at = at
            locked.save()
            return False
        # One payment at a time, or two of its legs could both see an empty space.
        PaymentBalance.objects.select_for_update().get(
            payment=locked.allocation.payment_id
        )
        spacing = gateway.capabilities.spacing
        siblings = PayoutLeg.objects.filter(
            allocation__payment=locked.allocation.payment, sent_at__gt=at - spacing
        )
        if siblings.exclude(pk=leg.pk).exists():
            locked.next_at = at + spacing
            locked.save(update_fields=["next_at"])
            return False
        locked.state, locked.sent_at = LegState.SENDING, at
        locked.sendings, locked.queries = locked.sendings + 1, 0
        locked.save(update_fields=["state", "sent_at", "sendings", "queries"])
        data = {"key": leg.key, "amount": leg.amount, "route": leg.route}
        record(request, "payout_sent", by=None, at=at, data=data)
    return True


def _obstacle(
    leg: PayoutLeg, gateway: Gateway, request: RefundRequest, at: datetime
) -> str:
    """What forbids sending now, as a code for the console; empty if nothing does."""
    payment = leg.allocation.payment
    if payment.disputed:
        return "in_dispute"
    if not payment.route_open:
        return Reason.ROUTE_CLOSED
    if not request.invoices_are_dealt_with():
        return "invoice_gate_closed"
    instruction = instruction_of(leg)
    return next(iter(gateway.check(instruction, paid_at=payment.paid_at, now=at)), "")


def _log(leg: PayoutLeg, kind: str, result: Result, *, at: datetime) -> None:
    PayoutCall.objects.create(
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
