"""Working off the legs that are due. Any number of workers, killed at any moment.

1. Claim: `next_at` moves a lease ahead, by an update that must touch one row. A worker
   that dies leaves a row that is due again when its lease is over.
2. What was found `sending` was in the air when somebody died: it is unknown.
3. Unknown and processing are settled by a query with our own key.
4. Prepared and held are committed as `sending` first, then sent, once.
5. The outcome is written only by who still holds the claim.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from refunds.gateways.base import Gateway, Outcome, Reason, Result
from refunds.gateways.registry import gateway_for
from refunds.models import LegState, PayoutCall, PayoutLeg
from refunds.payouts.outcome import apply
from refunds.record.events import record
from refunds.step import lock

LEASE = timedelta(seconds=3 * settings.GATEWAY_TIMEOUT_SECONDS)
ASK_FIRST = (LegState.PROCESSING, LegState.UNKNOWN)
MAY_SEND = (LegState.PREPARED, LegState.HELD)


def send_due(*, clock: Callable[[], datetime], limit: int = 100) -> int:
    """Looks once at every leg that is due; returns how many were looked at.

    `clock` is read for each leg, because a call may take as long as its time-out.
    """
    due = PayoutLeg.objects.filter(next_at__lte=clock()).order_by("next_at")
    pks = list(due.values_list("pk", flat=True)[:limit])
    return sum(work(pk, at=clock()) for pk in pks)


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
    result = gateway.query(leg.parameters, now=at)
    _log(leg, PayoutCall.Kind.QUERY, result, at=at)
    apply(leg, result, claim=claim, at=at)


def _submit(leg: PayoutLeg, gateway: Gateway, *, claim: datetime, at: datetime) -> None:
    if not _enter_sending(leg, gateway.capabilities.spacing, claim=claim, at=at):
        return
    result = gateway.submit(leg.parameters, now=at)
    _log(leg, PayoutCall.Kind.SUBMIT, result, at=at)
    apply(leg, result, claim=claim, at=at)


def _enter_sending(
    leg: PayoutLeg, spacing: timedelta, *, claim: datetime, at: datetime
) -> bool:
    """Committed before the call. The invoice gate, a dispute and the route's spacing
    are looked at again here: the month may have turned since."""
    with transaction.atomic():
        request = lock(leg.payout.request)
        locked = PayoutLeg.objects.select_for_update().get(pk=leg.pk)
        if locked.next_at != claim or locked.state not in MAY_SEND:
            return False
        payment = locked.allocation.payment
        siblings = PayoutLeg.objects.filter(
            allocation__payment=payment, sent_at__gt=at - spacing
        ).exclude(pk=leg.pk)
        if payment.disputed or not request.invoices_are_dealt_with():
            locked.state, locked.code = LegState.NEEDS_ACTION, "gate_closed"
            locked.next_at = at
            locked.save()
            return False
        if siblings.exists():
            locked.next_at = at + spacing
            locked.save(update_fields=["next_at"])
            return False
        locked.state, locked.sent_at = LegState.SENDING, at
        locked.save(update_fields=["state", "sent_at"])
        data = {"key": leg.key, "amount": leg.amount, "route": leg.route}
        record(request, "payout_sent", by=None, at=at, data=data)
    return True


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
