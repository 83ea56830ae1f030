"""Disputes: the list, recording one, how it ended. Nothing is refunded meanwhile."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import customers_seen_by_staff
from accounts.admin.keyset import Part
from accounts.forms import MinorUnitsField
from accounts.models import Payment, Role, User
from refunds.admin.kept import ReadOnlyAdmin
from refunds.errors import RefundError
from refunds.models import Dispute, RefundRequest
from refunds.pages.people import signed_in
from refunds.payouts.disputes import end_dispute, record_dispute, why_not_dispute
from refunds.states import OPEN
from refunds.templatetags.makegood import money_code

PAGE = "admin/refunds/dispute/change_form.html"
FORM = "admin/refunds/dispute/record.html"


class DisputeForm(forms.Form):
    trade_number = forms.CharField(
        label=gettext_lazy("Transaction number of the payment"), max_length=64
    )
    reference = forms.CharField(
        label=gettext_lazy("Provider's number of the dispute"), max_length=64
    )
    amount = MinorUnitsField(
        label=gettext_lazy("Amount in dispute, in the payment's currency"),
        max_length=40,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason that the payer gave"),
        max_length=200,
        required=False,
    )
    opened_at = forms.DateTimeField(
        label=gettext_lazy("Opened at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def __init__(self, *args: Any, seen: QuerySet[Payment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = seen
        # Its currency says how the amount is read, so the payment is found first.
        self.payment = self._payment()
        if self.payment is not None:
            field = self.fields["amount"]
            assert isinstance(field, MinorUnitsField)
            field.currency = self.payment.currency

    def _payment(self) -> Payment | None:
        number = str(self.data.get("trade_number", "")).strip().replace("\x00", "")
        found = list(self.seen.filter(trade_number=number)[:2]) if number else []
        return found[0] if len(found) == 1 else None

    def clean_trade_number(self) -> str:
        if self.payment is None:
            raise forms.ValidationError(
                _("There is no payment of this number, or more than one.")
            )
        return self.payment.trade_number


class EndForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("How it ended"),
        choices=[
            (outcome.value, outcome.label)
            for outcome in (Dispute.Outcome.WON, Dispute.Outcome.LOST)
        ],
        widget=forms.RadioSelect,
    )


class Preset(admin.SimpleListFilter):
    title = pgettext_lazy("queue", "Show")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", pgettext_lazy("dispute", "Open")),
            ("ended", pgettext_lazy("dispute", "Ended")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = {"open": Q(outcome=""), "ended": ~Q(outcome="")}
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    customer_path = "payment__customer"
    change_list_template = "admin/refunds/dispute/change_list.html"
    list_display = ("reference", "payment", "in_dispute", "opened_at", "ending")
    list_select_related = ("payment",)
    list_filter = (Preset,)
    search_fields = ("reference", "payment__trade_number")

    def parts(self) -> tuple[Part, ...]:
        """Those that are open first."""
        return (
            Part("-opened_at", Q(ended_at=None)),
            Part("-ended_at", Q(ended_at__isnull=False)),
        )

    @admin.display(description=gettext_lazy("amount"))
    def in_dispute(self, row: Dispute) -> str:
        return money_code(row.amount, row.payment.currency)

    @admin.display(description=gettext_lazy("outcome"), ordering="outcome")
    def ending(self, row: Dispute) -> str:
        return str(row.get_outcome_display())

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "refunds_dispute"
        records = require_http_methods(["GET", "POST"])(self.record)
        return [
            path("record/", view(records), name=f"{name}_record"),
            path("<int:pk>/end/", view(require_POST(self.end)), name=f"{name}_end"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may = {"may_record": signed_in(request).has_role(Role.FINANCE)}
        return super().changelist_view(request, {**may, **(extra_context or {})})

    def record(self, request: HttpRequest) -> HttpResponse:
        self._check_reader(request)
        user = signed_in(request)
        if not user.has_role(Role.FINANCE):
            raise PermissionDenied
        seen = Payment.objects.filter(customer__in=customers_seen_by_staff(user))
        if request.method != "POST":
            return self._form(request, DisputeForm(seen=seen))
        form = DisputeForm(request.POST, seen=seen)
        if form.is_valid() and (dispute := self._recorded(request, form, user)):
            words = _("The dispute is recorded: nothing of the payment is refunded.")
            messages.success(request, words)
            return redirect("admin:refunds_dispute_change", dispute.pk)
        return self._form(request, form)

    def _recorded(
        self, request: HttpRequest, form: DisputeForm, user: User
    ) -> Dispute | None:
        assert form.payment is not None
        told = {k: v for k, v in form.cleaned_data.items() if k != "trade_number"}
        try:
            return record_dispute(form.payment, by=user, at=timezone.now(), **told)
        except RefundError as refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, str(refusal))
            return None

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied
        return self._page(request, self._found(request, unquote(object_id)), EndForm())

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        found, form = self._found(request, pk), EndForm(request.POST)
        if not form.is_valid():
            return self._page(request, found, form)
        try:
            end_dispute(
                found, by=signed_in(request), at=timezone.now(), **form.cleaned_data
            )
        except RefundError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The dispute has ended."))
        return redirect("admin:refunds_dispute_change", found.pk)

    def _check_reader(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _found(self, request: HttpRequest, pk: str | int) -> Dispute:
        self._check_reader(request)
        if not str(pk).isdecimal():
            raise Http404
        rows = self.get_queryset(request).select_related(
            "payment__customer", "recorded_by", "ended_by"
        )
        found: Dispute = get_object_or_404(rows, pk=pk)
        return found

    def _form(self, request: HttpRequest, form: DisputeForm) -> HttpResponse:
        context = {"form": form, "title": _("Record a dispute")}
        return self._render(request, FORM, context, wrong=bool(form.errors))

    def _page(
        self, request: HttpRequest, found: Dispute, form: EndForm
    ) -> HttpResponse:
        services = found.payment.allocations.values("service")
        may = why_not_dispute(found.payment, signed_in(request)) is None
        context = {
            "title": str(found),
            "dispute": found,
            "payment": found.payment,
            "cases": RefundRequest.objects.filter(
                service__in=services, state__in=OPEN
            ).order_by("pk"),
            "form": form if may and not found.outcome else None,
        }
        return self._render(request, PAGE, context, wrong=bool(form.errors))

    def _render(
        self,
        request: HttpRequest,
        template: str,
        context: dict[str, Any],
        *,
        wrong: bool,
    ) -> HttpResponse:
        shell = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(
            request, template, {**shell, **context}, status=422 if wrong else 200
        )
