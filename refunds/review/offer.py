"""What a reviewer proposes: the computed amount, or another one with a reason."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import AmountRefused, RefundError
from refunds.facts import Judgement, judge, keep
from refunds.models import Offer, RefundRequest
from refunds.step import step


@dataclass(frozen=True)
class Bounds:
    """Minor units. `due` is owed for what was asked; None: a person states it."""

    due: int | None
    ceiling: int


def bounds(request: RefundRequest, judgement: Judgement) -> Bounds:
    """Who asked for less gets what was asked; the ceiling is all there is."""
    answer = judgement.answer
    ledger = answer.ledger
    limits = [Fraction(ledger.remaining), Fraction(judgement.most)]
    if answer.ceiling is None:
        limits.pop()
    limits += [
        Fraction(limit)
        for limit in (ledger.commitment_leaves, ledger.cap_leaves)
        if limit is not None
    ]
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
    judgement = judge(request, at=at)
    limits = bounds(request, judgement)
    departs = amount != limits.due
    check_offer(amount, limits, reason=reason)
    proposal = Offer(
        request=request,
        amount=amount,
        departs=departs,
        reason=reason,
        proposed_by=by,
        proposed_at=at,
    )
    move = "propose" if proposal.needs_second_person() else "offer"
    with step(request, move, by=by, at=at, reason=reason) as taken:
        proposal.request = taken.request
        proposal.assessment = keep(taken.request, judgement, at=at)
        proposal.save()
        taken.data |= {
            "offer": proposal.pk,
            "amount": amount,
            "due": limits.due,
            "departs": departs,
            "assessment": proposal.assessment_id,
        }
    return proposal


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
