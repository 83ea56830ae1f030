"""The customer names another account for money that can't go back the way it came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import User
from refunds.errors import RefundError
from refunds.filing.additions import add_to, all_or_nothing
from refunds.filing.evidence import Paper
from refunds.models import Evidence, PayoutAccount, RefundRequest
from refunds.pages.access import request_or_404
from refunds.pages.half_written import signed_in_first
from refunds.pages.payout_account_form import PayoutAccountForm
from refunds.pages.people import signed_in
from refunds.payouts.accounts import check_may_name, name_account, why_not_name
from refunds.states import State

S = PayoutAccount.State
STANDS: dict[str, str | Promise] = {
    S.NAMED: gettext_lazy("We are checking this account. Two of us look at it."),
    S.CHECKED: gettext_lazy("Checked by one of us; a second person approves it."),
    S.APPROVED: gettext_lazy("Approved. The money goes there."),
    S.REFUSED: gettext_lazy("We can't pay to this account."),
}


@dataclass(frozen=True)
class Named:
    """An account as its customer reads of it; `tone` names its colour."""

    account: PayoutAccount
    sentence: str | Promise

    @property
    def tone(self) -> str:
        tones = {S.APPROVED.value: "green", S.REFUSED.value: "amber"}
        return tones.get(self.account.state, "blue")


def accounts_of(request: RefundRequest) -> list[Named]:
    """The newest first. Its number is not even read."""
    rows = request.payout_accounts.defer("number").order_by("-pk")
    return [Named(row, STANDS[row.state]) for row in rows]


@signed_in_first()
@never_cache
@sensitive_post_parameters("number")
@require_http_methods(["GET", "POST"])
def payout_account(http: HttpRequest, number: str) -> HttpResponse:
    """What is named and how it stands; a form where it is the customer's turn."""
    user = signed_in(http)
    found = request_or_404(user, number)
    refusal = why_not_name(found, by=user)
    if http.method == "GET":
        form = None if refusal else PayoutAccountForm(refund=found)
        if refusal and not found.payout_accounts.exists():
            messages.error(http, str(refusal))
            return redirect("request", number=number)
        return _page(http, found, form)
    if refusal:
        # A second click, or somebody else was first: what is named stands there.
        messages.error(http, str(refusal))
        return redirect(_home(found), number=number)
    return _take(http, found, user)


def _take(http: HttpRequest, found: RefundRequest, user: User) -> HttpResponse:
    form = PayoutAccountForm(http.POST, http.FILES, refund=found)
    if not form.is_valid():
        return _page(http, found, form)
    try:
        name_with_papers(found, by=user, at=timezone.now(), **form.told)
    except RefundError as refusal:
        field = form.field_of(refusal)
        form.add_error(field, str(refusal))
        return _page(http, found, form)
    messages.success(http, _("The account is named. We check it now."))
    return redirect("payout_account", number=found.number)


def name_with_papers(
    request: RefundRequest,
    *,
    by: User,
    at: datetime,
    proof: Evidence | Paper,
    closure: Evidence | Paper | None,
    **details: str,
) -> PayoutAccount:
    """Keeps the papers and names the account, or neither. Whether it may be named comes
    first: a second click would meet its own files else."""
    with all_or_nothing() as kept:
        locked = check_may_name(request, by=by)

        def keep(paper: Evidence | Paper) -> Evidence:
            if isinstance(paper, Evidence):
                return paper
            kept.extend(_add(locked, [paper], by=by, at=at))
            return kept[-1]

        return name_account(
            locked,
            by=by,
            at=at,
            proof=keep(proof),
            closure=keep(closure) if closure else None,
            **details,
        )


def _add(
    request: RefundRequest, papers: Sequence[Paper], *, by: User, at: datetime
) -> list[Evidence]:
    return add_to(
        request,
        papers,
        kind=Evidence.Kind.OTHER,
        by=by,
        at=at,
        while_in=(State.PAYOUT_BLOCKED,),
    )


def _home(found: RefundRequest) -> str:
    return "payout_account" if found.payout_accounts.exists() else "request"


def _page(
    http: HttpRequest, found: RefundRequest, form: PayoutAccountForm | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "refund": found,
        "form": form,
        "named": accounts_of(found),
    }
    status = 422 if form and form.errors else 200
    return render(http, "pages/payout_account.html", context, status=status)
