"""Event, one line of a request's history; PolicyEvent, of a policy's; Message, what
both sides said."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from refunds.models.policy import Policy
from refunds.models.request import RefundRequest


class Link(models.Model):
    """One line of a history: chained by hash to the one before it (see `record/`)."""

    position = models.PositiveIntegerField(_("position"))
    kind = models.CharField(_("what"), max_length=40)
    actor = models.ForeignKey(
        User,
        verbose_name=_("who"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField(_("when"))
    data = models.JSONField(_("data"), default=dict)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        abstract = True


class Event(Link):
    """Append-only by trigger, chained per request."""

    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="events",
    )
    from_state = models.CharField(
        pgettext_lazy("state", "from"), max_length=24, blank=True
    )
    to_state = models.CharField(pgettext_lazy("state", "to"), max_length=24, blank=True)
    reason = models.TextField(_("why"), blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["request_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "position"], name="event_once_per_position"
            )
        ]
        indexes = [
            models.Index(fields=["actor", "request"], name="event_by_actor"),
            models.Index(fields=["kind", "at"], name="event_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.position} · {self.kind}"


class PolicyEvent(Link):
    """Append-only by trigger, chained per policy."""

    policy = models.ForeignKey(
        Policy,
        verbose_name=_("policy"),
        on_delete=models.PROTECT,
        related_name="events",
    )
    version = models.PositiveIntegerField(_("version"))

    class Meta:
        verbose_name = _("policy event")
        verbose_name_plural = _("policy events")
        ordering = ["policy_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "position"], name="policy_event_once_per_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.policy} · {self.position} · {self.kind}"


class Message(models.Model):
    """An internal note stays inside."""

    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="messages",
    )
    author = models.ForeignKey(
        User, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+"
    )
    from_customer = models.BooleanField(_("from the customer"))
    internal = models.BooleanField(_("internal"), default=False)
    words = models.TextField(_("message"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(internal=True, from_customer=True),
                name="message_internal_is_from_staff",
            )
        ]

    def __str__(self) -> str:
        return self.words[:60]
