"""Contracts, services, fees, usage. Clauses join in `refunds.admin.clauses`, which
knows the rules that they change."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Field, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.found import contracts_numbered, customers_named
from accounts.admin.seen import RecordsAdmin
from accounts.admin.sums import MoneyForm, MoneyFormSet, PlainlyShown, sum_of
from accounts.countries import calendar_field
from accounts.forms import LevelsField, levels_as_lines
from accounts.models import Contract, Fee, Service, ServiceItem, Usage


@admin.register(Contract)
class ContractAdmin(RecordsAdmin):
    list_display = ("number", "customer", "product_line", "signed_on", "currency")
    list_filter = ("product_line",)
    list_select_related = ("customer",)
    search_help_text = _("The beginning of the number, or the customer")
    autocomplete_fields = ("customer",)
    ordering = ("-signed_on",)
    fields = (
        "number",
        "customer",
        "product_line",
        "signed_on",
        "effective_on",
        "currency",
        "time_zone",
        "calendar",
        "minimum_commitment",
        "refund_cap",
        "policy_version",
    )
    shown = {
        "minimum_commitment": sum_of(Contract, "minimum_commitment"),
        "refund_cap": sum_of(Contract, "refund_cap"),
    }

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(number__startswith=text)
        yield Q(customer__in=customers_named(text))

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "calendar":
            return calendar_field(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def fixed(self, obj: Contract) -> Sequence[str]:
        """Once it has a service, the sums below are in its currency."""
        if obj.services.exists():
            return ("customer", "product_line", "currency")
        return ()


class BelowService(PlainlyShown, admin.options.InlineModelAdmin):
    formset = MoneyFormSet
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("service__contract")


class ItemInline(BelowService, admin.TabularInline):
    model = ServiceItem
    extra = 0
    fields = ("name", "value")
    shown = {"value": sum_of(ServiceItem, "value")}


class FeeInline(BelowService, admin.TabularInline):
    model = Fee
    extra = 0
    fields = ("name", "amount", "refundable")
    shown = {"amount": sum_of(Fee, "amount")}


class UsageInline(BelowService, admin.StackedInline):
    model = Usage
    extra = 0
    fields = (
        "lessons_total",
        "lessons_used",
        "ordered",
        "delivered",
        "consumed",
        "share_used",
    )
    shown = {"consumed": sum_of(Usage, "consumed")}


class ServiceForm(MoneyForm):
    promised = LevelsField(
        label=_("Promised levels"),
        required=False,
        max_length=2000,
        help_text=_("A line each, such as availability = 99.95 or latency_ms = 80."),
    )


@admin.display(description=_("promised levels"))
def promised_levels(service: Service) -> str:
    return levels_as_lines(service.promised)


@admin.register(Service)
class ServiceAdmin(RecordsAdmin):
    customer_path = "contract__customer"
    form = ServiceForm
    list_display = ("name", "contract", "billing", "activated_at", "ends_on")
    list_filter = ("billing",)
    list_select_related = ("contract",)
    search_help_text = _("The beginning of the contract's number, customer or name")
    autocomplete_fields = ("contract", "continues")
    inlines = (ItemInline, FeeInline, UsageInline)
    ordering = ("-pk",)
    fields = (
        "contract",
        "name",
        "billing",
        "activated_at",
        "ends_on",
        "course_started_at",
        "delivery_due_on",
        "promised",
        "product_version",
        "continues",
    )
    shown = {"promised": promised_levels}

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(contract__in=contracts_numbered(text))
        yield Q(contract__customer__in=customers_named(text))
        yield Q(name__icontains=text)

    def fixed(self, obj: Service) -> Sequence[str]:
        """Once it is paid for, it stays with the contract that was paid."""
        return ("contract",) if obj.allocations.exists() else ()
