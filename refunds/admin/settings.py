"""What the administrator sets: thresholds, tags; and the tickets."""

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.access import customers_kept_by, of_customers
from accounts.admin.found import FoundFirst, contracts_numbered, customers_named
from accounts.admin.keyset import KeysetAdmin
from accounts.models import Role
from refunds.models import CannedReply, ReasonTag, Threshold, Ticket
from refunds.pages.people import signed_in
from refunds.review.queue import MOST, Counted
from refunds.templatetags.console import capped


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
        through = ReasonTag.refundrequest_set.through.objects
        uses = through.filter(reasontag=OuterRef("pk"))
        return rows.annotate(times=Counted(uses.values("pk")[: MOST + 1]))

    def get_readonly_fields(
        self, request: HttpRequest, obj: ReasonTag | None = None
    ) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_delete_permission(
        self, request: HttpRequest, obj: ReasonTag | None = None
    ) -> bool:
        return False

    @admin.display(description=_("used"))
    def used(self, tag: ReasonTag) -> str:
        return capped(tag.__dict__.get("times", 0))

    @admin.action(description=_("Retire"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[ReasonTag]) -> None:
        queryset.update(retired=True)

    @admin.action(description=_("Restore"), permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[ReasonTag]) -> None:
        queryset.update(retired=False)


@admin.register(CannedReply)
class CannedReplyAdmin(admin.ModelAdmin):
    """Offered where somebody writes to a customer; nothing is deleted."""

    list_display = ("title", "in_english", "in_chinese", "retired")
    list_filter = ("retired",)
    search_fields = ("title", "words_en", "words_zh")
    ordering = ("retired", "title")

    def has_delete_permission(
        self, request: HttpRequest, obj: CannedReply | None = None
    ) -> bool:
        return False

    @admin.display(description=_("English words"))
    def in_english(self, reply: CannedReply) -> str:
        return Truncator(reply.words_en).chars(80)

    @admin.display(description=_("Chinese words"))
    def in_chinese(self, reply: CannedReply) -> str:
        return Truncator(reply.words_zh).chars(40)


@admin.register(Ticket)
class TicketAdmin(FoundFirst, KeysetAdmin):
    """Tickets are for their line and for who may read about the customer."""

    list_display = ("number", "service", "severity", "opened_at", "resolved_at")
    list_select_related = ("service",)
    autocomplete_fields = ("service",)
    search_help_text = _("The beginning of its or the contract's number, or customer")
    ordering = ("-pk",)

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(number__startswith=text.upper())
        yield Q(service__contract__in=contracts_numbered(text))
        yield Q(service__contract__customer__in=customers_named(text))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        rows: QuerySet[Ticket] = super().get_queryset(request)
        user = signed_in(request)
        if user.has_role(Role.SUPPORT_AGENT) or user.has_role(Role.EXPERT):
            return rows
        seen = customers_kept_by(user)
        return of_customers(rows, seen, path="service__contract__customer")
