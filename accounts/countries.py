"""The countries whose working days can be counted, each with its name.

Mainland China has a calendar of its own with make-up days; of the others, the library
knows the public holidays that hold nationwide.
"""

import re
from functools import cache

import holidays
from babel import Locale, UnknownLocaleError
from django import forms
from django.db.models import Field
from django.utils.text import capfirst
from django.utils.translation import get_language

MAINLAND_CHINA = "CN"
SATURDAY, SUNDAY = 5, 6


class CalendarField(forms.ChoiceField):
    """Offers what can be counted; the model's validator says why something can't."""

    def valid_value(self, value: object) -> bool:
        return True


def calendar_field(field: Field) -> CalendarField:
    """What a form shows for a model's field that keeps a country."""
    return CalendarField(
        label=capfirst(str(field.verbose_name)),
        help_text=field.help_text,
        initial=field.default,
        choices=calendar_choices,
    )


def calendar_choices() -> list[tuple[str, str]]:
    """Mainland China first, the others by their names in the reader's language."""
    names = names_of_countries()
    rest = sorted((names[c], c) for c in countable() if c != MAINLAND_CHINA)
    return [
        ("", "---------"),
        (MAINLAND_CHINA, f"{names[MAINLAND_CHINA]} (CN)"),
        *((code, f"{name} ({code})") for name, code in rest),
    ]


def names_of_countries() -> dict[str, str]:
    chinese = (get_language() or "").startswith("zh")
    return dict(Locale.parse("zh_Hans" if chinese else "en").territories)


@cache
def countable() -> frozenset[str]:
    """With known holidays and a weekend of Saturday and Sunday."""
    return frozenset(
        code
        for code in holidays.list_supported_countries(include_aliases=False)
        if weekend_of(code) == (SATURDAY, SUNDAY)
    )


@cache
def weekend_of(country: str) -> tuple[int, int] | None:
    """First and last day of it, Monday is 0; None for what is no country."""
    if not re.fullmatch(r"[A-Z]{2}", country):
        return None
    if country not in Locale("en").territories:
        return None
    try:
        locale = Locale.parse(f"und_{country}")
    except (UnknownLocaleError, ValueError):
        return None
    return locale.weekend_start, locale.weekend_end
