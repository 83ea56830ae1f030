"""The queue and the decision sheet. Only verbs change a request: no stock form does."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST

from accounts.access import customers_seen_by_staff, of_customers
from accounts.admin.keyset import KeysetAdmin, Part
from accounts.models import User
from refunds.admin.additions import AdditionsAdmin
from refunds.admin.case_file import export
from refunds.admin.door_forms import DoorForm
from refunds.admin.doors import BY_NAME, forbids
from refunds.admin.owed import ShowsOwed
from refunds.admin.presence import leave, stay
from refunds.admin.queue import ACTIONS, Preset, take_next
from refunds.admin.sheet import sheet_context
from refunds.errors import RefundError
from refunds.models import RefundRequest
from refunds.pages.people import signed_in
from refunds.search import found_by
from refunds.states import State
from refunds.templatetags.console import state_markup
from refunds.templatetags.makegood import figures


@admin.register(RefundRequest)
class RefundRequestAdmin(ShowsOwed, AdditionsAdmin, KeysetAdmin):
    list_display = (
        "number",
        "customer",
        "owed",
        "state_in_colour",
        "amount",
        "ground",
        "handler",
    )
    list_filter = (Preset, "state", "contract__product_line", "ground")
    list_select_related = ("customer", "handler", "contract")
    search_fields = ("number",)
    search_help_text = gettext_lazy(
        "Number, contract, customer, service, or words of the customer"
    )
    actions = ACTIONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefundRequest]:
        """What the customers this person may read about sent; first due first."""
        seen = customers_seen_by_staff(signed_in(request))
        rows = super().get_queryset(request).exclude(state=State.DRAFT)
        return of_customers(rows, seen, path="customer")

    def parts(self) -> tuple[Part, ...]:
        """What is due first; then what has ended, the newest first."""
        return Part("due_at", Q(due_at__isnull=False)), Part("-pk", Q(due_at=None))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (found_by(queryset, search_term) if search_term else queryset), False

    @admin.display(description=gettext_lazy("amount asked for"))
    def amount(self, request: RefundRequest) -> SafeString:
        sum_ = figures(request.amount_asked, request.currency)
        return format_html('<span class="num">{} {}</span>', request.currency, sum_)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_in_colour(self, request: RefundRequest) -> SafeString:
        return state_markup(request.state)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        def posted(view: Callable[..., HttpResponseBase]) -> Any:
            return self.admin_site.admin_view(require_POST(view))

        name = "refunds_refundrequest"
        return [
            path("next/", posted(self.take_next), name=f"{name}_next"),
            path("<int:pk>/do/<slug:name>/", posted(self.do), name=f"{name}_do"),
            path("<int:pk>/presence/", posted(stay), name=f"{name}_presence"),
            path("<int:pk>/leave/", posted(leave), name=f"{name}_leave"),
            path("<int:pk>/file/", posted(export), name=f"{name}_file"),
            *super().get_urls(),
        ]

    def request_of(self, row: Any) -> RefundRequest:
        request: RefundRequest = row
        return request

    def take_next(self, request: HttpRequest) -> HttpResponse:
        """Claims what waits first for this person, and opens it."""
        found, words = take_next(signed_in(request))
        if found is None:
            messages.info(request, words)
            return redirect("admin:index")
        values = {"number": found.number}
        messages.success(request, _("%(number)s is in your hands now.") % values)
        return self._back_to(found)

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
        bound: dict[str, DoorForm],
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


def bound_form(kind: type[DoorForm], found: RefundRequest, data: Any) -> DoorForm:
    form = kind(data)
    form.fit(found)
    return form
