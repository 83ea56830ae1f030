"""Payments, invoices, outages, readings."""

from django.contrib import admin

from accounts.admin.seen import RecordsAdmin
from accounts.models import Invoice, Outage, Payment, PaymentAllocation, QualityReading


class AllocationInline(admin.TabularInline):
    model = PaymentAllocation
    extra = 0
    autocomplete_fields = ("service",)


@admin.register(Payment)
class PaymentAdmin(RecordsAdmin):
    list_display = (
        "trade_number",
        "customer",
        "route",
        "amount",
        "currency",
        "paid_at",
    )
    list_filter = ("route", "disputed")
    list_select_related = ("customer",)
    search_fields = ("trade_number", "customer__name")
    autocomplete_fields = ("customer",)
    inlines = (AllocationInline,)
    ordering = ("-paid_at",)


@admin.register(Invoice)
class InvoiceAdmin(RecordsAdmin):
    customer_path = "contract__customer"
    list_display = ("number", "contract", "kind", "issued_on", "amount", "reversed")
    list_filter = ("kind",)
    list_select_related = ("contract",)
    search_fields = ("number", "contract__number")
    autocomplete_fields = ("contract",)
    ordering = ("-issued_on",)


@admin.register(Outage)
class OutageAdmin(RecordsAdmin):
    customer_path = "service__contract__customer"
    list_display = ("service", "began_at", "ended_at", "extent", "cause", "verified_by")
    list_filter = ("extent", "cause")
    list_select_related = ("service", "verified_by")
    search_fields = ("service__name", "service__contract__number")
    autocomplete_fields = ("service", "verified_by")
    ordering = ("-began_at",)


@admin.register(QualityReading)
class QualityReadingAdmin(RecordsAdmin):
    customer_path = "service__contract__customer"
    list_display = ("service", "metric", "period_from", "promised", "measured")
    list_filter = ("metric", "accepted")
    list_select_related = ("service",)
    search_fields = ("service__name",)
    autocomplete_fields = ("service",)
    ordering = ("-period_from",)
