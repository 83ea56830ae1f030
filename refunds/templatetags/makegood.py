"""How sums, moments, states and files read on a page, in the reader's language.

Customer pages in Chinese write ¥ for CNY; the console and files write the ISO code
everywhere. A page is the console's where its context says `console`.
"""

from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime
from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.minor_units import to_decimal
from refunds.templatetags._icons import PATHS
from refunds.templatetags._tones import LOOKS

register = template.Library()

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
EN_DAY, ZH_DAY = "EEE d MMM yyyy", "y年M月d日（EEE）"


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _sum(amount: int, currency: str, *, code: bool) -> str:
    whole, dot, rest = to_decimal(abs(amount), currency=currency).partition(".")
    figures = f"{int(whole):,}{dot}{rest}"
    minus = MINUS if amount < 0 else ""
    if currency == "CNY" and not code and _chinese():
        return f"{minus}¥{figures}"
    return f"{currency}{NO_BREAK}{minus}{figures}"


@register.filter
def money(amount: int | None, currency: str) -> str:
    """Minor units as customers read them: CNY 3,000.00, in Chinese ¥3,000.00."""
    return "" if amount is None else _sum(amount, currency, code=False)


@register.filter
def money_code(amount: int | None, currency: str) -> str:
    """Minor units as the console and files write them, in either language."""
    return "" if amount is None else _sum(amount, currency, code=True)


@register.filter
def figures(amount: int | None, currency: str) -> str:
    """Without the currency, for a table that names it in the head."""
    return "" if amount is None else money_code(amount, currency).split(NO_BREAK)[1]


@register.simple_tag(takes_context=True, name="money")
def money_element(
    context: Context, amount: int | None, currency: str, *, minus: bool = False
) -> SafeString | str:
    """A sum in a `<data>` that carries the plain number; `minus` takes it away."""
    if amount is None:
        return ""
    signed = -abs(amount) if minus else amount
    return format_html(
        '<data class="money" value="{}">{}</data>',
        to_decimal(signed, currency=currency),
        _sum(signed, currency, code=bool(context.get("console"))),
    )


def _time(moment: date, words: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), words)


@register.filter
def when_plain(moment: datetime | None) -> str:
    """The moment in words without markup, for mails and attributes."""
    if moment is None:
        return ""
    form = f"{ZH_DAY}HH:mm" if _chinese() else f"{EN_DAY}, HH:mm"
    local = timezone.localtime(moment).replace(tzinfo=None)
    return format_datetime(local, form, locale="zh_Hans" if _chinese() else "en")


@register.filter
def when(moment: datetime | None) -> SafeString | str:
    """Fri 27 Nov 2026, 17:30 in the reader's current time zone."""
    if moment is None:
        return ""
    return _time(timezone.localtime(moment), when_plain(moment))


@register.filter
def short_when(moment: date | None) -> SafeString | str:
    """2026-11-27 17:30 for tables; a date goes without the hour."""
    if moment is None:
        return ""
    if not isinstance(moment, datetime):
        return _time(moment, moment.isoformat())
    local = timezone.localtime(moment)
    return _time(local, f"{local:%Y-%m-%d %H:%M}")


def _local_day(moment: date) -> date:
    if isinstance(moment, datetime):
        return timezone.localtime(moment).date()
    return moment


@register.filter
def day_plain(moment: date | None) -> str:
    """The day in words without markup."""
    if moment is None:
        return ""
    local = _local_day(moment)
    if _chinese():
        return format_date(local, ZH_DAY, locale="zh_Hans")
    return format_date(local, EN_DAY, locale="en")


@register.filter
def day(moment: date | None) -> SafeString | str:
    """Fri 18 Dec 2026; of a moment, its day in the reader's current time zone."""
    if moment is None:
        return ""
    return _time(_local_day(moment), day_plain(moment))


@register.filter
def filesize_short(size: int | None) -> str:
    """1.2 MB; rounded up, so that a file over the limit never reads as the limit."""
    if size is None:
        return ""
    if size < 1024:
        return f"{size}{NO_BREAK}B"
    if size <= 999 * 1024:
        return f"{-(-size // 1024)}{NO_BREAK}KB"
    whole, tenth = divmod(-(-size * 10 // 1024**2), 10)
    return f"{whole}.{tenth}{NO_BREAK}MB" if tenth else f"{whole}{NO_BREAK}MB"


@register.filter
def short_hash(digest: str | None) -> str:
    """The first eight digits of a digest: enough to compare by eye."""
    return f"{digest[:8]}…" if digest else ""


@register.simple_tag
def icon(name: str, *, size: int = 16) -> SafeString:
    """An icon for the eye only: a word always stands beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false" viewBox="0 0 16 16"'
        ' width="{0}" height="{0}">{1}</svg>',
        size,
        mark_safe(PATHS[name]),
    )


@register.inclusion_tag("components/tag.html", takes_context=True)
def state_tag(context: Context, refund: Any) -> dict[str, Any]:
    """The tag of a request, or of a bare state; the console's words in the console."""
    state = str(getattr(refund, "state", refund))
    look = LOOKS[state]
    label = look.label if context.get("console") else look.customer_label
    return {
        "state": state,
        "label": label,
        "tone": look.tone,
        "icon": look.icon,
        "ended": look.ended,
    }
