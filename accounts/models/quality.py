"""Outages and quality readings: what the provider's records say went wrong."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import checks, validators
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
    began_at = models.DateTimeField(
        pgettext_lazy("period", "from"), validators=[validators.plausible_moment]
    )
    ended_at = models.DateTimeField(
        pgettext_lazy("period", "to"),
        null=True,
        blank=True,
        validators=[validators.plausible_moment],
        help_text=_("Empty while it lasts."),
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
        help_text=_("Only a verified outage counts for a refund."),
    )

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        ordering = ["began_at"]
        indexes = [models.Index(fields=["began_at", "id"], name="outage_by_moment")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(ended_at__gte=models.F("began_at")),
                name="outage_ends_after_it_began",
            ),
            checks.one_of("extent", "total", "degraded", name="outage_extent_known"),
            checks.one_of(
                "cause",
                "provider",
                "customer",
                "third_party",
                "force_majeure",
                name="outage_cause_known",
            ),
            checks.plausible_moments("began_at", "ended_at", name="outage_year"),
        ]

    def __str__(self) -> str:
        return f"{self.service} · {self.began_at:%Y-%m-%d %H:%M}"

    def clean(self) -> None:
        if self.began_at and self.ended_at and self.ended_at < self.began_at:
            raise ValidationError({"ended_at": _("It ends before it begins.")})


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
    metric = models.CharField(
        _("metric"),
        max_length=40,
        validators=[validators.metric_name],
        help_text=_("Such as availability, bandwidth_mbps, latency_ms or loss."),
    )
    period_from = models.DateTimeField(
        pgettext_lazy("period", "from"), validators=[validators.plausible_moment]
    )
    period_to = models.DateTimeField(
        pgettext_lazy("period", "to"), validators=[validators.plausible_moment]
    )
    promised = models.CharField(
        _("promised"),
        max_length=20,
        validators=[validators.exact_decimal],
        help_text=_("A plain number; availability in per cent, such as 99.95."),
    )
    measured = models.CharField(
        _("measured"),
        max_length=20,
        validators=[validators.exact_decimal],
        help_text=_("In the same unit as what was promised."),
    )
    source = models.CharField(_("source"), max_length=20, choices=Source.choices)
    accepted = models.BooleanField(
        _("accepted"),
        default=False,
        help_text=_("Only an accepted reading counts for a refund."),
    )

    class Meta:
        verbose_name = _("quality reading")
        verbose_name_plural = _("quality readings")
        ordering = ["period_from"]
        indexes = [models.Index(fields=["period_from", "id"], name="reading_by_day")]
        constraints = [
            checks.reads("metric", checks.METRIC, name="reading_metric"),
            checks.reads("promised", checks.LEVEL, name="reading_promised_number"),
            checks.reads("measured", checks.LEVEL, name="reading_measured_number"),
            checks.in_order("period_from", "period_to", name="reading_in_order"),
            checks.plausible_moments("period_from", "period_to", name="reading_year"),
        ]

    def __str__(self) -> str:
        return f"{self.service} · {self.metric}"

    def clean(self) -> None:
        wrong: dict[str, object] = {}
        if self.period_from and self.period_to and self.period_to < self.period_from:
            wrong["period_to"] = _("It ends before it begins.")
        for field in ("promised", "measured"):
            try:
                validators.possible_level(getattr(self, field), metric=self.metric)
            except ValidationError as error:
                wrong[field] = error
        if wrong:
            raise ValidationError(wrong)
