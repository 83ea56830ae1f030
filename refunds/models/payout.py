"""The money that goes back: balances, Payout, its legs, every call to a route."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Payment, PaymentAllocation, Route, User
from refunds.models.request import RefundRequest


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


class LegState(models.TextChoices):
    PREPARED = "prepared", pgettext_lazy("leg", "Prepared")
    SENDING = "sending", pgettext_lazy("leg", "Being sent")
    PROCESSING = "processing", pgettext_lazy("leg", "Under way")
    UNKNOWN = "unknown", pgettext_lazy("leg", "Being checked")
    HELD = "held", pgettext_lazy("leg", "Waiting")
    NEEDS_ACTION = "needs_action", pgettext_lazy("leg", "Needs a person")
    SUCCEEDED = "succeeded", pgettext_lazy("leg", "Refunded")
    REVERSED = "reversed", pgettext_lazy("leg", "Came back")
    FAILED = "failed", pgettext_lazy("leg", "Failed")
    ROUTE_CLOSED = "route_closed", pgettext_lazy("leg", "Route closed")
    ABANDONED = "abandoned", pgettext_lazy("leg", "Never sent")


# Where no money moved and none can: the reservation is free again.
MOVED_NOTHING = (
    LegState.FAILED,
    LegState.ROUTE_CLOSED,
    LegState.REVERSED,
    LegState.ABANDONED,
)
IN_FLIGHT = (
    LegState.PREPARED,
    LegState.SENDING,
    LegState.PROCESSING,
    LegState.UNKNOWN,
    LegState.HELD,
    LegState.NEEDS_ACTION,
)


class PayoutLeg(models.Model):
    """One attempt to give back part of one payment, under one key for ever.

    `next_at` is when the sweep looks at it again; `parameters` are frozen with it.
    """

    payout = models.ForeignKey(
        Payout,
        verbose_name=_("payout"),
        on_delete=models.PROTECT,
        related_name="legs",
    )
    allocation = models.ForeignKey(
        PaymentAllocation,
        verbose_name=_("allocation"),
        on_delete=models.PROTECT,
        related_name="legs",
    )
    attempt = models.PositiveIntegerField(_("attempt"), default=1)
    route = models.CharField(_("route"), max_length=20, choices=Route.choices)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    key = models.CharField(_("key"), max_length=32)
    parameters = models.JSONField()
    state = models.CharField(
        _("state"), max_length=16, choices=LegState.choices, default=LegState.PREPARED
    )
    provider_number = models.CharField(
        _("provider's number"), max_length=64, blank=True
    )
    code = models.CharField(_("last code"), max_length=60, blank=True)
    fault = models.TextField(_("last fault"), blank=True)
    sendings = models.PositiveIntegerField(_("sendings"), default=0)
    queries = models.PositiveIntegerField(_("queries since"), default=0)
    prepared_at = models.DateTimeField(_("prepared at"))
    sent_at = models.DateTimeField(_("sent at"), null=True)
    unknown_since = models.DateTimeField(_("unknown since"), null=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    next_at = models.DateTimeField(_("looked at again at"), null=True)

    class Meta:
        verbose_name = _("payout leg")
        verbose_name_plural = _("payout legs")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["route", "key"], name="leg_key_once_per_route"
            ),
            models.UniqueConstraint(
                fields=["payout", "allocation", "attempt"], name="leg_attempt_once"
            ),
            models.UniqueConstraint(
                fields=["payout", "allocation"],
                condition=Q(state__in=IN_FLIGHT),
                name="leg_one_in_flight",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="leg_positive"),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(next_at__isnull=False),
                name="leg_next",
            )
        ]

    def __str__(self) -> str:
        return self.key


class PayoutCall(models.Model):
    """One exchange with a route, as it was; append-only by trigger."""

    class Kind(models.TextChoices):
        SUBMIT = "submit", _("Refund")
        QUERY = "query", _("Query")

    leg = models.ForeignKey(
        PayoutLeg,
        verbose_name=_("payout leg"),
        on_delete=models.PROTECT,
        related_name="calls",
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    at = models.DateTimeField(_("at"))
    outcome = models.CharField(_("outcome"), max_length=20)
    code = models.CharField(_("code"), max_length=60, blank=True)
    message = models.TextField(_("the route's words"), blank=True)
    http_status = models.PositiveIntegerField(null=True)
    signature_ok = models.BooleanField(null=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("call to a route")
        verbose_name_plural = _("calls to a route")

    def __str__(self) -> str:
        return f"{self.leg} · {self.kind}"
