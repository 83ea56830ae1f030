"""The lists behind the home's charts: each shows exactly the requests of one figure."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy

from refunds.insight import month
from refunds.insight.month import Span
from refunds.models import Event, RefundRequest
from refunds.templatetags.makegood import day_plain
from refunds.templatetags.month import month_plain


class OfSpan(admin.SimpleListFilter):
    """By a day or a month in the address. It stands among the filters while it is on:
    the charts choose it, nobody picks one of all days there ever were."""

    events: Callable[[Span], QuerySet[Event]]

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, str]] | None:
        span = self._span()
        if span is None:
            return None
        words = day_plain(span.first) if span.is_day else month_plain(span.first)
        return [(str(span), words)]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RefundRequest]
    ) -> QuerySet[RefundRequest]:
        span = self._span()
        if span is None:
            return queryset
        return queryset.filter(pk__in=type(self).events(span).values("request"))

    def _span(self) -> Span | None:
        text = self.value()
        if not text:
            return None
        try:
            return Span.read(str(text))
        except ValueError as fault:
            raise IncorrectLookupParameters(fault) from fault


class Filed(OfSpan):
    title = pgettext_lazy("series", "Filed")
    parameter_name = "filed"
    events = staticmethod(month.filed)


class Decided(OfSpan):
    title = pgettext_lazy("series", "Decided")
    parameter_name = "decided"
    events = staticmethod(month.decided)


class DecidedLate(OfSpan):
    title = pgettext_lazy("series", "Decided late")
    parameter_name = "decided_late"
    events = staticmethod(month.decided_late)


class Arrived(OfSpan):
    title = pgettext_lazy("series", "Money back")
    parameter_name = "arrived"
    events = staticmethod(month.arrived)


class InCurrency(admin.SimpleListFilter):
    title = gettext_lazy("Currency")
    parameter_name = "currency"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, str]] | None:
        return [(self.value() or "", self.value() or "")] if self.value() else None

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RefundRequest]
    ) -> QuerySet[RefundRequest]:
        return queryset.filter(currency=self.value()) if self.value() else queryset


MONTH_FILTERS = (Filed, Decided, DecidedLate, Arrived, InCurrency)
