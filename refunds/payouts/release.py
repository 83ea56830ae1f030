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
from refunds.guards import MONEY_IN_IT
from refunds.models import Payout, PayoutLeg, RefundRequest, Threshold
from refunds.nudge import nudge
from refunds.payouts.attempts import attempt, obstacles
from refunds.payouts.balances import Account, lock_accounts
from refunds.payouts.invoices import begin_invoicing
from refunds.payouts.split import Source, split
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
            | Q(invoiced, state=State.AGREED)
        )
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
        elif move == "correct_invoice":
            begin_invoicing(request, by=None, at=at)
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
    sources = [_source(account, at) for account in accounts.values()]
    parts, short = split(payout.amount, sources)
    if short:
        raise RefundError(
            _("Not enough is left of the payments; one may be in dispute."),
        )
    return [
        attempt(payout, accounts[part.allocation], part, leg=number, at=at)
        for number, part in enumerate(parts, start=1)
    ]


def _source(account: Account, at: datetime) -> Source:
    payment = account.allocation.payment
    whole = Instruction(
        key="",
        trade_number=payment.trade_number,
        amount=account.left,
        currency=payment.currency,
        reason="",
        paid=payment.amount,
    )
    closed = "route_closed" in obstacles(payment, whole, at=at)
    pk = account.allocation.pk
    return Source(pk, payment.paid_at, account.left, open=not closed)
