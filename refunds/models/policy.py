"""Refund policies as rows: policy, version, rule. The engine in `policy/` applies them.

A draft is edited; published, neither it nor its rules ever change, in the database too
(`record/triggers.py`). A later version supersedes it for contracts signed from its
date on.
"""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import ProductLine, User


class Policy(models.Model):
    product_line = models.CharField(
        _("product line"), max_length=20, choices=ProductLine.choices, unique=True
    )
    # Where the event chain stands: its length and the hash of its last link.
    event_count = models.PositiveIntegerField(default=0, editable=False)
    event_head = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("refund policy")
        verbose_name_plural = _("refund policies")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(ProductLine(self.product_line).label)

    def in_force(self, day: date) -> "PolicyVersion | None":
        """The version for contracts signed on that day."""
        published = self.versions.filter(
            published_at__isnull=False, in_force_from__lte=day
        )
        return published.order_by("in_force_from", "version").last()


class PolicyVersion(models.Model):
    """All rules of one product line; in force for contracts signed from its date on."""

    policy = models.ForeignKey(
        Policy,
        verbose_name=_("refund policy"),
        on_delete=models.PROTECT,
        related_name="versions",
    )
    version = models.PositiveIntegerField(_("version"))
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    published_at = models.DateTimeField(
        _("published at"), null=True, blank=True, editable=False
    )
    published_by = models.ForeignKey(
        User,
        verbose_name=_("published by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ["policy", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "version"], name="policy_version_once"
            ),
            models.UniqueConstraint(
                fields=["policy"],
                condition=Q(published_at__isnull=True),
                name="policy_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(in_force_from__isnull=False),
                name="policy_published_with_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy.product_line} {self.version}"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


class PolicyRule(models.Model):
    """One rule, written as `refunds.policy.rules.Rule.as_dict` writes it."""

    version = models.ForeignKey(
        PolicyVersion,
        verbose_name=_("policy version"),
        on_delete=models.CASCADE,
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
