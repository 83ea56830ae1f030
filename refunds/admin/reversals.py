"""Invoice reversals: the list of what is to do, each one's page, and the next step."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import customers_seen_by_staff
from accounts.admin.keyset import Part
from refunds.admin.kept import ReadOnlyAdmin
from refunds.admin.owed import ShowsOwed
from refunds.admin.reversal_steps import StepForm, named, row_of
from refunds.errors import RefundError
from refunds.models import InvoiceReversal, RefundRequest
from refunds.pages.people import signed_in
from refunds.payouts.invoices import plan
from refunds.templatetags.makegood import short_when

PAGE = "admin/refunds/invoicereversal/change_form.html"
S = InvoiceReversal.State
SHOWN: dict[str, Q] = {
    "to_do": Q(state__in=(S.PLANNED, S.SLIP_CONFIRMED, S.SLIP_LAPSED)),
    "slips": Q(state=S.SLIP_WAITING),
    "lapsed": Q(state=S.SLIP_LAPSED),
    "done": Q(state=S.DONE),
}


class Preset(admin.SimpleListFilter):
    title = pgettext_lazy("queue", "Show")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("to_do", pgettext_lazy("reversal", "To be done")),
            ("slips", gettext_lazy("Slips waiting")),
            ("lapsed", gettext_lazy("Slips lapsed")),
            ("done", pgettext_lazy("reversal", "Done")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(SHOWN.get(self.value() or "", Q()))


@admin.register(InvoiceReversal)
class InvoiceReversalAdmin(ShowsOwed, ReadOnlyAdmin):
    change_list_template = "admin/finance/change_list.html"
    list_display = (
        "invoice",
        "request",
        "kind",
        "sum",
        "state",
        "slip_lapses",
        "number",
        "owed",
    )
    list_select_related = ("invoice", "request__contract")
    list_filter = (Preset, "kind", "state")
    search_fields = ("invoice__number", "number", "slip_number", "request__number")

    def parts(self) -> tuple[Part, ...]:
        """Where a slip runs out first."""
        return (
            Part("slip_until", Q(slip_until__isnull=False)),
            Part("-pk", Q(slip_until=None)),
        )

    @admin.display(description=gettext_lazy("slip lapses at"), ordering="slip_until")
    def slip_lapses(self, row: InvoiceReversal) -> str:
        waits = row.state == S.SLIP_WAITING
        return short_when(row.slip_until) if waits else "–"

    def get_urls(self) -> list[URLPattern]:
        posted = self.admin_site.admin_view
        name = "refunds_invoicereversal"
        return [
            path(
                "plan/<int:pk>/", posted(require_POST(self.plan)), name=f"{name}_plan"
            ),
            path(
                "<int:pk>/do/<slug:step>/",
                posted(require_POST(self.do)),
                name=f"{name}_do",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied
        return self._page(request, self._found(request, unquote(object_id)), {})

    def plan(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is missing for a request, planned; back to its sheet."""
        self._check_reader(request)
        user = signed_in(request)
        seen = RefundRequest.objects.filter(customer__in=customers_seen_by_staff(user))
        found = get_object_or_404(seen, pk=pk)
        try:
            touched = len(plan(found, by=user, at=timezone.now()))
        except RefundError as refusal:
            messages.error(request, str(refusal))
        else:
            words = ngettext(
                "%(count)s reversal was planned anew.",
                "%(count)s reversals were planned anew.",
                touched,
            )
            messages.success(request, words % {"count": touched})
        return redirect("admin:refunds_refundrequest_change", found.pk)

    def do(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        """One step: its form, then its verb; the verb decides. What has a fault at a
        field stays open on the reversal's own page."""
        found, now = self._found(request, pk), timezone.now()
        chosen = named(found, step, at=now)
        if chosen is None:
            raise Http404
        form = chosen.form(request.POST, auto_id=f"id_{step}_{found.pk}_%s")
        form.fit(found)
        if not form.is_valid():
            return self._page(request, found, {step: form})
        try:
            chosen.verb(found, by=signed_in(request), at=now, **form.cleaned_data)
        except RefundError as refusal:
            if refusal.field in form.fields:
                form.add_error(refusal.field, str(refusal))
                return self._page(request, found, {step: form})
            messages.error(request, str(refusal))
        else:
            values = {"step": chosen.label, "invoice": found.invoice}
            words = _("%(step)s: recorded for invoice %(invoice)s.")
            messages.success(request, words % values)
        return redirect("admin:refunds_refundrequest_change", found.request_id)

    def _check_reader(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _found(self, request: HttpRequest, pk: str | int) -> InvoiceReversal:
        self._check_reader(request)
        if not str(pk).isdecimal():
            raise Http404
        rows = self.get_queryset(request).select_related(
            "invoice", "request__contract", "request__customer", "done_by", "reissued"
        )
        found: InvoiceReversal = get_object_or_404(rows, pk=pk)
        return found

    def _page(
        self, request: HttpRequest, found: InvoiceReversal, bound: dict[str, StepForm]
    ) -> HttpResponse:
        row = row_of(found, signed_in(request), at=timezone.now(), bound=bound)
        shown = {step.step.name for step in row.steps}
        for refused in bound.keys() - shown:
            messages.error(request, _("This step is not possible now."))
            del bound[refused]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(found),
            "case": found.request,
            "row": row,
        }
        return render(request, PAGE, context, status=422 if bound else 200)
