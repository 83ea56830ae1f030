"""How a payment is spread over services: never more than was paid, never across
customers or currencies, and only ever added to."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.admin.sums import (
    MoneyForm,
    MoneyFormSet,
    PlainlyShown,
    sum_of,
    written,
)
from accounts.models import Payment, PaymentAllocation, Service


class AllocationForm(MoneyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for field in self.fields.values():
                field.disabled = True


class AllocationFormSet(MoneyFormSet):
    def clean(self) -> None:
        super().clean()
        added = [
            form
            for form in self.forms
            if form.is_valid() and form.has_changed() and not form.instance.pk
        ]
        self._check_services(added)
        self._check_sum(added)

    def _check_services(self, added: Iterable[Any]) -> None:
        payment: Payment = self.instance
        chosen = {form.cleaned_data["service"].pk for form in added}
        owners = {
            pk: (customer, currency)
            for pk, customer, currency in Service.objects.filter(
                pk__in=chosen
            ).values_list("pk", "contract__customer", "contract__currency")
        }
        for form in added:
            customer, currency = owners[form.cleaned_data["service"].pk]
            if customer != payment.customer_id:
                form.add_error(
                    "service", _("This service is another customer's than the payment.")
                )
            elif currency != payment.currency:
                words = _(
                    "The contract of this service is in %(contract)s, the payment in "
                    "%(payment)s. Two currencies can't meet."
                )
                values = {"contract": currency, "payment": payment.currency}
                form.add_error("service", words % values)

    def _check_sum(self, added: Iterable[Any]) -> None:
        """The page holds the payment's lock, so two people can't add at once."""
        payment: Payment = self.instance
        paid, before = payment.amount, 0
        if payment.pk:
            known = PaymentAllocation.objects.filter(payment=payment)
            before = known.aggregate(sum=Sum("amount"))["sum"] or 0
        total = before + sum(form.cleaned_data["amount"] for form in added)
        if paid is not None and total > paid:
            raise ValidationError(
                _("%(total)s would belong to services, but only %(paid)s were paid.")
                % {
                    "total": written(total, currency=payment.currency),
                    "paid": written(paid, currency=payment.currency),
                }
            )


class AllocationInline(PlainlyShown, admin.TabularInline):
    model = PaymentAllocation
    form = AllocationForm
    formset = AllocationFormSet
    extra = 0
    can_delete = False
    autocomplete_fields = ("service",)
    fields = ("service", "amount")
    shown = {"amount": sum_of(PaymentAllocation, "amount")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentAllocation]:
        rows: QuerySet[PaymentAllocation] = super().get_queryset(request)
        return rows.select_related("payment", "service").order_by("pk")
