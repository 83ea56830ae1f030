"""Compensation: for what a request gave something, so that nothing is given twice."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Service
from refunds.models.request import RefundRequest
from refunds.states import State

# From the proposal on: what is offered or under way counts like what is settled.
GIVING = (
    State.PENDING_APPROVAL,
    State.OFFERED,
    State.AGREED,
    State.INVOICING,
    State.PAYING,
    State.PAYOUT_BLOCKED,
    State.FULFILLING,
    State.REFUNDED,
    State.FULFILLED,
)


class CompensationQuerySet(models.QuerySet["Compensation"]):
    def standing(self) -> "CompensationQuerySet":
        """Of requests that gave, or hold out, what is written here."""
        appealed = Q(request__state=State.APPEALED, request__came_from=State.OFFERED)
        return self.filter(Q(request__state__in=GIVING) | appealed)


class Compensation(models.Model):
    """`given` as `refunds.policy.facts.Compensated` is written; a row per request,
    replaced by each offer."""

    request = models.OneToOneField(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="compensation",
    )
    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.PROTECT,
        related_name="compensations",
    )
    given = models.JSONField(_("given"))
    at = models.DateTimeField(_("at"))

    objects = CompensationQuerySet.as_manager()

    class Meta:
        verbose_name = _("compensation")
        verbose_name_plural = _("compensations")

    def __str__(self) -> str:
        return f"{self.request} · {self.service}"
