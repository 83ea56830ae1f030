"""What the administrator sets: thresholds, tags; and the tickets."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.access import customers_kept_by
from accounts.models import Role
from refunds.models import ReasonTag, Threshold, Ticket
from refunds.pages.people import signed_in


@admin.register(Threshold)
class ThresholdAdmin(admin.ModelAdmin):
    list_display = ("currency", "second_person_above", "release_below")


@admin.register(ReasonTag)
class ReasonTagAdmin(admin.ModelAdmin):
    """Names may change: what is decided keeps those of then. Nothing is deleted."""

    list_display = ("code", "name_en", "name_zh", "used", "retired")
    list_filter = ("retired",)
    search_fields = ("code", "name_en", "name_zh")
    ordering = ("retired", "code")
    actions = ("retire", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReasonTag]:
        rows: QuerySet[ReasonTag] = super().get_queryset(request)
        return rows.annotate(times=Count("refundrequest"))

    def get_readonly_fields(
        self, request: HttpRequest, obj: ReasonTag | None = None
    ) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_delete_permission(
        self, request: HttpRequest, obj: ReasonTag | None = None
    ) -> bool:
        return False

    @admin.display(description=_("used"), ordering="times")
    def used(self, tag: ReasonTag) -> int:
        return int(getattr(tag, "times", 0))

    @admin.action(description=_("Retire"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[ReasonTag]) -> None:
        queryset.update(retired=True)

    @admin.action(description=_("Restore"), permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[ReasonTag]) -> None:
        queryset.update(retired=False)


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
