"""Service: what a contract delivers, its items, its fees and what was used."""

from datetime import UTC, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import checks, validators
from accounts.models.contract import Contract


class Service(models.Model):
    class Billing(models.TextChoices):
        TERM = "term", _("Prepaid time")
        METERED = "metered", _("Prepaid balance")
        LESSONS = "lessons", _("Lessons")
        QUANTITY = "quantity", _("Quantity")

    contract = models.ForeignKey(
        Contract,
        verbose_name=_("contract"),
        on_delete=models.PROTECT,
        related_name="services",
    )
    name = models.CharField(pgettext_lazy("service", "name"), max_length=200)
    billing = models.CharField(_("billing"), max_length=10, choices=Billing.choices)
    activated_at = models.DateTimeField(
        _("activated at"),
        null=True,
        blank=True,
        validators=[validators.plausible_moment],
        help_text=_("Empty until it is activated."),
    )
    ends_on = models.DateField(
        _("ends on"),
        null=True,
        blank=True,
        validators=[validators.plausible_day],
        help_text=_("The last day that was paid for."),
    )
    ended_at = models.DateTimeField(
        _("ended at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Set when a refund that ends the service is agreed."),
    )
    course_started_at = models.DateTimeField(
        _("course started at"),
        null=True,
        blank=True,
        validators=[validators.plausible_moment],
    )
    delivery_due_on = models.DateField(
        _("delivery due on"),
        null=True,
        blank=True,
        validators=[validators.plausible_day],
    )
    promised = models.JSONField(
        _("promised levels"),
        default=dict,
        blank=True,
        validators=[validators.promised_levels],
    )
    product_version = models.CharField(
        _("product version in use"), max_length=40, blank=True
    )
    continues = models.ForeignKey(
        "self",
        verbose_name=_("continues"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="renewals",
    )

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            checks.one_of(
                "billing",
                "term",
                "metered",
                "lessons",
                "quantity",
                name="service_billing_known",
            ),
            checks.reads_as_text(
                "promised", checks.PROMISED, name="service_promised_levels"
            ),
            checks.plausible_days("ends_on", "delivery_due_on", name="service_year"),
            checks.plausible_moments(
                "activated_at", "course_started_at", name="service_begin_year"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        # A day less, because the contract's time zone may be behind UTC.
        if self.activated_at and self.ends_on:
            activated = self.activated_at.astimezone(UTC).date() - timedelta(days=1)
            if self.ends_on < activated:
                raise ValidationError(
                    {"ends_on": _("The service ends before it was activated.")}
                )
        if self.pk is not None and self.continues_id == self.pk:
            raise ValidationError(
                {"continues": _("A service can't be its own renewal.")}
            )


class ServiceItem(models.Model):
    """A promised feature, region or support entitlement; `value` in minor units."""

    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.CASCADE,
        related_name="items",
    )
    name = models.CharField(pgettext_lazy("item", "name"), max_length=120)
    value = models.BigIntegerField(
        pgettext_lazy("item", "value"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("What comes back where it is not delivered. Empty: by agreement."),
    )

    class Meta:
        verbose_name = _("service item")
        verbose_name_plural = _("service items")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "name"], name="item_once_per_service"
            ),
            checks.not_below(0, "value", name="item_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class Fee(models.Model):
    """A fee inside the price, in minor units; a share is written as `0.5`."""

    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.CASCADE,
        related_name="fees",
    )
    name = models.CharField(pgettext_lazy("fee", "name"), max_length=120)
    amount = models.BigIntegerField(_("amount"), validators=[MinValueValidator(0)])
    refundable = models.CharField(
        _("refundable"),
        max_length=20,
        default="never",
        validators=[validators.refundable],
        help_text=_("never, before_activation, always, or a share such as 0.5"),
    )

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="fee_not_negative"
            ),
            checks.reads("refundable", checks.REFUNDABLE, name="fee_refundable_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Usage(models.Model):
    """What was used, from the provider's own records; one row per service."""

    service = models.OneToOneField(
        Service,
        verbose_name=_("service"),
        on_delete=models.CASCADE,
        related_name="usage",
    )
    share_used = models.CharField(
        _("share used"),
        max_length=20,
        blank=True,
        validators=[validators.share],
        help_text=_("From 0 to 1, such as 0.25, where nothing below was counted."),
    )
    lessons_total = models.PositiveIntegerField(
        _("lessons in all"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    lessons_used = models.PositiveIntegerField(_("lessons used"), null=True, blank=True)
    ordered = models.PositiveIntegerField(
        _("ordered"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    delivered = models.PositiveIntegerField(_("delivered"), null=True, blank=True)
    consumed = models.BigIntegerField(
        _("consumed balance"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    recorded_at = models.DateTimeField(_("recorded at"), auto_now=True)

    class Meta:
        verbose_name = _("usage")
        verbose_name_plural = _("usage")
        constraints = [
            checks.reads("share_used", checks.SHARE_OR_EMPTY, name="usage_share_used"),
            checks.within_whole(
                "lessons_used", "lessons_total", name="usage_lessons_within_all"
            ),
            checks.both_or_neither(
                "delivered", "ordered", name="usage_delivered_of_ordered"
            ),
            checks.not_below(
                0, "consumed", "delivered", "lessons_used", name="usage_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return str(self.service)

    def clean(self) -> None:
        wrong: dict[str, object] = {}
        if (self.lessons_total is None) != (self.lessons_used is None):
            wrong["lessons_used"] = _(
                "Write both, the lessons in all and those used; 0 where none was."
            )
        if (self.ordered is None) != (self.delivered is None):
            wrong["delivered"] = _(
                "Write both, what was ordered and delivered; 0 where nothing was."
            )
        if (self.lessons_used or 0) > (self.lessons_total or self.lessons_used or 0):
            wrong["lessons_used"] = _("More lessons are used than there are.")
        if wrong:
            raise ValidationError(wrong)
