"""Service: what a contract delivers, its items, its fees and what was used."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
    activated_at = models.DateTimeField(_("activated at"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    ended_at = models.DateTimeField(
        _("ended at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Set when a refund that ends the service is agreed."),
    )
    course_started_at = models.DateTimeField(
        _("course started at"), null=True, blank=True
    )
    delivery_due_on = models.DateField(_("delivery due on"), null=True, blank=True)
    promised = models.JSONField(_("promised levels"), default=dict, blank=True)
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

    def __str__(self) -> str:
        return self.name


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
        pgettext_lazy("item", "value"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("service item")
        verbose_name_plural = _("service items")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "name"], name="item_once_per_service"
            )
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
    amount = models.BigIntegerField(_("amount"))
    refundable = models.CharField(
        _("refundable"),
        max_length=20,
        default="never",
        help_text=_("never, before_activation, always, or a share such as 0.5"),
    )

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="fee_not_negative"
            )
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
    share_used = models.CharField(_("share used"), max_length=20, blank=True)
    lessons_total = models.PositiveIntegerField(
        _("lessons in all"), null=True, blank=True
    )
    lessons_used = models.PositiveIntegerField(_("lessons used"), null=True, blank=True)
    ordered = models.PositiveIntegerField(_("ordered"), null=True, blank=True)
    delivered = models.PositiveIntegerField(_("delivered"), null=True, blank=True)
    consumed = models.BigIntegerField(_("consumed balance"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), auto_now=True)

    class Meta:
        verbose_name = _("usage")
        verbose_name_plural = _("usage")

    def __str__(self) -> str:
        return str(self.service)
