"""Our own side of each route: merchants with their keys, and the stop switch."""

import json
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Route, User
from accounts.sealed import SealedTextField

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Merchant(models.Model):
    """One account of ours at a route. Its adapter says which `settings` and secrets it
    needs; a secret `env:NAME` stands in the environment, not here.

    `stopped_at`: the circuit breaker. A refusal for our configuration opens it for all
    payouts of the merchant; the self-check closes it.
    """

    route = models.CharField(_("route"), max_length=20, choices=Route.choices)
    number = models.CharField(
        _("merchant number"),
        max_length=64,
        help_text=_("As payments name it: the app id, mchid, account."),
    )
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address of the gateway"), blank=True, max_length=200)
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    sealed_secrets = SealedTextField(blank=True, editable=False)
    usual = models.BooleanField(
        _("the usual one"),
        default=False,
        help_text=_("For payments that name no merchant, one per route."),
    )
    enabled = models.BooleanField(_("in use"), default=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    checked_at = models.DateTimeField(_("last self-check"), null=True, editable=False)
    check_words = models.TextField(_("what it found"), blank=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped since"), null=True, editable=False)
    stopped_code = models.CharField(
        _("stopped by"), max_length=60, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        ordering = ["route", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["route", "number"], name="merchant_once_per_route"
            ),
            models.UniqueConstraint(
                fields=["route"],
                condition=Q(usual=True, enabled=True),
                name="merchant_one_usual_per_route",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_route_display()} · {self.number}"

    @property
    def secrets(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.sealed_secrets or "{}")
        return found

    def set_secrets(self, secrets: dict[str, str]) -> None:
        self.sealed_secrets = json.dumps(secrets)

    @property
    def is_sandbox(self) -> bool:
        """On this machine. A merchant without an address, a bank's, is both."""
        return urlsplit(self.address).hostname in LOOPBACK


class PayoutStop(models.Model):
    """Somebody stopped all payouts, or one route's. Kept when it goes on again.

    What is due waits; what is in the air is still asked about.
    """

    route = models.CharField(
        _("route"),
        max_length=20,
        choices=[("", _("All routes")), *Route.choices],
        blank=True,
    )
    reason = models.CharField(_("reason"), max_length=200)
    stopped_at = models.DateTimeField(_("stopped at"))
    stopped_by = models.ForeignKey(
        User,
        verbose_name=_("stopped by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    resumed_at = models.DateTimeField(_("went on at"), null=True)
    resumed_by = models.ForeignKey(
        User,
        verbose_name=_("turned back by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("stop of payouts")
        verbose_name_plural = _("stops of payouts")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["route"],
                condition=Q(resumed_at__isnull=True),
                name="payout_stop_once_per_route",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="payout_stop_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.get_route_display()
