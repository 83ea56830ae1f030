"""What is kept for ever, to read: events, assessments, deadlines, notices."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.access import customers_seen_by_staff, of_customers
from accounts.admin.found import MOST, FoundFirst, customers_named
from accounts.models import User
from refunds.admin.listed import ListedExport
from refunds.admin.owed import ShowsOwed
from refunds.models import (
    Assessment,
    Deadline,
    Event,
    Notice,
    RefundRequest,
)
from refunds.pages.people import signed_in
from refunds.record.kinds import KINDS
from refunds.templatetags.makegood import money_code


class ReadOnlyAdmin(ListedExport):
    """No stock form writes the truth; only the verbs do."""

    @admin.display(description=gettext_lazy("amount"))
    def sum(self, row: Any) -> str:
        """Minor units as the console writes them, with the row's currency."""
        currency = getattr(row, "currency", None) or row.request.currency
        return money_code(row.amount, currency)

    # The path from the model to the customer, whose readers may read it too.
    customer_path = "request__customer"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if not self.customer_path:
            return rows
        seen = customers_seen_by_staff(signed_in(request))
        return of_customers(rows, seen, path=self.customer_path)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False


def requests_numbered(text: str) -> list[int]:
    """By the beginning of their number."""
    found = RefundRequest.objects.filter(number__startswith=text.upper()).order_by()
    return list(found.values_list("pk", flat=True)[:MOST])


class OfRequest(FoundFirst, ReadOnlyAdmin):
    search_help_text = gettext_lazy("The beginning of the number, or the customer")

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(request__in=requests_numbered(text))
        yield Q(request__customer__in=customers_named(text))


class EventKind(admin.SimpleListFilter):
    """Of those there are: nobody asks millions of rows which they have."""

    title = gettext_lazy("what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in KINDS]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Event]
    ) -> QuerySet[Event]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(OfRequest):
    list_display = ("request", "position", "kind", "actor", "at", "to_state")
    list_select_related = ("request", "actor")
    list_filter = (EventKind,)
    ordering = ("-pk",)


@admin.register(Assessment)
class AssessmentAdmin(ShowsOwed, OfRequest):
    list_display = ("request", "at", "policy", "rule", "denied", "sum", "owed")
    list_select_related = ("request__contract",)
    ordering = ("-pk",)


@admin.register(Deadline)
class DeadlineAdmin(OfRequest):
    list_display = ("request", "kind", "owner", "user", "due_at", "stage", "closed_at")
    list_select_related = ("request", "user")
    list_filter = ("kind", "owner")
    ordering = ("-pk",)


@admin.register(Notice)
class NoticeAdmin(ShowsOwed, OfRequest):
    list_display = (
        "kind",
        "request",
        "recipient",
        "written_at",
        "sent_at",
        "tries",
        "owed",
    )
    list_select_related = ("request__contract", "recipient")
    search_help_text = gettext_lazy("Number, customer, or the recipient's email")
    ordering = ("-pk",)

    def ways(self, text: str) -> Iterator[Q]:
        yield from super().ways(text)
        recipients = User.objects.filter(email=text.lower())
        yield Q(recipient__in=list(recipients.values_list("pk", flat=True)))
