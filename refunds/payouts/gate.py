"""What forbids sending a leg now. Asked again in the transaction that sends it, because
all of it may have changed since the leg was prepared."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.models import Payment
from refunds.gateways.base import Gateway, Outcome
from refunds.models import (
    LegState,
    PayoutCall,
    PayoutLeg,
    RefundRequest,
    StatementLine,
)
from refunds.payouts.attempts import FINGERPRINT, instruction_of
from refunds.payouts.balances import lock_payment


def what_forbids(
    leg: PayoutLeg, gateway: Gateway | None, request: RefundRequest, *, at: datetime
) -> str:
    """What forbids sending now, as a code for the console; empty if nothing does.

    Takes the payment's lock: who records a dispute takes it too."""
    if gateway is None or not set(leg.parameters) - {FINGERPRINT}:
        return "no_merchant"  # Or there was none when it was prepared.
    lock_payment(leg.allocation.payment)
    payment = Payment.objects.get(pk=leg.allocation.payment_id)
    if payment.disputed or payment.disputes.filter(outcome="").exists():
        return "in_dispute"
    if not request.invoices_are_dealt_with():
        return "invoice_gate_closed"
    if _went_out_after_all(leg):
        return "paid_before"
    if not leg.account_id and not payment.route_open:
        return "route_closed"
    if not leg.account_id and _too_many(leg, gateway):
        return "route_closed"
    instruction = instruction_of(leg)
    return next(iter(gateway.check(instruction, paid_at=payment.paid_at, now=at)), "")


def _went_out_after_all(leg: PayoutLeg) -> bool:
    """An earlier attempt ended unmoved, as people or a file said; and since then the
    bank or a statement says that it did go, and not that it came back."""
    if leg.attempt == 1:
        return False
    earlier = PayoutLeg.objects.filter(
        payout=leg.payout_id,
        allocation=leg.allocation_id,
        attempt__lt=leg.attempt,
        state__in=(LegState.FAILED, LegState.ROUTE_CLOSED),
        settled_by__kind__in=(PayoutCall.Kind.FILE, PayoutCall.Kind.FINDING),
    )
    since = PayoutCall.objects.filter(
        leg=OuterRef("pk"), kind=PayoutCall.Kind.FILE, pk__gt=OuterRef("settled_by")
    ).order_by("-pk")
    out = StatementLine.Direction.OUT
    lines = StatementLine.objects.filter(leg=OuterRef("pk"))
    stated = Exists(lines.filter(direction=out)) & ~Exists(lines.exclude(direction=out))
    told = earlier.annotate(last_word=Subquery(since.values("outcome")[:1]))
    return told.filter(Q(last_word=Outcome.SUCCEEDED) | stated).exists()


def _too_many(leg: PayoutLeg, gateway: Gateway) -> bool:
    """Whether the payment has been given back in as many parts as its route takes."""
    most = gateway.capabilities.most
    others = PayoutLeg.objects.filter(
        allocation__payment=leg.allocation.payment_id, sendings__gt=0
    ).exclude(pk=leg.pk)
    return most is not None and others.count() >= most
