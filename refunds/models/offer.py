"""Assessment, what the policy says; Offer, what a reviewer proposes on it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.models.request import RefundRequest
from refunds.models.threshold import Threshold


class Assessment(models.Model):
    """The engine's answer on the facts of one moment, with all it counted on."""

    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="assessments",
    )
    at = models.DateTimeField(_("at"))
    policy = models.CharField(_("policy version"), max_length=40)
    rule = models.CharField(_("rule"), max_length=60, blank=True)
    denied = models.CharField(_("denial"), max_length=30, blank=True)
    amount = models.BigIntegerField(_("amount"), null=True)
    ceiling = models.BigIntegerField(_("ceiling"), null=True)
    facts = models.JSONField()
    rules = models.JSONField()
    clauses = models.JSONField()
    working_days = models.JSONField()
    answer = models.JSONField()
    terms = models.JSONField(
        help_text="review_days, evaluation_days, payout_days: [warn, due]"
    )

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")

    def __str__(self) -> str:
        return self.rule or self.denied


class Offer(models.Model):
    """What a reviewer proposes. Minor units of the request's currency.

    `departs` is true where it is not what the policy computed for what was asked: for
    another amount, and for any alternative. It then always needs a second person.
    `instead`: the customer may choose the alternative in place of the money; else it
    comes beside the money, or alone where none is offered.
    """

    class Alternative(models.TextChoices):
        EXCHANGE = "exchange", _("Exchange")
        EXTENSION = "extension", _("Service extension")
        CREDIT = "credit", _("Account credit")
        FEE_REDUCTION = "fee_reduction", _("Fee reduction")
        EXTRA_SUPPORT = "extra_support", _("Extra support or lessons")

    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="offers",
    )
    assessment = models.ForeignKey(
        Assessment, verbose_name=_("assessment"), on_delete=models.PROTECT
    )
    amount = models.BigIntegerField(_("amount"))
    departs = models.BooleanField(_("departs from the computed amount"))
    alternative = models.CharField(
        _("alternative"), max_length=20, choices=Alternative.choices, blank=True
    )
    alternative_words = models.TextField(_("what exactly"), blank=True)
    instead = models.BooleanField(_("to choose instead of the money"), default=False)
    reason = models.TextField(_("reason"))
    proposed_by = models.ForeignKey(
        User, verbose_name=_("proposed by"), on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    approved_by = models.ForeignKey(
        User,
        verbose_name=_("approved by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="offer_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0) | ~models.Q(alternative=""),
                name="offer_gives_something",
            ),
            models.CheckConstraint(
                condition=models.Q(alternative="", alternative_words="")
                | (~models.Q(alternative="") & ~models.Q(alternative_words="")),
                name="offer_says_what_the_alternative_is",
            ),
            models.CheckConstraint(
                condition=models.Q(instead=False)
                | (models.Q(amount__gt=0) & ~models.Q(alternative="")),
                name="offer_leaves_a_choice_of_two",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("proposed_by")),
                name="offer_approved_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request} · {self.amount}"

    def needs_second_person(self) -> bool:
        threshold = Threshold.for_currency(self.request.currency)
        return self.departs or self.amount > threshold.second_person_above
