"""The list of requests: every one that was sent, what is due first before the rest."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.access import customers_seen_by_staff, of_customers
from accounts.admin.keyset import KeysetAdmin, Part
from refunds.admin.listed import ListedExport
from refunds.admin.owed import ShowsOwed
from refunds.admin.queue import ACTIONS
from refunds.admin.queue_export import COLUMNS, export_selected
from refunds.admin.queue_filters import FILTERS, own_query
from refunds.admin.queue_page import QueuePage
from refunds.admin.saved_filters import forget, keep
from refunds.admin.suggestions import suggest
from refunds.models import RefundRequest
from refunds.pages.people import signed_in
from refunds.search import found_by
from refunds.states import State

REMEMBERED = "queue"


class QueueList(ListedExport, ShowsOwed, KeysetAdmin):
    list_display = ("number", "customer", "ground", "state", "handler", "due_at")
    list_filter = FILTERS
    list_select_related = ("customer", "handler", "contract", "service")
    search_fields = ("number",)
    search_help_text = gettext_lazy(
        "Number, contract, customer, service, or words of the customer"
    )
    actions = (*ACTIONS, export_selected)
    export_columns = COLUMNS

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefundRequest]:
        """What the customers this person may read about sent; first due first."""
        seen = customers_seen_by_staff(signed_in(request))
        rows = super().get_queryset(request).exclude(state=State.DRAFT)
        return of_customers(rows, seen, path="customer")

    def parts(self) -> tuple[Part, ...]:
        """What is due first; then what has ended, the newest first."""
        return Part("due_at", Q(due_at__isnull=False)), Part("-pk", Q(due_at=None))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[QueuePage]:
        return QueuePage

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (found_by(queryset, search_term) if search_term else queryset), False

    def request_of(self, row: Any) -> RefundRequest:
        request: RefundRequest = row
        return request

    def get_urls(self) -> list[URLPattern]:
        name, view = "refunds_refundrequest", self.admin_site.admin_view
        return [
            path("suggest/<slug:what>/", view(self.suggest), name=f"{name}_suggest"),
            path("filters/", view(self.keep_filter), name=f"{name}_keep"),
            path(
                "filters/<int:pk>/forget/",
                view(self.forget_filter),
                name=f"{name}_forget",
            ),
            *super().get_urls(),
        ]

    def suggest(self, request: HttpRequest, what: str) -> HttpResponse:
        return suggest(self, request, what)

    def keep_filter(self, request: HttpRequest) -> HttpResponse:
        return keep(self, request)

    def forget_filter(self, request: HttpRequest, pk: int) -> HttpResponse:
        return forget(self, request, pk)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The bare address is the list as this person filtered it last."""
        remembered = request.session.get(REMEMBERED)
        if remembered and request.method == "GET" and not request.GET:
            return redirect(f"{request.path}?{remembered}")
        told = {"title": pgettext_lazy("console", "Queue")}
        answer = super().changelist_view(request, told | (extra_context or {}))
        if request.method == "GET" and answer.status_code == 200:
            _remember(request)
        return answer


def _remember(request: HttpRequest) -> None:
    kept = own_query(request.GET)
    if kept != request.session.get(REMEMBERED, ""):
        request.session[REMEMBERED] = kept
