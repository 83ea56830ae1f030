"""From what was agreed to legs that wait to be sent. All in one step."""

import logging
from datetime import date, datetime

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from accounts.models import PaymentAllocation, User
from refunds.clock.board import calendar_of
from refunds.clock.deadlines import local_day
from refunds.errors import NotPermitted, RefundError
from refunds.gateways.base import Instruction
from refunds.gateways.registry import gateway_for
from refunds.guards import MONEY_IN_IT
from refunds.models import Payout, PayoutLeg, RefundRequest, Threshold
from refunds.nudge import nudge
from refunds.payouts.balances import Account, lock_accounts, reserve
from refunds.payouts.split import Part, Source, split
from refunds.states import State
from refunds.step import step, why_not

log = logging.getLogger(__name__)


def move_agreed_on(*, at: datetime) -> int:
    """What may go on by itself, goes on; the rest waits for finance, by a deadline.

    All of it is tried: what can't be released must not keep the next one waiting.
    """
    below = Threshold.objects.filter(currency=OuterRef("currency"))
    invoiced = Q(contract__invoices__isnull=False)
    movable = (
        RefundRequest.objects.filter(state__in=(State.AGREED, State.INVOICING))
        .filter(
            Q(agreed_amount=0)
            | Q(agreed_amount__lt=Subquery(below.values("release_below")))
            | invoiced
        )
        .exclude(invoiced, state=State.INVOICING)
        .order_by("agreed_at")
        .distinct()
    )
    return sum(_move_on(request, at=at) for request in movable.iterator())


def _move_on(request: RefundRequest, *, at: datetime) -> bool:
    for move in ("pay", "carry_out", "correct_invoice"):
        if why_not(request, move, by=None, at=at) is None:
            break
    else:
        return False
    try:
        if move == "pay":
            release(request, by=None, at=at)
        else:
            with step(request, move, by=None, at=at):
                pass
    except RefundError:
        return False  # Somebody was first, or a balance has no room: finance sees it.
    except Exception:
        # What nobody thought of at one request must not stop the next.
        log.exception("agreed request %s", request.pk)
        return False
    return True


def release(request: RefundRequest, *, by: User | None, at: datetime) -> Payout:
    """Reserves the money and writes the legs, each with its key and parameters.

    Newest payment first, one leg per payment. Raises OverRefund or RefundError where
    the money can't be found; then nothing is reserved.
    """
    with step(request, "pay", by=by, at=at) as taken:
        locked = taken.request
        amount = locked.agreed_amount or 0
        if not amount:
            raise NotPermitted(MONEY_IN_IT.words)
        payout = Payout.objects.create(
            request=locked,
            amount=amount,
            currency=locked.currency,
            released_by=by,
            released_at=at,
            expected_on=expected_on(locked),
        )
        legs = _legs(payout, locked, at)
        PayoutLeg.objects.bulk_create(legs)
        taken.data |= {
            "amount": amount,
            "legs": [{"key": leg.key, "amount": leg.amount} for leg in legs],
        }
        nudge("send_payouts")
    return payout


def expected_on(request: RefundRequest) -> date:
    """The day the customer is promised: when the payout's own deadline is due."""
    deadline = request.deadlines.get(kind="payout", closed_at=None)
    return local_day(calendar_of(request), deadline.due_at)


def _legs(payout: Payout, request: RefundRequest, at: datetime) -> list[PayoutLeg]:
    rows = PaymentAllocation.objects.filter(
        service=request.service_id,
        payment__disputed=False,
        payment__currency=payout.currency,
    ).select_related("payment")
    accounts = {account.allocation.pk: account for account in lock_accounts(rows)}
    sources = [
        Source(pk, account.allocation.payment.paid_at, account.left)
        for pk, account in accounts.items()
    ]
    parts, short = split(payout.amount, sources)
    if short:
        raise RefundError(
            _("Not enough is left of the payments; one may be in dispute."),
        )
    legs = []
    for index, part in enumerate(parts, start=1):
        reserve(accounts[part.allocation], part)
        legs.append(_leg(payout, accounts[part.allocation], part, index, at))
    return legs


def _leg(
    payout: Payout, account: Account, part: Part, index: int, at: datetime
) -> PayoutLeg:
    payment = account.allocation.payment
    leg = PayoutLeg(
        payout=payout,
        allocation=account.allocation,
        route=payment.route,
        amount=part.amount,
        currency=payout.currency,
        key=key_for(payout.request, leg=index, attempt=1),
        prepared_at=at,
        next_at=at,
    )
    gateway = gateway_for(payment.route)
    leg.parameters = gateway.parameters(instruction_of(leg)) if gateway else {}
    return leg


def instruction_of(leg: PayoutLeg) -> Instruction:
    return Instruction(
        key=leg.key,
        trade_number=leg.allocation.payment.trade_number,
        amount=leg.amount,
        currency=leg.currency,
        reason=str(leg.payout.request.number),
    )


def key_for(request: RefundRequest, *, leg: int, attempt: int) -> str:
    """Letters and digits only, 32 at most: every route takes it as it is."""
    return f"{str(request.number).replace('-', '')}L{leg}A{attempt}"
