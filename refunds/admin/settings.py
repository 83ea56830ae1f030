"""What the administrator sets: thresholds, calendars, tags; and the tickets."""

from django.contrib import admin

from refunds.models import CalendarOverride, ReasonTag, Threshold, Ticket


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
    list_display = ("number", "service", "severity", "opened_at", "resolved_at")
    list_select_related = ("service",)
    autocomplete_fields = ("service",)
    search_fields = ("number", "subject")
    ordering = ("-pk",)
