"""Outages and quality readings: what the provider's records say went wrong."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.service import Service
from accounts.models.user import User


class Outage(models.Model):
    class Extent(models.TextChoices):
        TOTAL = "total", pgettext_lazy("extent", "Total")
        DEGRADED = "degraded", _("Degraded")

    class Cause(models.TextChoices):
        PROVIDER = "provider", _("Provider")
        CUSTOMER = "customer", _("Customer")
        THIRD_PARTY = "third_party", _("Third party")
        FORCE_MAJEURE = "force_majeure", _("Force majeure")

    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.CASCADE,
        related_name="outages",
    )
    began_at = models.DateTimeField(pgettext_lazy("period", "from"))
    ended_at = models.DateTimeField(
        pgettext_lazy("period", "to"), null=True, blank=True
    )
    extent = models.CharField(_("extent"), max_length=10, choices=Extent.choices)
    cause = models.CharField(_("cause"), max_length=20, choices=Cause.choices)
    business_affected = models.BooleanField(_("business was affected"), default=False)
    verified_by = models.ForeignKey(
        User,
        verbose_name=_("verified by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        ordering = ["began_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(ended_at__gte=models.F("began_at")),
                name="outage_ends_after_it_began",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} · {self.began_at:%Y-%m-%d %H:%M}"


class QualityReading(models.Model):
    """A metric over a period; promised and measured as exact decimals in text."""

    class Source(models.TextChoices):
        PROVIDER = "provider", _("Provider's monitoring")
        CUSTOMER = "customer", _("Customer's test")
        THIRD_PARTY = "third_party", _("Third party")

    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.CASCADE,
        related_name="readings",
    )
    metric = models.CharField(_("metric"), max_length=40)
    period_from = models.DateTimeField(pgettext_lazy("period", "from"))
    period_to = models.DateTimeField(pgettext_lazy("period", "to"))
    promised = models.CharField(_("promised"), max_length=20)
    measured = models.CharField(_("measured"), max_length=20)
    source = models.CharField(_("source"), max_length=20, choices=Source.choices)
    accepted = models.BooleanField(_("accepted"), default=False)

    class Meta:
        verbose_name = _("quality reading")
        verbose_name_plural = _("quality readings")
        ordering = ["period_from"]

    def __str__(self) -> str:
        return f"{self.service} · {self.metric}"
