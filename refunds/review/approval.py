"""The second pair of eyes. Never the proposer's own, not even a superuser's."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import RefundError
from refunds.models import Offer, RefundRequest
from refunds.step import step


def approve(
    request: RefundRequest, *, by: User, at: datetime, seen: int | None = None
) -> None:
    """`seen` is the offer that the approver saw; another one is refused."""
    with step(request, "approve", by=by, at=at) as taken:
        offer = Offer.objects.filter(request=taken.request).latest("pk")
        if seen is not None and seen != offer.pk:
            raise RefundError(
                _("Another offer was proposed since you opened this page. Look again.")
            )
        offer.approved_by, offer.approved_at = by, at
        offer.save(update_fields=["approved_by", "approved_at"])
        taken.data |= {"offer": offer.pk, "amount": offer.amount}


def send_back(request: RefundRequest, *, by: User, at: datetime, reason: str) -> None:
    if not reason.strip():
        raise RefundError(_("Say what has to change."), field="reason")
    with step(request, "send_back", by=by, at=at, reason=reason):
        pass
