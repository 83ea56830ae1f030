"""Payments, invoices, outages, readings."""

from collections.abc import Iterator, Sequence

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.admin.allocations import AllocationInline
from accounts.admin.found import contracts_numbered, customers_named
from accounts.admin.payer import PaymentForm, payer_number
from accounts.admin.seen import RecordsAdmin
from accounts.admin.sums import InvoiceForm, sum_of
from accounts.models import Invoice, Outage, Payment, QualityReading, Route

paid = sum_of(Payment, "amount")
invoiced = sum_of(Invoice, "amount")
reversed_sum = sum_of(Invoice, "reversed")

PAYER = ("payer_name", "payer_number", "payer_bank_code")


@admin.register(Payment)
class PaymentAdmin(RecordsAdmin):
    form = PaymentForm
    list_display = ("trade_number", "customer", "route", paid, "paid_at", "disputed")
    list_filter = ("route", "route_open", "disputed")
    list_select_related = ("customer",)
    search_help_text = _("Transaction number or customer")
    autocomplete_fields = ("customer",)
    inlines = (AllocationInline,)
    ordering = ("-paid_at",)
    fields = (
        "customer",
        "route",
        "trade_number",
        "currency",
        "amount",
        "paid_at",
        "payer_account",
        "merchant",
        "payer_name",
        "payer_number",
        "payer_bank_code",
        "route_open",
        "disputed",
    )
    shown = {"amount": paid, "payer_number": payer_number}

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(route__in=Route.values, trade_number=text)
        yield Q(customer__in=customers_named(text))
        yield Q(trade_number__startswith=text)

    def fixed(self, obj: Payment) -> Sequence[str]:
        """Once it belongs to services, refunds are counted from it."""
        if not obj.allocations.exists():
            return ()
        facts = ("customer", "route", "trade_number", "currency", "amount", "paid_at")
        # Where the money came from is where it goes: another account is approved.
        return (*facts, *PAYER) if obj.payer_number else facts


@admin.register(Invoice)
class InvoiceAdmin(RecordsAdmin):
    customer_path = "contract__customer"
    form = InvoiceForm
    list_display = ("number", "contract", "kind", "issued_on", invoiced, reversed_sum)
    list_filter = ("kind",)
    list_select_related = ("contract",)
    search_help_text = _("The beginning of its or the contract's number, or customer")
    autocomplete_fields = ("contract",)
    ordering = ("-issued_on",)
    fields = ("contract", "number", "kind", "issued_on", "amount", "tax", "reversed")
    shown = {
        "amount": invoiced,
        "tax": sum_of(Invoice, "tax"),
        "reversed": reversed_sum,
    }

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(number__startswith=text)
        yield Q(contract__in=contracts_numbered(text))
        yield Q(contract__customer__in=customers_named(text))

    def fixed(self, obj: Invoice) -> Sequence[str]:
        """The gate before the money counts from them; a reversal is recorded."""
        return ("contract", "amount", "reversed")


class OfService(RecordsAdmin):
    customer_path = "service__contract__customer"
    search_help_text = _("The beginning of the contract's number, customer or service")

    def ways(self, text: str) -> Iterator[Q]:
        yield Q(service__contract__in=contracts_numbered(text))
        yield Q(service__contract__customer__in=customers_named(text))
        yield Q(service__name__icontains=text)


@admin.register(Outage)
class OutageAdmin(OfService):
    list_display = ("service", "began_at", "ended_at", "extent", "cause", "verified_by")
    list_filter = ("extent", "cause")
    list_select_related = ("service", "verified_by")
    autocomplete_fields = ("service", "verified_by")
    ordering = ("-began_at",)


@admin.register(QualityReading)
class QualityReadingAdmin(OfService):
    list_display = (
        "service",
        "metric",
        "period_from",
        "period_to",
        "promised",
        "measured",
        "accepted",
    )
    list_filter = ("source", "accepted")
    list_select_related = ("service",)
    autocomplete_fields = ("service",)
    ordering = ("-period_from",)
