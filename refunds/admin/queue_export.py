"""The queue as a file: a row per request, its sums as decimals of their currency."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.minor_units import to_decimal
from refunds.admin.listed import Column, file_of
from refunds.models import RefundRequest


def _asked(request: RefundRequest) -> str:
    return to_decimal(request.amount_asked or 0, currency=request.currency)


COLUMNS = (
    Column(gettext_lazy("number"), lambda request: request.number),
    Column(gettext_lazy("customer"), lambda request: request.customer),
    Column(gettext_lazy("contract"), lambda request: request.contract.number),
    Column(gettext_lazy("service"), lambda request: request.service.name),
    Column(gettext_lazy("ground"), lambda request: request.get_ground_display()),
    Column(gettext_lazy("currency"), lambda request: request.currency),
    Column(gettext_lazy("amount asked for"), _asked),
    Column(gettext_lazy("state"), lambda request: request.get_state_display()),
    Column(pgettext_lazy("queue", "in hand"), lambda request: request.handler),
    Column(gettext_lazy("submitted at"), lambda request: request.submitted_at),
    Column(gettext_lazy("due at"), lambda request: request.due_at),
)


@admin.action(
    description=gettext_lazy("Export the chosen ones as CSV"), permissions=["view"]
)
def export_selected(
    owner: Any, request: HttpRequest, queryset: QuerySet[RefundRequest]
) -> HttpResponseBase:
    return file_of(queryset, owner, form="csv")
