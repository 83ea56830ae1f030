"""What is kept for ever, to read: events, assessments, deadlines, notices."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.access import customers_seen_by_staff, of_customers
from accounts.admin.keyset import KeysetAdmin
from refunds.admin.owed import ShowsOwed
from refunds.models import (
    Assessment,
    Deadline,
    Event,
    Notice,
)
from refunds.pages.people import signed_in
from refunds.templatetags.makegood import money_code


class ReadOnlyAdmin(KeysetAdmin):
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


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("request", "position", "kind", "actor", "at", "to_state")
    list_select_related = ("request", "actor")
    list_filter = ("kind",)
    search_fields = ("request__number",)
    ordering = ("-pk",)


@admin.register(Assessment)
class AssessmentAdmin(ShowsOwed, ReadOnlyAdmin):
    list_display = ("request", "at", "policy", "rule", "denied", "sum", "owed")
    list_select_related = ("request__contract",)
    search_fields = ("request__number",)
    ordering = ("-pk",)


@admin.register(Deadline)
class DeadlineAdmin(ReadOnlyAdmin):
    list_display = ("request", "kind", "owner", "user", "due_at", "stage", "closed_at")
    list_select_related = ("request", "user")
    list_filter = ("kind", "owner")
    search_fields = ("request__number",)
    ordering = ("-due_at",)


@admin.register(Notice)
class NoticeAdmin(ShowsOwed, ReadOnlyAdmin):
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
    list_filter = ("kind",)
    search_fields = ("request__number", "recipient__email")
    ordering = ("-pk",)
