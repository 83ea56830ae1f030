"""PayoutLeg: one attempt to give money back; its calls, and what people found out."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import PaymentAllocation, Route, User
from refunds.models.account import PayoutAccount
from refunds.models.leg_state import IN_FLIGHT, LegState
from refunds.models.merchant import Merchant
from refunds.models.payout import Payout, PayoutBatch

# WeChat Pay: the payer's card or account took it no longer. The same refund goes on
# to another account.
ABNORMAL = "ABNORMAL"


class PayoutLeg(models.Model):
    """One attempt to give back part of one payment, under one key for ever.

    `next_at` is when the sweep looks at it again; `parameters` are frozen with it.
    `account`: where it goes instead of back to the payer. `settled_by`: the exchange
    that proves how it ended. `watches`: looks at it since it succeeded.
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
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        null=True,
        on_delete=models.PROTECT,
        related_name="legs",
    )
    account = models.ForeignKey(
        PayoutAccount,
        verbose_name=_("another account"),
        null=True,
        on_delete=models.PROTECT,
        related_name="legs",
    )
    batch = models.ForeignKey(
        PayoutBatch,
        verbose_name=_("bank batch"),
        null=True,
        on_delete=models.PROTECT,
        related_name="legs",
    )
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
    watches = models.PositiveIntegerField(default=0)
    settled_by = models.ForeignKey(
        "PayoutCall", null=True, on_delete=models.PROTECT, related_name="+"
    )

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
            models.CheckConstraint(
                condition=~Q(state__in=("succeeded", "failed", "reversed"))
                | Q(settled_by__isnull=False),
                name="leg_settled_by_proof",
            ),
            models.CheckConstraint(
                condition=~Q(state="route_closed")
                | Q(settled_by__isnull=False)
                | Q(sendings=0),
                name="leg_closed_by_proof_or_never_sent",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("prepared", "abandoned")) | Q(sendings=0),
                name="leg_unsent_means_never_sent",
            ),
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

    @property
    def needs_account(self) -> bool:
        """Whether this money can't go back, or did not stay, where it came from."""
        abnormal = self.route == Route.WECHAT_PAY and self.code == ABNORMAL
        return self.state in (LegState.ROUTE_CLOSED, LegState.REVERSED) or (
            self.state == LegState.NEEDS_ACTION and abnormal
        )


class PayoutCall(models.Model):
    """One exchange with a route, as it was; append-only by trigger."""

    class Kind(models.TextChoices):
        SUBMIT = "submit", _("Refund")
        QUERY = "query", _("Query")
        BATCH = "batch", _("Bank batch")
        FILE = "file", _("Bank's file")
        FINDING = "finding", _("Finding of two people")

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


class LegFinding(models.Model):
    """What a person found out about a leg that no query settles; a second one agrees.

    `moved`: whether the money went back. Without the second person nothing changes.
    """

    leg = models.ForeignKey(
        PayoutLeg,
        verbose_name=_("payout leg"),
        on_delete=models.PROTECT,
        related_name="findings",
    )
    moved = models.BooleanField(_("the money went back"))
    provider_number = models.CharField(
        _("provider's number"), max_length=64, blank=True
    )
    words = models.TextField(_("how this was found out"))
    found_by = models.ForeignKey(
        User, verbose_name=_("found by"), on_delete=models.PROTECT, related_name="+"
    )
    found_at = models.DateTimeField(_("found at"))
    decided_by = models.ForeignKey(
        User,
        verbose_name=_("second person"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    agreed = models.BooleanField(_("agreed"), null=True)

    class Meta:
        verbose_name = _("finding on a payout")
        verbose_name_plural = _("findings on payouts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["leg"],
                condition=Q(agreed__isnull=True),
                name="leg_finding_one_open",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | ~Q(decided_by=models.F("found_by")),
                name="leg_finding_four_eyes",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="leg_finding_words"),
        ]

    def __str__(self) -> str:
        return f"{self.leg}"
