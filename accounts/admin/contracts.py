"""Contracts, clauses, services, fees, usage."""

from django.contrib import admin

from accounts.admin.seen import RecordsAdmin
from accounts.models import Contract, ContractClause, Fee, Service, ServiceItem, Usage


class ClauseInline(admin.TabularInline):
    model = ContractClause
    extra = 0


@admin.register(Contract)
class ContractAdmin(RecordsAdmin):
    list_display = ("number", "customer", "product_line", "signed_on", "currency")
    list_filter = ("product_line", "currency")
    list_select_related = ("customer",)
    search_fields = ("number", "customer__name")
    autocomplete_fields = ("customer",)
    inlines = (ClauseInline,)
    ordering = ("-signed_on",)


class ItemInline(admin.TabularInline):
    model = ServiceItem
    extra = 0


class FeeInline(admin.TabularInline):
    model = Fee
    extra = 0


class UsageInline(admin.StackedInline):
    model = Usage
    extra = 0


@admin.register(Service)
class ServiceAdmin(RecordsAdmin):
    customer_path = "contract__customer"
    list_display = ("name", "contract", "billing", "activated_at", "ends_on")
    list_filter = ("billing",)
    list_select_related = ("contract",)
    search_fields = ("name", "contract__number")
    autocomplete_fields = ("contract", "continues")
    inlines = (ItemInline, FeeInline, UsageInline)
    ordering = ("-pk",)
