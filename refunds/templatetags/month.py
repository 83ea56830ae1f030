"""The home's charts: a month's figures in words, each with the list behind it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date
from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from refunds.insight import charts
from refunds.insight.charts import Chart, Series, Value
from refunds.insight.month import Day, MoneyBack, Month, Span, month
from refunds.models import Ground
from refunds.templatetags.makegood import day_plain, money_code

register = template.Library()


@register.filter
def month_plain(day: date) -> str:
    """November 2026."""
    if (get_language() or "").startswith("zh"):
        return format_date(day, "y年M月", locale="zh_Hans")
    return format_date(day, "MMMM y", locale="en")


@dataclass(frozen=True)
class Drawn:
    """`summary` says the month in a sentence; `by` heads the table's first column."""

    title: str
    summary: str
    chart: Chart
    by: str


@dataclass(frozen=True)
class MonthDrawn:
    """`later` is empty in the current month."""

    span: Span
    earlier: Span
    later: Span | None
    charts: list[Drawn]


@register.simple_tag(takes_context=True)
def month_drawn(context: Context) -> MonthDrawn:
    """Of the month in the address, or of this one."""
    request, today = context["request"], timezone.localdate()
    span = _span(request.GET.get("month", ""), today=today)
    found = month(request.user, span)
    this_one = span == Span.of_month(today)
    return MonthDrawn(
        span,
        Span.of_month(span.first - timedelta(days=1)),
        None if this_one else Span.of_month(span.end),
        [_counts(found), _hours(found), _on_time(found), *_money(found)],
    )


def _span(text: str, *, today: date) -> Span:
    try:
        found = Span.of_month(Span.read(text).first)
    except ValueError:
        return Span.of_month(today)
    return found if found.first <= today else Span.of_month(today)


def _by_day() -> str:
    return pgettext("column", "Day")


def _by_reason() -> str:
    return pgettext("column", "Reason")


def _list(**narrowed: Any) -> str:
    page = reverse("admin:refunds_refundrequest_changelist")
    return f"{page}?{urlencode(narrowed)}"


def _labels(found: Month) -> list[str]:
    return [str(day.day.day) for day in found.days]


def _counts(found: Month) -> Drawn:
    summary = _("%(filed)s filed, %(decided)s decided.") % {
        "filed": f"{found.filed:,}",
        "decided": f"{found.decided:,}",
    }
    filed = Series(
        pgettext("series", "Filed"), tuple(_filed(day) for day in found.days)
    )
    decided = Series(
        pgettext("series", "Decided"), tuple(_decided(day) for day in found.days)
    )
    chart = charts.columns(_labels(found), [filed, decided], written="{:,}")
    return Drawn(_("Filed and decided, by day"), summary, chart, _by_day())


def _filed(day: Day) -> Value:
    words = ngettext("%(n)s filed", "%(n)s filed", day.filed) % {"n": f"{day.filed:,}"}
    return Value(day.filed, f"{day.filed:,}", _on(day, words), _list(filed=day.day))


def _decided(day: Day) -> Value:
    words = _in_words(day.decided)
    return Value(
        day.decided, f"{day.decided:,}", _on(day, words), _list(decided=day.day)
    )


def _in_words(decided: int) -> str:
    return ngettext("%(n)s decided", "%(n)s decided", decided) % {"n": f"{decided:,}"}


def _on(day: Day, words: str) -> str:
    return _("%(day)s: %(words)s") % {"day": day_plain(day.day), "words": words}


def _hours(found: Month) -> Drawn:
    series = Series(
        pgettext("series", "Hours, median"), tuple(_median(day) for day in found.days)
    )
    return Drawn(
        _("Median hours to our answer, by day"),
        _in_hours(found.median_hours),
        charts.line(_labels(found), series, written="{:,}"),
        _by_day(),
    )


def _in_hours(hours: int | None) -> str:
    if hours is None:
        return ""
    words = ngettext(
        "Half of the answers took %(n)s hour or less.",
        "Half of the answers took %(n)s hours or less.",
        hours,
    )
    return words % {"n": f"{hours:,}"}


def _median(day: Day) -> Value:
    if day.median_hours is None:
        return Value(None)
    words = ngettext(
        "%(n)s hour in the median", "%(n)s hours in the median", day.median_hours
    ) % {"n": f"{day.median_hours:,}"}
    return Value(
        day.median_hours,
        f"{day.median_hours:,}",
        _on(day, f"{words} ({_in_words(day.decided)})"),
        _list(decided=day.day),
    )


def _on_time(found: Month) -> Drawn:
    late = Series(
        pgettext("series", "Decided late"), tuple(_late(day) for day in found.days)
    )
    share = Series(
        pgettext("series", "On time"), tuple(_share(day) for day in found.days)
    )
    chart = charts.line(_labels(found), share, most=100, written="{}%")
    summary = ""
    if found.on_time is not None:
        summary = _("%(share)s%% decided on time, %(late)s late.") % {
            "share": found.on_time,
            "late": f"{found.late:,}",
        }
    both = charts.beside(chart, late)
    return Drawn(_("Decided on time, by day"), summary, both, _by_day())


def _share(day: Day) -> Value:
    if day.on_time is None:
        return Value(None)
    words = _("%(share)s%% on time (%(decided)s)") % {
        "share": day.on_time,
        "decided": _in_words(day.decided),
    }
    return Value(
        day.on_time, f"{day.on_time}%", _on(day, words), _list(decided=day.day)
    )


def _late(day: Day) -> Value:
    words = _("%(n)s late") % {"n": f"{day.late:,}"}
    return Value(
        day.late, f"{day.late:,}", _on(day, words), _list(decided_late=day.day)
    )


def _money(found: Month) -> list[Drawn]:
    """A chart per currency: two never meet on one scale."""
    by_currency: dict[str, list[MoneyBack]] = {}
    for each in found.money:
        by_currency.setdefault(each.currency, []).append(each)
    if not by_currency:
        nothing = Series(pgettext("series", "Money back"), ())
        chart = charts.rows([], nothing)
        return [Drawn(_("Money back, by reason"), "", chart, _by_reason())]
    return [
        _money_in(currency, of_it, span=found.span)
        for currency, of_it in by_currency.items()
    ]


def _money_in(currency: str, of_it: list[MoneyBack], *, span: Span) -> Drawn:
    series = Series(
        pgettext("series", "Money back"),
        tuple(_given_back(each, span=span) for each in of_it),
    )
    requests = sum(each.requests for each in of_it)
    summary = _("%(sum)s for %(requests)s.") % {
        "sum": money_code(sum(each.amount for each in of_it), currency),
        "requests": _requests(requests),
    }
    title = _("Money back, by reason, in %(currency)s") % {"currency": currency}
    labels = [str(Ground(each.ground).label) for each in of_it]
    return Drawn(title, summary, charts.rows(labels, series), _by_reason())


def _given_back(each: MoneyBack, *, span: Span) -> Value:
    words = _("%(sum)s · %(requests)s") % {
        "sum": money_code(each.amount, each.currency),
        "requests": _requests(each.requests),
    }
    href = _list(arrived=span, ground__exact=each.ground, currency=each.currency)
    return Value(each.amount, words, f"{Ground(each.ground).label}: {words}", href)


def _requests(count: int) -> str:
    words = ngettext("%(n)s request", "%(n)s requests", count)
    return words % {"n": f"{count:,}"}
