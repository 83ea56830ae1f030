"""Ticket: a problem a customer reported. An unresolved one feeds the policy."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Service


class Ticket(models.Model):
    class Severity(models.TextChoices):
        CRITICAL = "critical", _("System down")
        SEVERE = "severe", _("Business affected")
        GENERAL = "general", _("General question")

    number = models.CharField(_("ticket number"), max_length=20, unique=True)
    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.PROTECT,
        related_name="tickets",
    )
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    subject = models.CharField(_("subject"), max_length=200)
    opened_at = models.DateTimeField(_("opened at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ["opened_at"]

    def __str__(self) -> str:
        return self.number
