"""The queue and the decision sheet. Only verbs change a request: no stock form does."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Min, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import customers_seen_by_staff
from accounts.forms import MinorUnitsField
from accounts.models import User
from refunds.admin.doors import BY_NAME, forbids
from refunds.admin.sheet import sheet_context
from refunds.errors import RefundError
from refunds.models import RefundRequest
from refunds.pages.people import signed_in
from refunds.review.hands import claim
from refunds.states import ENDED, State
from refunds.templatetags.console import state_markup
from refunds.templatetags.makegood import figures, short_when


class Preset(admin.SimpleListFilter):
    title = pgettext_lazy("queue", "Show")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", gettext_lazy("In my hands")),
            ("unclaimed", gettext_lazy("Unclaimed")),
            ("overdue", gettext_lazy("Overdue")),
            ("customer", gettext_lazy("Waiting on customers")),
            ("blocked", gettext_lazy("Blocked payouts")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RefundRequest]
    ) -> QuerySet[RefundRequest]:
        chosen = {
            "mine": Q(handler=signed_in(request)) & ~Q(state__in=ENDED),
            "unclaimed": Q(
                handler=None,
                state__in=(State.SUBMITTED, State.EVALUATION, State.APPEALED),
            ),
            "overdue": Q(due__lt=timezone.now()),
            "customer": Q(
                state__in=(State.AWAITING_INFORMATION, State.OFFERED, State.REJECTED)
            ),
            "blocked": Q(state=State.PAYOUT_BLOCKED),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(RefundRequest)
class RefundRequestAdmin(admin.ModelAdmin):
    list_display = (
        "number",
        "customer",
        "ground",
        "amount",
        "due_in_words",
        "state_in_colour",
        "handler",
    )
    list_filter = (Preset, "state", "contract__product_line", "ground")
    list_select_related = ("customer", "handler", "contract")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("number__startswith", "contract__number", "customer__name")
    search_help_text = gettext_lazy("Number, contract or customer")
    actions = ("claim_selected",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefundRequest]:
        """What the customers this person may read about sent; first due first."""
        running = Q(deadlines__closed_at=None, deadlines__left=None)
        seen = customers_seen_by_staff(signed_in(request))
        rows: QuerySet[RefundRequest] = (
            super()
            .get_queryset(request)
            .exclude(state=State.DRAFT)
            .filter(customer__in=seen)
            .annotate(due=Min("deadlines__due_at", filter=running))
            .order_by("due", "pk")
        )
        return rows

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ()

    @admin.display(description=gettext_lazy("amount asked for"))
    def amount(self, request: RefundRequest) -> SafeString:
        sum_ = figures(request.amount_asked, request.currency)
        return format_html('<span class="num">{} {}</span>', request.currency, sum_)

    @admin.display(description=gettext_lazy("due"), ordering="due")
    def due_in_words(self, request: RefundRequest) -> SafeString | str:
        due = getattr(request, "due", None)
        if due is None:
            return "–"
        if due < timezone.now():
            return format_html(
                '<span class="due due-late">{}<small>{}</small></span>',
                short_when(due),
                _("overdue"),
            )
        return format_html('<span class="due">{}</span>', short_when(due))

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_in_colour(self, request: RefundRequest) -> SafeString:
        return state_markup(request.state)

    @admin.action(description=gettext_lazy("Claim"), permissions=["view"])
    def claim_selected(
        self, request: HttpRequest, queryset: QuerySet[RefundRequest]
    ) -> None:
        """Each row on its own: what can be claimed is, the rest says why not."""
        user, taken = signed_in(request), 0
        for found in queryset:
            try:
                claim(found, by=user, at=timezone.now())
            except RefundError as refusal:
                messages.error(request, f"{found.number}: {refusal}")
            else:
                taken += 1
        if taken:
            messages.success(request, _("Claimed: %(count)s") % {"count": taken})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        do = self.admin_site.admin_view(require_POST(self.do))
        return [
            path("<int:pk>/do/<slug:name>/", do, name="refunds_refundrequest_do"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return self._sheet(request, self._found(request, object_id), {})

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": pgettext("console", "Queue")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def _found(self, request: HttpRequest, pk: str | int) -> RefundRequest:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not str(pk).isdecimal():
            raise Http404
        rows = self.get_queryset(request).select_related(
            "contract__customer", "customer", "service", "handler", "filed_by"
        )
        return get_object_or_404(rows, pk=pk)

    def _sheet(
        self,
        request: HttpRequest,
        found: RefundRequest,
        bound: dict[str, forms.Form],
    ) -> HttpResponse:
        user: User = signed_in(request)
        context = {
            **self.admin_site.each_context(request),
            **sheet_context(found, user, at=timezone.now(), bound=bound),
            "opts": self.opts,
            "title": found.number,
        }
        return render(
            request,
            "admin/refunds/refundrequest/change_form.html",
            context,
            status=422 if bound else 200,
        )

    def do(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """One door: its form, then its verb; the verb decides."""
        found = self._found(request, pk)
        if name not in BY_NAME:
            raise Http404
        door = BY_NAME[name]
        form = bound_form(door.form, found, request.POST)
        if not form.is_valid():
            # A sheet shows only open doors, so a shut one says why instead.
            shut = forbids(door, found, signed_in(request), timezone.now())
            if shut is None:
                return self._sheet(request, found, {name: form})
            messages.error(request, str(shut))
            return self._back_to(found)
        try:
            door.verb(
                found, by=signed_in(request), at=timezone.now(), **form.cleaned_data
            )
        except RefundError as refusal:
            if refusal.field in form.fields:
                form.add_error(refusal.field, str(refusal))
                return self._sheet(request, found, {name: form})
            messages.error(request, str(refusal))
        else:
            words = _("%(verb)s: done for %(number)s.")
            values = {"verb": door.label, "number": found.number}
            messages.success(request, words % values)
        return self._back_to(found)

    def _back_to(self, found: RefundRequest) -> HttpResponse:
        return redirect("admin:refunds_refundrequest_change", quote(found.pk))


def bound_form(kind: type[forms.Form], found: RefundRequest, data: Any) -> forms.Form:
    form = kind(data)
    if isinstance(field := form.fields.get("amount"), MinorUnitsField):
        field.currency = found.currency
    return form
