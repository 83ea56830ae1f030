"""Other accounts that customers named: finance checks one, an approver approves it. No
number is shown, here or anywhere: only the bank's file carries it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from refunds.admin.kept import ReadOnlyAdmin
from refunds.admin.owed import ShowsOwed
from refunds.admin.payout_account_forms import (
    ApproveAccountForm,
    CheckAccountForm,
    RefuseAccountForm,
)
from refunds.errors import RefundError
from refunds.models import PayoutAccount
from refunds.pages.people import signed_in
from refunds.payouts.accounts import (
    approve_account,
    check_account,
    refuse_account,
    why_not_decide,
)
from refunds.states import State

S = PayoutAccount.State
PAGE = "admin/refunds/payoutaccount/page.html"
Step = tuple[Callable[..., None], type[forms.Form], str | Promise]
STEPS: dict[str, Step] = {
    "check": (
        check_account,
        CheckAccountForm,
        gettext_lazy("The account is checked; an approver is told."),
    ),
    "approve": (
        approve_account,
        ApproveAccountForm,
        gettext_lazy("The account is approved, and the money is on its way there."),
    ),
    "refuse": (
        refuse_account,
        RefuseAccountForm,
        gettext_lazy("The account is refused; the customer is told why."),
    ),
}
NEXT = {S.NAMED.value: "check", S.CHECKED.value: "approve"}


class AccountPreset(admin.SimpleListFilter):
    title = pgettext_lazy("queue", "Show")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("check", gettext_lazy("To be checked")),
            ("approve", gettext_lazy("To be approved")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PayoutAccount]
    ) -> QuerySet[PayoutAccount]:
        """What is named for money that has found another way waits for nobody."""
        blocked = Q(request__state=State.PAYOUT_BLOCKED)
        states = {name: state for state, name in NEXT.items()}
        state = states.get(self.value() or "")
        return queryset.filter(blocked, state=state) if state else queryset


@admin.register(PayoutAccount)
class PayoutAccountAdmin(ShowsOwed, ReadOnlyAdmin):
    change_list_template = "admin/finance/change_list.html"
    list_display = (
        "masked",
        "request",
        "holder",
        "bank_name",
        "state",
        "named_by",
        "checked_by",
        "decided_by",
        "owed",
    )
    list_filter = (AccountPreset, "state")
    list_select_related = (
        "request__contract",
        "named_by",
        "checked_by",
        "decided_by",
    )
    search_fields = ("request__number", "holder")
    ordering = ("-pk",)
    fields = ("request", "masked", "holder", "bank_name", "bank_code", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutAccount]:
        rows: QuerySet[PayoutAccount] = super().get_queryset(request)
        return rows.defer("number")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.act))
        name = "refunds_payoutaccount_act"
        return [
            path("<int:pk>/<slug:step>/do/", view, name=name),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied  # Only the steps write.
        return self._page(request, self._found(request, object_id), {})

    def act(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        """One of the steps; its verb decides whether this person may."""
        account = self._found(request, str(pk))
        if step not in STEPS:
            raise Http404
        verb, form_class, done = STEPS[step]
        form = form_class(request.POST, auto_id=f"id_{step}_%s")
        if not form.is_valid():
            return self._page(request, account, {step: form})
        user, now = signed_in(request), timezone.now()
        try:
            verb(account, by=user, at=now, **form.cleaned_data)
        except RefundError as refusal:
            if refusal.field in form.fields:
                form.add_error(refusal.field, str(refusal))
                return self._page(request, account, {step: form})
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(done))
        return redirect("admin:refunds_payoutaccount_change", account.pk)

    def _found(self, request: HttpRequest, pk: str) -> PayoutAccount:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not pk.isdecimal() or len(pk) > 18:
            raise Http404
        related = (
            "request__contract",
            "request__customer",
            "proof",
            "closure",
            *self.list_select_related[1:],
        )
        rows = self.get_queryset(request).select_related(*related)
        return get_object_or_404(rows, pk=pk)

    def _page(
        self, request: HttpRequest, account: PayoutAccount, bound: dict[str, forms.Form]
    ) -> HttpResponse:
        refusal = why_not_decide(account, by=signed_in(request))
        following = NEXT.get(account.state, "")
        names = [] if refusal else [following, "refuse"]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Account %(account)s") % {"account": account.masked},
            "opts": self.opts,
            "account": account,
            "refusal": refusal,
            "following": following,
            "forms": {
                name: bound.get(name) or STEPS[name][1](auto_id=f"id_{name}_%s")
                for name in names
            },
        }
        status = 422 if bound else 200
        return render(request, PAGE, context, status=status)
