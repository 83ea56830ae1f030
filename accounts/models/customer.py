"""Customer and Membership: who is under contract, and who acts for them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import checks, validators
from accounts.models.user import User


class Customer(models.Model):
    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        INDIVIDUAL = "individual", _("Individual")

    class Tier(models.TextChoices):
        STANDARD = "standard", _("Standard")
        DEDICATED = "dedicated", _("Dedicated")

    name = models.CharField(pgettext_lazy("customer", "name"), max_length=200)
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind.choices, default=Kind.COMPANY
    )
    tier = models.CharField(
        _("tier"), max_length=10, choices=Tier.choices, default=Tier.STANDARD
    )
    language = models.CharField(
        _("language"), max_length=10, default="zh-hans", choices=settings.LANGUAGES
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        default="Asia/Shanghai",
        validators=[validators.time_zone_name],
        help_text=_("As area and city, such as Asia/Shanghai."),
    )
    account_manager = models.ForeignKey(
        User,
        verbose_name=_("account manager"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="managed_customers",
    )
    members = models.ManyToManyField(
        User, verbose_name=_("members"), through="Membership", related_name="customers"
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            checks.one_of("kind", "company", "individual", name="customer_kind_known")
        ]
        indexes = [models.Index(fields=["name", "id"], name="customer_by_name")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner", pgettext_lazy("membership", "Owner")
        MEMBER = "member", pgettext_lazy("membership", "Member")

    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    user = models.ForeignKey(
        User,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    role = models.CharField(
        _("role"), max_length=10, choices=Role.choices, default=Role.MEMBER
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "user"], name="membership_once_per_user"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.customer}"
