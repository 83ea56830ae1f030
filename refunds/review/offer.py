"""What a reviewer proposes: the computed amount, or another one with a reason."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import AmountRefused, RefundError
from refunds.judging import Judgement, hold_out, judge, keep
from refunds.models import Offer, RefundRequest
from refunds.step import lock, lock_contract, step


@dataclass(frozen=True)
class Bounds:
    """Minor units. `due` is owed for what was asked; None: a person states it."""

    due: int | None
    ceiling: int


def bounds(request: RefundRequest, judgement: Judgement) -> Bounds:
    """Who asked for less gets what was asked; the ceiling is all there is."""
    answer = judgement.answer
    limits = judgement.limits
    if answer.ceiling is not None:
        limits.append(Fraction(judgement.most))
    ceiling = max(int(min(limits)), answer.amount or 0)
    if answer.amount is None:
        return Bounds(due=None if answer.ceiling else 0, ceiling=ceiling)
    return Bounds(due=min(answer.amount, request.amount_asked or 0), ceiling=ceiling)


def offer(
    request: RefundRequest, *, by: User, at: datetime, amount: int, reason: str = ""
) -> Offer:
    """To the customer, or to a second person where four eyes are needed.

    `amount` in minor units. A departure from what is due needs a reason and always a
    second person; nothing above the ceiling passes. The assessment is made anew.
    """
    with transaction.atomic():
        locked = lock(request)
        lock_contract(locked)
        judgement = judge(locked, at=at)
        limits = bounds(locked, judgement)
        check_offer(amount, limits, reason=reason)
        proposal = Offer(
            request=locked,
            amount=amount,
            departs=amount != limits.due,
            reason=reason,
            proposed_by=by,
            proposed_at=at,
        )
        _propose(proposal, judgement, limits)
    return proposal


def _propose(proposal: Offer, judgement: Judgement, limits: Bounds) -> None:
    by, at = proposal.proposed_by, proposal.proposed_at
    move = "propose" if proposal.needs_second_person() else "offer"
    with step(proposal.request, move, by=by, at=at, reason=proposal.reason) as taken:
        proposal.request = taken.request
        proposal.assessment = keep(taken.request, judgement, at=at)
        proposal.save()
        hold_out(taken.request, judgement, at=at)
        taken.data |= {
            "offer": proposal.pk,
            "amount": proposal.amount,
            "due": limits.due,
            "departs": proposal.departs,
            "assessment": proposal.assessment_id,
        }


def check_offer(amount: int, limits: Bounds, *, reason: str) -> None:
    if amount <= 0:
        raise AmountRefused(
            _("The amount has to be above zero. To pay nothing, decline."),
            field="amount",
        )
    if amount > limits.ceiling:
        raise AmountRefused(
            _("This is above the ceiling, the most the contract allows."),
            field="amount",
        )
    if amount != limits.due and not reason.strip():
        raise RefundError(
            _("This departs from the computed amount: say why."), field="reason"
        )
