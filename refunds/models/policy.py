"""Published refund rules, as rows. The engine in `policy/` applies them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import ProductLine


class PolicyVersion(models.Model):
    """All rules of one product line; in force for contracts signed from its date on."""

    product_line = models.CharField(
        _("product line"), max_length=20, choices=ProductLine.choices
    )
    version = models.PositiveIntegerField(_("version"))
    in_force_from = models.DateField(_("in force from"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        constraints = [
            models.UniqueConstraint(
                fields=["product_line", "version"], name="policy_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.product_line} {self.version}"


class PolicyRule(models.Model):
    """One rule, written as `refunds.policy.rules.Rule.as_dict` writes it."""

    version = models.ForeignKey(
        PolicyVersion,
        verbose_name=_("policy version"),
        on_delete=models.PROTECT,
        related_name="rules",
    )
    code = models.CharField(_("code"), max_length=60)
    position = models.PositiveIntegerField(_("position"))
    body = models.JSONField(_("rule"))

    class Meta:
        verbose_name = _("policy rule")
        verbose_name_plural = _("policy rules")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "code"], name="rule_once_per_version"
            )
        ]

    def __str__(self) -> str:
        return self.code
