"""The customer answers an offer, or takes the request back."""

from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.agreement import agree
from refunds.errors import RefundError
from refunds.judging import goes_on, owed_still
from refunds.models import Offer, RefundRequest
from refunds.step import lock_contract, step


class Choice(TextChoices):
    """Where the offer leaves a choice."""

    REFUND = "refund", _("The refund")
    ALTERNATIVE = "alternative", _("The alternative")


def accept(
    request: RefundRequest,
    *,
    by: User,
    at: datetime,
    seen: int | None = None,
    choice: str = "",
) -> None:
    """`seen` is the key of the offer that the customer saw; another one is refused.
    `choice` is needed where the offer leaves one.

    Where the request ends the service, it ends at the moment of submission.
    """
    with step(request, "accept", by=by, at=at) as taken:
        offer = Offer.objects.filter(request=taken.request).latest("pk")
        if seen is not None and seen != offer.pk:
            raise RefundError(
                _("The offer has changed since you opened this page. Look at it again.")
            )
        amount, alternative = _chosen(offer, choice)
        lock_contract(taken.request)
        if not owed_still(taken.request, offer, at=at):
            raise RefundError(
                _(
                    "Since this offer was made, another request was offered or paid a "
                    "part of the same. Propose something else, and we compute it anew."
                )
            )
        agree(taken.request, amount=amount, alternative=alternative, at=at)
        if not amount:
            goes_on(taken.request, offer)
        taken.data |= {"offer": offer.pk, "amount": amount}
        if offer.alternative:
            taken.data |= {"choice": choice, "alternative": alternative}
        if amount and not taken.request.keep_service:
            taken.data["service_ended_at"] = str(taken.request.submitted_at)


def _chosen(offer: Offer, choice: str) -> tuple[int, str]:
    """(amount in minor units, alternative)"""
    if not offer.instead:
        return offer.amount, offer.alternative
    if choice == Choice.REFUND:
        return offer.amount, ""
    if choice == Choice.ALTERNATIVE:
        return 0, offer.alternative
    raise RefundError(_("Choose one: the refund or the alternative."), field="choice")


def propose_otherwise(
    request: RefundRequest, *, by: User, at: datetime, words: str
) -> None:
    if not words.strip():
        raise RefundError(_("Say what you propose instead."), field="words")
    with step(request, "propose_otherwise", by=by, at=at, reason=words):
        pass


def withdraw(request: RefundRequest, *, by: User, at: datetime) -> None:
    with step(request, "withdraw", by=by, at=at):
        pass
