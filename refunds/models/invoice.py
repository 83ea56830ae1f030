"""InvoiceReversal: what must happen to an invoice before its money goes back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Invoice, User
from refunds.models.request import RefundRequest


class InvoiceReversal(models.Model):
    """For one request, of one invoice; minor units of its currency, tax included.

    A void takes the whole invoice back in the month it was issued and issues another
    for what remains; `amount` is the refunded part in both kinds. Where the buyer has
    booked a digital invoice, they confirm a slip within 72 hours, or it lapses.
    """

    class Kind(models.TextChoices):
        VOID = "void", _("Void and reissue")
        RED_LETTER = "red_letter", _("Red-letter invoice")

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("reversal", "To be done")
        SLIP_WAITING = "slip_waiting", _("Waiting for the buyer to confirm the slip")
        SLIP_CONFIRMED = "slip_confirmed", _("Slip confirmed, to be issued")
        SLIP_LAPSED = "slip_lapsed", _("Slip lapsed, to be raised again")
        DONE = "done", pgettext_lazy("reversal", "Done")
        DROPPED = "dropped", pgettext_lazy("reversal", "Dropped")

    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="invoice_reversals",
    )
    invoice = models.ForeignKey(
        Invoice,
        verbose_name=_("invoice"),
        on_delete=models.PROTECT,
        related_name="reversals",
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    amount = models.BigIntegerField(_("amount"))
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.PLANNED
    )
    buyer_booked = models.BooleanField(
        _("the buyer has booked or deducted it"), default=False
    )
    planned_by = models.ForeignKey(
        User,
        verbose_name=_("planned by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    planned_at = models.DateTimeField(_("planned at"))
    slip_number = models.CharField(_("slip number"), max_length=40, blank=True)
    slip_until = models.DateTimeField(_("slip lapses at"), null=True)
    number = models.CharField(_("number of the reversal"), max_length=40, blank=True)
    reissued = models.ForeignKey(
        Invoice,
        verbose_name=_("invoice for what remains"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    done_by = models.ForeignKey(
        User,
        verbose_name=_("done by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("invoice reversal")
        verbose_name_plural = _("invoice reversals")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="reversal_positive"),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(number="") & Q(done_at__isnull=False)),
                name="reversal_done_with_number",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("slip_waiting", "slip_confirmed"))
                | (~Q(slip_number="") & Q(slip_until__isnull=False)),
                name="reversal_slip_with_deadline",
            ),
            models.UniqueConstraint(
                fields=["request", "invoice"],
                condition=~Q(state__in=("done", "dropped")),
                name="reversal_one_open_per_invoice",
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=~Q(number=""),
                name="reversal_number_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["slip_until"],
                condition=Q(state="slip_waiting"),
                name="reversal_slip_until",
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · {self.get_kind_display()}"
