"""What the two who look at an account write, and how an account stands on a sheet."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import Words
from refunds.models import PayoutAccount, RefundRequest
from refunds.payouts.accounts import why_not_decide


class CheckAccountForm(forms.Form):
    words = forms.CharField(
        label=_("What you checked, and against what"),
        help_text=_("For whoever approves it: holder, number, bank, the papers."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class ApproveAccountForm(forms.Form):
    """Approving asks nothing more."""


class RefuseAccountForm(forms.Form):
    reason = forms.CharField(
        label=_("Why, to the customer"),
        help_text=_("They read it and name another account."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


@dataclass(frozen=True)
class Looked:
    """`refusal`: what forbids this person the next step, or None."""

    account: PayoutAccount
    refusal: Words | None


def accounts_named(request: RefundRequest) -> QuerySet[PayoutAccount]:
    """The newest first; no number is read."""
    related = ("named_by", "checked_by", "decided_by")
    rows = request.payout_accounts.select_related(*related).defer("number")
    return rows.order_by("-pk")


def accounts_on_sheet(
    request: RefundRequest, user: User, rows: Iterable[PayoutAccount]
) -> list[Looked]:
    found = list(rows)
    for account in found:
        account.request = request
    return [Looked(account, why_not_decide(account, by=user)) for account in found]
