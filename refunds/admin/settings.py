"""What the administrator sets: thresholds, tags; and the tickets."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.access import customers_kept_by, of_customers
from accounts.admin.found import FoundFirst, contracts_numbered, customers_named
from accounts.admin.keyset import KeysetAdmin
from accounts.models import Role, Service, User
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


def _theirs(rows: QuerySet[Any], user: User, *, path: str) -> QuerySet[Any]:
    """Of every customer, for their line; else of those whom this person reads about."""
    if user.has_role(Role.SUPPORT_AGENT) or user.has_role(Role.EXPERT):
        return rows
    return of_customers(rows, customers_kept_by(user), path=path)


class TicketServices(AutocompleteJsonView):
    """What a ticket may be about: its line need not open services to say so."""

    def has_perm(self, request: HttpRequest, obj: Any = None) -> bool:
        assert self.admin_site
        owner = self.admin_site.get_model_admin(Ticket)
        return bool(
            owner.has_add_permission(request) or owner.has_change_permission(request)
        )

    def get_queryset(self) -> QuerySet[Service]:
        rows = Service.objects.select_related("contract__customer").order_by("-pk")
        seen = _theirs(rows, signed_in(self.request), path="contract__customer")
        found, _twice = self.model_admin.get_search_results(
            self.request, seen, self.term
        )
        return found

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        words = f"{obj.name} · {obj.contract} · {obj.contract.customer}"
        return {"id": str(obj.pk), "text": words}


class ServiceOfTicket(AutocompleteSelect):
    url_name = "%s:refunds_ticket_services"


@admin.register(Ticket)
class TicketAdmin(FoundFirst, KeysetAdmin):
    """Tickets are for their line and for who may read about the customer."""

    list_display = ("number", "service", "severity", "opened_at", "resolved_at")
    list_select_related = ("service",)
    autocomplete_fields = ("service",)
    search_help_text = _("The beginning of its or the contract's number, or customer")
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        view = TicketServices.as_view(admin_site=self.admin_site)
        guarded = self.admin_site.admin_view(view)
        own = path("services/", guarded, name="refunds_ticket_services")
        return [own, *super().get_urls()]

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "service":
            kwargs["widget"] = ServiceOfTicket(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(number__startswith=text.upper())
        yield Q(service__contract__in=contracts_numbered(text))
        yield Q(service__contract__customer__in=customers_named(text))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        return _theirs(
            super().get_queryset(request),
            signed_in(request),
            path="service__contract__customer",
        )
