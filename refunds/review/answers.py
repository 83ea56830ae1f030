"""The customer answers an offer, or takes the request back."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.agreement import agree
from refunds.errors import RefundError
from refunds.judging import owed_still
from refunds.models import Offer, RefundRequest
from refunds.step import lock_contract, step


def accept(
    request: RefundRequest, *, by: User, at: datetime, amount: int | None = None
) -> None:
    """`amount` is what the customer saw, in minor units; another offer is refused.

    Where the request ends the service, it ends at the moment of submission.
    """
    with step(request, "accept", by=by, at=at) as taken:
        offer = Offer.objects.filter(request=taken.request).latest("pk")
        if amount is not None and amount != offer.amount:
            raise RefundError(
                _("The offer has changed since you opened this page. Look at it again.")
            )
        lock_contract(taken.request)
        if not owed_still(taken.request, offer, at=at):
            raise RefundError(
                _(
                    "Since this offer was made, another request was offered or paid a "
                    "part of the same. Propose something else, and we compute it anew."
                )
            )
        agree(taken.request, amount=offer.amount, alternative=offer.alternative, at=at)
        taken.data |= {"offer": offer.pk, "amount": offer.amount}
        if not taken.request.keep_service:
            taken.data["service_ended_at"] = str(taken.request.submitted_at)


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
