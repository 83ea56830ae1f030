"""What the customer or the staff showed, and what a reviewer established with it."""

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import validators
from accounts.models import QualityReading, User
from refunds.models.request import RefundRequest


def evidence_storage() -> Storage:
    return storages["evidence"]


class Evidence(models.Model):
    """A file exactly as it was sent; `view` is the re-encoded image that is shown."""

    class Kind(models.TextChoices):
        PAYMENT_RECORD = "payment_record", _("Payment record")
        AGREEMENT_PAGE = "agreement_page", _("Agreement page")
        MONITORING_REPORT = "monitoring_report", _("Monitoring report")
        FAULT_LOG = "fault_log", _("Fault log")
        PROGRESS_SCREENSHOT = "progress_screenshot", _("Progress screenshot")
        COMMUNICATION = "communication", _("Communication")
        THIRD_PARTY_DATA = "third_party_data", _("Third-party data")
        NOTARISED_RECORD = "notarised_record", _("Notarised record")
        OTHER = "other", _("Other evidence")

    class Verdict(models.TextChoices):
        UNSEEN = "", _("Not checked yet")
        VERIFIED = "verified", pgettext_lazy("evidence", "Verified")
        DISMISSED = "dismissed", _("Dismissed")

    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="evidence",
    )
    kind = models.CharField(
        _("kind"), max_length=20, choices=Kind.choices, default=Kind.OTHER
    )
    name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(_("size"), help_text=_("in bytes"))
    pages = models.PositiveIntegerField(_("pages"), default=1)
    sha256 = models.CharField("SHA-256", max_length=64)
    file = models.FileField(storage=evidence_storage, upload_to="%Y/%m")
    view = models.FileField(storage=evidence_storage, upload_to="%Y/%m", blank=True)
    added_by = models.ForeignKey(
        User, verbose_name=_("added by"), on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(_("added at"))
    frozen_at = models.DateTimeField(_("kept unchanged since"), null=True)
    verdict = models.CharField(
        _("verdict"), max_length=10, choices=Verdict.choices, blank=True
    )
    verdict_reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "sha256"], name="evidence_once_per_request"
            )
        ]
        indexes = [models.Index(fields=["sha256"], name="evidence_by_hash")]

    def __str__(self) -> str:
        return self.name


class Measurement(models.Model):
    """What the customer measured, with the report that says so; it counts once a
    reviewer accepts it, as a reading of the service."""

    class Verdict(models.TextChoices):
        UNSEEN = "", _("Not checked yet")
        ACCEPTED = "accepted", pgettext_lazy("measurement", "Accepted")
        DISMISSED = "dismissed", pgettext_lazy("measurement", "Dismissed")

    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="measurements",
    )
    evidence = models.ForeignKey(
        Evidence,
        verbose_name=_("report"),
        on_delete=models.PROTECT,
        related_name="measurements",
    )
    metric = models.CharField(
        _("metric"), max_length=40, validators=[validators.metric_name]
    )
    period_from = models.DateTimeField(pgettext_lazy("period", "from"))
    period_to = models.DateTimeField(pgettext_lazy("period", "to"))
    measured = models.CharField(
        _("measured"), max_length=20, validators=[validators.exact_decimal]
    )
    added_by = models.ForeignKey(
        User, verbose_name=_("added by"), on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(_("added at"))
    verdict = models.CharField(
        _("verdict"), max_length=10, choices=Verdict.choices, blank=True
    )
    verdict_reason = models.TextField(_("reason"), blank=True)
    reading = models.OneToOneField(
        QualityReading,
        verbose_name=_("quality reading"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(period_to__gte=models.F("period_from")),
                name="measurement_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="accepted", reading__isnull=False)
                | (~models.Q(verdict="accepted") & models.Q(reading=None)),
                name="measurement_counts_once_accepted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.metric}"


class Finding(models.Model):
    """A fact a reviewer established; the policy engine reads it from here."""

    class Kind(models.TextChoices):
        GAP_CONFIRMED = "gap_confirmed_by_both", _("Both sides confirmed the gap")
        DEFECT_VERIFIED = "defect_verified", _("The content defect is real")
        CUSTOMER_FAULT = "customer_fault", _("The customer caused it")
        ITEM_UNDELIVERED = "item_undelivered", _("A promised item was not delivered")

    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="findings",
    )
    kind = models.CharField(_("finding"), max_length=30, choices=Kind.choices)
    item = models.CharField(_("item"), max_length=120, blank=True)
    words = models.TextField(_("what was established"))
    evidence = models.ManyToManyField(Evidence, verbose_name=_("evidence"), blank=True)
    by = models.ForeignKey(
        User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")

    def __str__(self) -> str:
        return self.get_kind_display()
