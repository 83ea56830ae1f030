"""What a reviewer proposes: the computed amount; with a reason, another one or an
alternative."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import AmountRefused, NotPermitted, RefundError
from refunds.guards import BY_EVALUATOR
from refunds.judging import Judgement, hold_out, judge, keep
from refunds.models import Offer, RefundRequest
from refunds.states import State
from refunds.step import lock, lock_contract, moved_on, step


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


@dataclass(frozen=True)
class Beside:
    """An alternative: what kind, what exactly; `instead` leaves the customer to choose
    between it and the money."""

    alternative: str = ""
    words: str = ""
    instead: bool = False


def offer(
    request: RefundRequest,
    *,
    by: User,
    at: datetime,
    amount: int,
    reason: str = "",
    alternative: str = "",
    alternative_words: str = "",
    instead: bool = False,
) -> Offer:
    """To the customer, or to a second person where four eyes are needed.

    `amount` in minor units. A departure from what is due, and any alternative, needs a
    reason and always a second person; nothing above the ceiling passes, and nothing
    replaces what is owed unless the customer chooses it. The assessment is made anew.
    """
    beside = Beside(alternative, alternative_words.strip(), instead)
    with transaction.atomic():
        locked = lock(request)
        # Before anything is computed: nobody reads from a refusal what is not theirs.
        if locked.state != State.EVALUATION:
            raise moved_on(locked)
        if unmet := BY_EVALUATOR.unmet(locked, by):
            raise NotPermitted(unmet.words)
        lock_contract(locked)
        judgement = judge(locked, at=at)
        limits = bounds(locked, judgement)
        check_beside(amount, beside, limits)
        check_offer(amount, beside, limits, reason=reason)
        proposal = Offer(
            request=locked,
            amount=amount,
            departs=_departs(amount, beside, limits),
            alternative=beside.alternative,
            alternative_words=beside.words,
            instead=beside.instead,
            reason=reason,
            proposed_by=by,
            proposed_at=at,
        )
        _propose(proposal, judgement, limits)
    return proposal


def _departs(amount: int, beside: Beside, limits: Bounds) -> bool:
    return amount != limits.due or bool(beside.alternative)


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
        if proposal.alternative:
            taken.data |= {
                "alternative": proposal.alternative,
                "alternative_words": proposal.alternative_words,
                "instead": proposal.instead,
            }


def check_beside(amount: int, beside: Beside, limits: Bounds) -> None:
    if beside.alternative and beside.alternative not in Offer.Alternative.values:
        raise RefundError(_("Choose one of the alternatives."), field="alternative")
    if beside.alternative and not beside.words:
        raise RefundError(
            _("Say what exactly the customer gets, and until when."),
            field="alternative_words",
        )
    if not beside.alternative and (beside.words or beside.instead):
        raise RefundError(_("Choose the kind of alternative."), field="alternative")
    if beside.alternative and amount < (limits.due or 0):
        raise AmountRefused(
            _(
                "What is owed is offered in money. The alternative can come beside it, "
                "or be the customer's to choose instead."
            ),
            field="amount",
        )
    if beside.instead and amount == 0:
        raise RefundError(
            _("There is no money to choose instead of; offer the alternative alone."),
            field="instead",
        )


def check_offer(amount: int, beside: Beside, limits: Bounds, *, reason: str) -> None:
    if amount < 0 or (amount == 0 and not beside.alternative):
        raise AmountRefused(
            _("The amount has to be above zero. To pay nothing, decline."),
            field="amount",
        )
    if amount > limits.ceiling:
        raise AmountRefused(
            _("This is above the ceiling, the most the contract allows."),
            field="amount",
        )
    if _departs(amount, beside, limits) and not reason.strip():
        raise RefundError(
            _("This departs from what the policy computed: say why."), field="reason"
        )
