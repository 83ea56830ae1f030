"""From what was agreed to legs that wait to be sent. All in one step."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.models import PaymentAllocation, User
from refunds.clock.board import calendar_of
from refunds.clock.deadlines import local_day
from refunds.errors import RefundError
from refunds.gateways.base import Instruction, Reason
from refunds.gateways.registry import gateway_for
from refunds.lifecycle import State
from refunds.models import LegState, Payout, PayoutLeg, RefundRequest
from refunds.nudge import nudge
from refunds.payouts.balances import Account, lock_accounts, reserve
from refunds.payouts.split import Part, Source, split
from refunds.step import step, why_not


def move_agreed_on(*, at: datetime, limit: int = 100) -> int:
    """What may go on by itself, goes on; the rest waits for finance, by a deadline."""
    agreed = RefundRequest.objects.filter(
        state__in=(State.AGREED, State.INVOICING)
    ).order_by("agreed_at")
    return sum(_move_on(request, at=at) for request in agreed[:limit])


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
    return True


def release(request: RefundRequest, *, by: User | None, at: datetime) -> Payout:
    """Reserves the money and writes the legs, each with its key and parameters.

    Newest payment first, one leg per payment. Raises OverRefund or RefundError where
    the money can't be found; then nothing is reserved.
    """
    with step(request, "pay", by=by, at=at) as taken:
        locked = taken.request
        amount = locked.agreed_amount or 0
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
        service=request.service_id, payment__disputed=False
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
    instruction = Instruction(
        key=key_for(payout.request, leg=index, attempt=1),
        trade_number=payment.trade_number,
        amount=part.amount,
        currency=payout.currency,
        reason=str(payout.request.number),
    )
    gateway = gateway_for(payment.route)
    leg = PayoutLeg(
        payout=payout,
        allocation=account.allocation,
        route=payment.route,
        amount=part.amount,
        currency=payout.currency,
        key=instruction.key,
        parameters=gateway.parameters(instruction) if gateway else {},
        prepared_at=at,
        next_at=at,
    )
    if gateway is None:
        obstacles = [Reason.NEEDS_PERSON]
    else:
        obstacles = gateway.check(instruction, paid_at=payment.paid_at, now=at)
    if obstacles or not payment.route_open:
        leg.state, leg.next_at = LegState.NEEDS_ACTION, at
        leg.code = obstacles[0] if obstacles else Reason.ROUTE_CLOSED
    return leg


def key_for(request: RefundRequest, *, leg: int, attempt: int) -> str:
    """Letters and digits only, 32 at most: every route takes it as it is."""
    return f"{str(request.number).replace('-', '')}L{leg}A{attempt}"
