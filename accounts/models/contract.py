"""Contract and its special agreements."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import checks, validators
from accounts.models.customer import Customer


class ProductLine(models.TextChoices):
    LIVE_STREAMING = "live_streaming", _("Live streaming")
    DEDICATED_LINE = "dedicated_line", _("Dedicated line")
    ONLINE_COURSE = "online_course", _("Online course")
    QUANTITY_PACKAGE = "quantity_package", _("Quantity package")
    CONFERENCE_SDK = "conference_sdk", _("Conferencing SDK")


class Contract(models.Model):
    """Money is in minor units of `currency`."""

    number = models.CharField(_("contract number"), max_length=40, unique=True)
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="contracts",
    )
    product_line = models.CharField(
        _("product line"), max_length=20, choices=ProductLine.choices
    )
    signed_on = models.DateField(_("signed on"), validators=[validators.plausible_day])
    effective_on = models.DateField(
        _("effective on"), validators=[validators.plausible_day]
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="CNY",
        validators=[validators.currency_code],
        help_text=_("The ISO code. Every sum of the contract is in it."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        default="Asia/Shanghai",
        validators=[validators.time_zone_name],
        help_text=_("Days and deadlines are counted in it, such as Asia/Shanghai."),
    )
    calendar = models.CharField(
        _("working calendar"),
        max_length=10,
        default="CN",
        validators=[validators.counted_country],
        help_text=_("The country whose working days count, such as CN."),
    )
    minimum_commitment = models.BigIntegerField(
        _("minimum commitment"),
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("What stays paid on the contract, unless we are at fault."),
    )
    refund_cap = models.BigIntegerField(
        _("refund cap"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("The most that may go back on the contract. Empty: no cap."),
    )
    policy_version = models.PositiveIntegerField(
        _("pinned policy version"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: the version in force on the day of signing."),
    )

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = [
            checks.one_of(
                "product_line", *ProductLine.values, name="contract_product_line_known"
            ),
            checks.reads("currency", checks.CURRENCY, name="contract_currency_code"),
            checks.reads("calendar", checks.COUNTRY, name="contract_calendar_country"),
            checks.not_below(
                0, "minimum_commitment", "refund_cap", name="contract_not_negative"
            ),
            checks.plausible_days("signed_on", "effective_on", name="contract_year"),
        ]
        indexes = [models.Index(fields=["signed_on", "id"], name="contract_by_day")]

    def __str__(self) -> str:
        return self.number


class ContractClause(models.Model):
    """A special agreement that overrides one field of one policy rule."""

    contract = models.ForeignKey(
        Contract,
        verbose_name=_("contract"),
        on_delete=models.CASCADE,
        related_name="clauses",
    )
    rule = models.CharField(_("rule"), max_length=60)
    field = models.CharField(_("field"), max_length=60)
    value = models.JSONField(_("value"))
    wording = models.TextField(_("the clause's wording"))

    class Meta:
        verbose_name = _("special agreement")
        verbose_name_plural = _("special agreements")
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "rule", "field"], name="clause_once_per_field"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract} · {self.rule}.{self.field}"
