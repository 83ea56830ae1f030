"""What the administrator sets: thresholds, calendars, tags; and the tickets."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.access import customers_kept_by
from accounts.models import Role
from refunds.models import CalendarOverride, ReasonTag, Threshold, Ticket
from refunds.pages.people import signed_in


@admin.register(Threshold)
class ThresholdAdmin(admin.ModelAdmin):
    list_display = ("currency", "second_person_above", "release_below")


@admin.register(CalendarOverride)
class CalendarOverrideAdmin(admin.ModelAdmin):
    list_display = ("day", "country", "working", "reason")
    list_filter = ("country", "working")
    ordering = ("-day",)


@admin.register(ReasonTag)
class ReasonTagAdmin(admin.ModelAdmin):
    list_display = ("code", "name_en", "name_zh", "retired")


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin):
    """Tickets are for their line and for who may read about the customer."""

    list_display = ("number", "service", "severity", "opened_at", "resolved_at")
    list_select_related = ("service",)
    autocomplete_fields = ("service",)
    search_fields = ("number", "subject")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        rows: QuerySet[Ticket] = super().get_queryset(request)
        user = signed_in(request)
        if user.has_role(Role.SUPPORT_AGENT) or user.has_role(Role.EXPERT):
            return rows
        return rows.filter(service__contract__customer__in=customers_kept_by(user))
