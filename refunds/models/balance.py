"""What is left of each payment, and what went back without us."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Payment, PaymentAllocation, User


class Balance(models.Model):
    """What was captured and how much of it is gone. Changed under its row lock only.

    `reserved` counts every leg that is not proven to have failed: unknown is gone.
    """

    captured = models.BigIntegerField(_("captured"))
    reserved = models.BigIntegerField(_("under way"), default=0)
    refunded = models.BigIntegerField(_("refunded"), default=0)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved__gte=0)
                & Q(refunded__gte=0)
                & Q(captured__gte=F("reserved") + F("refunded")),
                name="%(class)s_never_over",
            )
        ]

    @property
    def gone(self) -> int:
        return self.reserved + self.refunded

    @property
    def left(self) -> int:
        return self.captured - self.gone


class PaymentBalance(Balance):
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, related_name="balance", primary_key=True
    )

    class Meta(Balance.Meta):
        verbose_name = _("balance of a payment")
        verbose_name_plural = _("balances of payments")

    def __str__(self) -> str:
        return str(self.payment)


class AllocationBalance(Balance):
    allocation = models.OneToOneField(
        PaymentAllocation,
        on_delete=models.PROTECT,
        related_name="balance",
        primary_key=True,
    )

    class Meta(Balance.Meta):
        verbose_name = _("balance of an allocation")
        verbose_name_plural = _("balances of allocations")

    def __str__(self) -> str:
        return str(self.allocation)


class OutsideRefund(models.Model):
    """Money of a payment that went back without a payout of ours: in the provider's
    portal, or to a cardholder who won a dispute. Booked, or too much would go back."""

    class Cause(models.TextChoices):
        PORTAL = "portal", _("Refunded in the provider's portal")
        DISPUTE = "dispute", _("Lost dispute")

    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        on_delete=models.PROTECT,
        related_name="outside_refunds",
    )
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    reference = models.CharField(_("provider's number"), max_length=64)
    amount = models.BigIntegerField(_("amount"))
    happened_at = models.DateTimeField(_("happened at"))
    booked_at = models.DateTimeField(_("booked at"))
    booked_by = models.ForeignKey(
        User,
        verbose_name=_("booked by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    taken_back_at = models.DateTimeField(_("taken back at"), null=True)

    class Meta:
        verbose_name = _("refund made elsewhere")
        verbose_name_plural = _("refunds made elsewhere")
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "cause", "reference"], name="outside_refund_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="outside_refund_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Dispute(models.Model):
    """A chargeback: who paid took the money back through their bank, or tries to.

    While it is open its payment is `disputed`, and nothing of it is refunded.
    """

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        WON = "won", _("Decided for us")
        LOST = "lost", _("Decided for the payer")

    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        on_delete=models.PROTECT,
        related_name="disputes",
    )
    reference = models.CharField(_("provider's number"), max_length=64)
    amount = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    recorded_by = models.ForeignKey(
        User,
        verbose_name=_("recorded by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    outcome = models.CharField(
        _("outcome"), max_length=5, choices=Outcome.choices, blank=True
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.ForeignKey(
        User,
        verbose_name=_("ended by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "reference"], name="dispute_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True)
                | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="dispute_ended_with_outcome",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="dispute_positive"),
        ]

    def __str__(self) -> str:
        return self.reference
