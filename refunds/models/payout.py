"""The money that goes back: Payout, one per request; batches for the bank."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sealed import SealedBinaryField
from refunds.models.leg_state import LegState
from refunds.models.merchant import Merchant
from refunds.models.request import RefundRequest

if TYPE_CHECKING:
    from refunds.models.leg import PayoutLeg


class Payout(models.Model):
    """One per request; minor units of `currency`; one leg per original payment."""

    request = models.OneToOneField(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="payout",
    )
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    released_by = models.ForeignKey(
        User,
        verbose_name=_("released by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    released_at = models.DateTimeField(_("released at"))
    expected_on = models.DateField(_("expected by"))

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payout_positive")
        ]

    def __str__(self) -> str:
        return str(self.request)

    def is_settled(self) -> bool:
        """Whether what has arrived adds up to what was agreed."""
        arrived = self.legs.filter(state=LegState.SUCCEEDED)
        total = arrived.aggregate(sum=models.Sum("amount"))["sum"]
        return bool(total == self.amount)

    def last_attempts(self) -> "list[PayoutLeg]":
        """The last attempt on each payment, in the order of their first ones."""
        legs = self.legs.select_related("account").order_by("attempt", "pk")
        return list({leg.allocation_id: leg for leg in legs}.values())


class PayoutBatch(models.Model):
    """A file of transfers for the bank: made once, kept, the same bytes every time."""

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="batches",
    )
    number = models.CharField(_("message number"), max_length=35, unique=True)
    profile = models.CharField(_("format"), max_length=20)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("amount"))
    count = models.PositiveIntegerField(_("transfers"))
    name = models.CharField(_("file name"), max_length=80)
    content = SealedBinaryField()
    sha256 = models.CharField("SHA-256", max_length=64)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    first_downloaded_at = models.DateTimeField(_("first downloaded at"), null=True)
    answered_at = models.DateTimeField(_("bank's first answer at"), null=True)

    class Meta:
        verbose_name = _("bank batch")
        verbose_name_plural = _("bank batches")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number
