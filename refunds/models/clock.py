"""Deadline: who owes what by when. CalendarOverride: a day that is or isn't off."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Role, User
from refunds.models.request import RefundRequest


class CalendarOverride(models.Model):
    """Corrects the published calendar for one day of one country."""

    country = models.CharField(_("country"), max_length=10, default="CN")
    day = models.DateField(_("day"))
    working = models.BooleanField(_("is a working day"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("calendar override")
        verbose_name_plural = _("calendar overrides")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "day"], name="override_once_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.day}"


class Deadline(models.Model):
    """Runs (`due_at` set, `left` empty), is paused (`left` set), or is closed.

    `left` is working time in seconds. `next_at` is the moment of the next reminder;
    the sweep finds what is due by it alone, so it is empty unless the clock runs.
    """

    class Kind(models.TextChoices):
        PRELIMINARY_REVIEW = "preliminary_review", _("first check")
        EVALUATION = "evaluation", _("evaluation")
        APPROVAL = "approval", _("second check")
        INFORMATION = "information", _("documents")
        ANSWER = "answer", _("answer to the offer")
        APPEAL = "appeal", _("time to appeal")
        APPEAL_DECISION = "appeal_decision", _("decision on the appeal")
        INVOICE_REVERSAL = "invoice_reversal", _("correction of the invoice")
        RELEASE = "release", _("release of the payout")
        PAYOUT_BLOCKED = "payout_blocked", _("refund held up")
        ALTERNATIVE = "alternative", _("carrying out what was agreed")
        PAYOUT = "payout", _("money back")

    class Owner(models.TextChoices):
        """A role of the staff, or the customer."""

        CUSTOMER = "customer", pgettext_lazy("owner", "Customer")
        FIRST_LINE = Role.FIRST_LINE.value, Role.FIRST_LINE.label
        EVALUATOR = Role.EVALUATOR.value, Role.EVALUATOR.label
        APPROVER = Role.APPROVER.value, Role.APPROVER.label
        FINANCE = Role.FINANCE.value, Role.FINANCE.label

    class Stage(models.TextChoices):
        """The rungs of the reminder ladder, in order."""

        WARN = "warn", _("first reminder")
        DAY_BEFORE = "day_before", _("one working day before")
        DUE = "due", _("due")
        OVERDUE_1 = "overdue_1", _("1 working day late")
        OVERDUE_2 = "overdue_2", _("2 working days late")
        OVERDUE_3 = "overdue_3", _("3 working days late")
        OVERDUE_4 = "overdue_4", _("4 working days late")
        OVERDUE_5 = "overdue_5", _("5 working days late")

    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="deadlines",
    )
    kind = models.CharField(_("owed"), max_length=20, choices=Kind.choices)
    owner = models.CharField(_("owed by"), max_length=20, choices=Owner.choices)
    user = models.ForeignKey(
        User,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deadlines",
    )
    started_at = models.DateTimeField(_("started at"))
    warn_at = models.DateTimeField(_("warns at"))
    due_at = models.DateTimeField(_("due at"))
    left = models.PositiveIntegerField(_("working time left"), null=True)
    warn_left = models.IntegerField(null=True)
    provisional = models.BooleanField(
        _("provisional"),
        default=False,
        help_text=_("Counted on days whose holidays are not announced yet."),
    )
    stage = models.CharField(
        _("last reminder"), max_length=12, choices=Stage.choices, blank=True
    )
    next_at = models.DateTimeField(_("next reminder at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        constraints = [
            models.UniqueConstraint(
                fields=["request", "kind"],
                condition=Q(closed_at__isnull=True),
                name="deadline_one_open_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(next_at__isnull=True)
                | Q(closed_at__isnull=True, left__isnull=True),
                name="deadline_reminds_only_while_running",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(next_at__isnull=False),
                name="deadline_next",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(closed_at__isnull=True, left__isnull=True),
                name="deadline_running_by_due",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(
                    owner__in=(Role.FIRST_LINE.value, Role.EVALUATOR.value),
                    user=None,
                    closed_at__isnull=True,
                    left__isnull=True,
                ),
                name="deadline_unclaimed_by_due",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(provisional=True, closed_at__isnull=True),
                name="deadline_provisional",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.get_kind_display()}"
