"""Notice: mail that is promised. The row is the promise; `key` makes it once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.models.clock import Deadline
from refunds.models.request import RefundRequest


class Notice(models.Model):
    """Written in the transaction that causes it, sent after; mail at least once."""

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="notices",
    )
    deadline = models.ForeignKey(
        Deadline, null=True, on_delete=models.PROTECT, related_name="notices"
    )
    recipient = models.ForeignKey(
        User, verbose_name=_("recipient"), on_delete=models.PROTECT, related_name="+"
    )
    data = models.JSONField(default=dict)
    written_at = models.DateTimeField(_("written at"))
    next_try_at = models.DateTimeField(_("next try at"), null=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    fault = models.TextField(_("last fault"), blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="notice_next_try",
            ),
            models.Index(
                fields=["recipient"],
                condition=models.Q(kind="staff_complaint"),
                name="notice_complaint",
            ),
        ]

    def __str__(self) -> str:
        return self.key
