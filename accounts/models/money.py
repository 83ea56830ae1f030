"""Payment, its allocation to services, and Invoice. Money in minor units."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import checks, validators
from accounts.models.contract import Contract
from accounts.models.customer import Customer
from accounts.models.service import Service
from accounts.sealed import SealedTextField


class Route(models.TextChoices):
    ALIPAY = "alipay", _("Alipay")
    WECHAT_PAY = "wechat_pay", _("WeChat Pay")
    STRIPE = "stripe", _("Stripe")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")


class Payment(models.Model):
    """One captured payment. `trade_number` is the provider's transaction number."""

    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="payments",
    )
    route = models.CharField(_("route"), max_length=20, choices=Route.choices)
    trade_number = models.CharField(_("transaction number"), max_length=64)
    amount = models.BigIntegerField(_("amount"), validators=[MinValueValidator(1)])
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="CNY",
        validators=[validators.currency_code],
        help_text=_("The ISO code, such as CNY or USD."),
    )
    paid_at = models.DateTimeField(
        _("paid at"), validators=[validators.plausible_moment]
    )
    payer_account = models.CharField(
        _("payer's account, masked"), max_length=60, blank=True
    )
    merchant = models.CharField(
        _("our merchant number"),
        max_length=64,
        blank=True,
        help_text=_("Where it was paid to; empty: the route's usual merchant."),
    )
    # Of a bank transfer: the account it came from, where the money can go back to.
    payer_name = models.CharField(_("payer's name"), max_length=140, blank=True)
    payer_number = SealedTextField(_("payer's account number"), blank=True)
    payer_bank_code = models.CharField(
        _("payer's bank code"), max_length=14, blank=True
    )
    route_open = models.BooleanField(_("route still open"), default=True)
    disputed = models.BooleanField(_("in dispute"), default=False)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(
                fields=["route", "trade_number"], name="payment_once_per_trade"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="payment_positive"
            ),
            checks.one_of("route", *Route.values, name="payment_route_known"),
            checks.reads("currency", checks.CURRENCY, name="payment_currency_code"),
            checks.plausible_moments("paid_at", name="payment_year"),
        ]
        indexes = [models.Index(fields=["paid_at", "id"], name="payment_by_moment")]

    def __str__(self) -> str:
        return self.trade_number


class PaymentAllocation(models.Model):
    """How much of a payment belongs to which service."""

    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        on_delete=models.PROTECT,
        related_name="allocations",
    )
    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.PROTECT,
        related_name="allocations",
    )
    amount = models.BigIntegerField(_("amount"), validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "service"], name="allocation_once_per_service"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="allocation_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment} → {self.service}"


class Invoice(models.Model):
    class Kind(models.TextChoices):
        PAPER = "paper", _("Paper invoice")
        DIGITAL = "digital", _("Fully digital invoice")

    number = models.CharField(_("invoice number"), max_length=40, unique=True)
    contract = models.ForeignKey(
        Contract,
        verbose_name=_("contract"),
        on_delete=models.PROTECT,
        related_name="invoices",
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    issued_on = models.DateField(_("issued on"), validators=[validators.plausible_day])
    amount = models.BigIntegerField(
        _("amount"),
        validators=[MinValueValidator(1)],
        help_text=_("In the contract's currency, tax included."),
    )
    tax = models.BigIntegerField(_("tax"), default=0, validators=[MinValueValidator(0)])
    reversed = models.BigIntegerField(
        _("reversed"),
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("How much of it has been voided or red-lettered."),
    )

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes = [models.Index(fields=["issued_on", "id"], name="invoice_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reversed__gte=0)
                & models.Q(reversed__lte=models.F("amount")),
                name="invoice_reversed_within_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(tax__gte=0)
                & models.Q(tax__lte=models.F("amount"))
                & models.Q(amount__gt=0),
                name="invoice_tax_within_amount",
            ),
            checks.plausible_days("issued_on", name="invoice_year"),
        ]

    def __str__(self) -> str:
        return self.number

    def clean(self) -> None:
        if self.amount is None:
            return
        if self.tax is not None and self.tax > self.amount:
            raise ValidationError({"tax": _("The tax is more than the amount.")})
        if self.reversed is not None and self.reversed > self.amount:
            raise ValidationError(
                {"reversed": _("More is reversed than the invoice is about.")}
            )
