"""Backtest: a draft tried on the past; and each decided request it would change."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from refunds.models.offer import Assessment
from refunds.models.policy import PolicyVersion
from refunds.models.request import RefundRequest


class Backtest(models.Model):
    """One run, taken further a batch at a time; `refunds.insight.backtest` writes it.

    seen_at   when its worker last reported; empty while nobody has it in hand
    position  the last request tried; what is counted and kept reaches exactly there
    summary   the figures so far
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("backtest", "Waiting")
        RUNNING = "running", pgettext_lazy("backtest", "Running")
        DONE = "done", pgettext_lazy("backtest", "Done")
        FAILED = "failed", pgettext_lazy("backtest", "Failed")

    version = models.ForeignKey(
        PolicyVersion,
        verbose_name=_("policy version"),
        on_delete=models.CASCADE,
        related_name="backtests",
    )
    rules = models.JSONField(_("rules as they were tried"))
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    started_by = models.ForeignKey(
        User,
        verbose_name=_("started by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    asked_at = models.DateTimeField(_("asked at"))
    seen_at = models.DateTimeField(_("last heard of at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    total = models.PositiveIntegerField(_("requests in all"), default=0)
    done = models.PositiveIntegerField(_("requests tried"), default=0)
    position = models.PositiveBigIntegerField(default=0, editable=False)
    summary = models.JSONField(_("summary"), default=list)
    failure = models.TextField(_("why it failed"), blank=True)

    class Meta:
        verbose_name = _("backtest")
        verbose_name_plural = _("backtests")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.version} · {self.asked_at:%Y-%m-%d %H:%M}"


class BacktestChange(models.Model):
    """A decided request that would have got another answer. Minor units.

    problem  why the rules could not be applied to it; nothing comes after, then
    """

    backtest = models.ForeignKey(
        Backtest,
        verbose_name=_("backtest"),
        on_delete=models.CASCADE,
        related_name="changes",
    )
    request = models.ForeignKey(
        RefundRequest, verbose_name=_("refund request"), on_delete=models.PROTECT
    )
    assessment = models.ForeignKey(
        Assessment, verbose_name=_("assessment"), on_delete=models.PROTECT
    )
    currency = models.CharField(_("currency"), max_length=3)
    rule_before = models.CharField(_("rule before"), max_length=60, blank=True)
    rule_after = models.CharField(_("rule after"), max_length=60, blank=True)
    denied_before = models.CharField(_("denial before"), max_length=30, blank=True)
    denied_after = models.CharField(_("denial after"), max_length=30, blank=True)
    amount_before = models.BigIntegerField(_("amount before"), null=True)
    amount_after = models.BigIntegerField(_("amount after"), null=True)
    ceiling_before = models.BigIntegerField(_("ceiling before"), null=True)
    ceiling_after = models.BigIntegerField(_("ceiling after"), null=True)
    problem = models.TextField(_("why it could not be judged"), blank=True)

    class Meta:
        verbose_name = _("changed answer")
        verbose_name_plural = _("changed answers")
        constraints = [
            models.UniqueConstraint(
                fields=["backtest", "request"], name="change_once_per_request"
            )
        ]
        indexes = [
            models.Index(
                fields=["backtest", "rule_before", "rule_after"], name="change_by_rules"
            )
        ]

    def __str__(self) -> str:
        return str(self.request)
