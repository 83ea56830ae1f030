"""PayoutAccount: another account, where the route that money came by is closed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sealed import SealedTextField
from refunds.models.evidence import Evidence
from refunds.models.request import RefundRequest


class PayoutAccount(models.Model):
    """Named by an owner with proof, checked by finance, approved by an approver.

    `number` is sealed; `masked` is all that pages show; `fingerprint` tells whether
    two are the same account, and that a leg still goes where it was meant to.
    """

    class State(models.TextChoices):
        NAMED = "named", _("To be checked by finance")
        CHECKED = "checked", _("To be approved")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    request = models.ForeignKey(
        RefundRequest,
        verbose_name=_("refund request"),
        on_delete=models.PROTECT,
        related_name="payout_accounts",
    )
    holder = models.CharField(_("account holder"), max_length=140)
    number = SealedTextField(_("account number"))
    masked = models.CharField(_("account"), max_length=40)
    fingerprint = models.CharField(max_length=64, editable=False)
    bank_name = models.CharField(_("bank"), max_length=140)
    bank_code = models.CharField(
        _("bank code"),
        max_length=14,
        blank=True,
        help_text=_("BIC, or in mainland China the 12 digits of the branch."),
    )
    proof = models.ForeignKey(
        Evidence,
        verbose_name=_("proof of the account"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    closure = models.ForeignKey(
        Evidence,
        verbose_name=_("evidence that the first route is closed"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    words = models.TextField(_("why another account"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.NAMED
    )
    named_by = models.ForeignKey(
        User, verbose_name=_("named by"), on_delete=models.PROTECT, related_name="+"
    )
    named_at = models.DateTimeField(_("named at"))
    checked_by = models.ForeignKey(
        User,
        verbose_name=_("checked by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    checked_at = models.DateTimeField(_("checked at"), null=True)
    check_words = models.TextField(_("what was checked"), blank=True)
    decided_by = models.ForeignKey(
        User,
        verbose_name=_("approved or refused by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("approved or refused at"), null=True)
    refusal = models.TextField(_("why refused"), blank=True)

    class Meta:
        verbose_name = _("payout account")
        verbose_name_plural = _("payout accounts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(state__in=("named", "checked", "approved")),
                name="payout_account_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("checked", "approved"))
                | Q(checked_by__isnull=False),
                name="payout_account_checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(decided_by__isnull=False),
                name="payout_account_approved_by_somebody",
            ),
            # Two people of the staff, neither of whom entered it.
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True)
                | (
                    ~Q(checked_by=F("named_by"))
                    & (
                        Q(decided_by__isnull=True)
                        | ~Q(state="approved")
                        | (
                            ~Q(decided_by=F("named_by"))
                            & ~Q(decided_by=F("checked_by"))
                        )
                    )
                ),
                name="payout_account_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return self.masked
