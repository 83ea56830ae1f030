"""A cell's text to a value and back, one widget per kind of value.

`clean` takes what stands in the cell, never empty, and raises ValidationError.
`within` is what the row says of it: the currency of a sum, the time zone of a moment.
"""

import json
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.widgets import Widget

from accounts.bank_accounts import (
    is_account_number,
    is_bank_code,
    masked,
    plain_number,
)
from accounts.minor_units import minor_digits, to_decimal, to_minor
from accounts.resources.neutral import is_formula, natural

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
DECIMAL = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", re.ASCII)
WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
YES = frozenset({"true", "yes", "1", "是"})
NO = frozenset({"false", "no", "0", "否"})
MOST_MINOR = 2**62


def _written(value: str, form: re.Pattern[str]) -> str:
    if not form.fullmatch(value):
        raise ValueError(value)
    return value


@lru_cache(maxsize=10_000)
def _minor(text: str, currency: str) -> int:
    """Remembered, because most payments belong whole to one service."""
    return to_minor(text.replace(",", ""), currency=currency)


class Text(Widget):
    def __init__(self, *, lines: bool = False) -> None:
        super().__init__()
        self.forbidden = CONTROL_IN_LINES if lines else CONTROL

    def clean(self, value: str, *, within: str = "") -> str:
        if is_formula(value):
            raise ValidationError(
                _(
                    "“%(text)s” is a formula. Write its value, or an apostrophe before "
                    "it where it is meant as text."
                ),
                params={"text": value[:40]},
            )
        text = natural(value)
        if self.forbidden.search(text):
            raise ValidationError(
                _("The text has a control character or a line break in it. Remove it.")
            )
        return text

    def render(self, value: Any, *, within: str = "") -> str:
        return str(value or "")


class Code(Text):
    """One of the codes that the database knows."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__()
        self.codes = set(codes)

    def clean(self, value: str, *, within: str = "") -> str:
        if value in self.codes:
            return value
        raise ValidationError(
            _("“%(text)s” is none of these: %(known)s."),
            params={"text": value[:40], "known": ", ".join(sorted(self.codes))},
        )


class AccountNumber(Widget):
    """In whole on its way in, its last four on the way out. Errors never quote it."""

    def clean(self, value: str, *, within: str = "") -> str:
        if "*" in value:
            raise ValidationError(
                _(
                    "This number is masked, as exports show it. Write the whole "
                    "number, or leave the cell empty."
                )
            )
        number = plain_number(natural(value))
        if not is_account_number(number):
            raise ValidationError(
                _(
                    "This is no account number: 8 to 32 digits, or an IBAN whose check "
                    "digits fit. In a spreadsheet, keep it as text."
                )
            )
        return number

    def render(self, value: str | None, *, within: str = "") -> str:
        return masked(value or "")


class BankCode(Text):
    """A BIC, or the twelve digits of a mainland branch."""

    def clean(self, value: str, *, within: str = "") -> str:
        code = plain_number(value)
        if is_bank_code(code):
            return code
        raise ValidationError(
            _("Write the bank's BIC, or the 12 digits of its branch; or nothing.")
        )


class Money(Widget):
    """A sum in major units; `within` is its currency."""

    def clean(self, value: str, *, within: str = "") -> int:
        try:
            minor = _minor(_written(value, DECIMAL), within)
        except ValueError:
            raise ValidationError(
                _(
                    "“%(text)s” is no sum in %(currency)s. Write digits with "
                    "%(digits)s decimals at most, such as %(example)s."
                ),
                params={
                    "text": value[:40],
                    "currency": within,
                    "digits": minor_digits(within),
                    "example": to_decimal(123450, currency=within),
                },
            ) from None
        if minor < 0:
            raise ValidationError(_("A sum can't be negative."))
        if minor >= MOST_MINOR:
            raise ValidationError(_("This amount is too large."))
        return minor

    def render(self, value: int | None, *, within: str = "") -> str:
        return "" if value is None else to_decimal(value, currency=within)


class Whole(Widget):
    def clean(self, value: str, *, within: str = "") -> int:
        if not WHOLE.fullmatch(value):
            raise ValidationError(
                _("“%(text)s” is no whole number."), params={"text": value[:40]}
            )
        return int(value)

    def render(self, value: int | None, *, within: str = "") -> str:
        return "" if value is None else str(value)


class Flag(Widget):
    def clean(self, value: str, *, within: str = "") -> bool:
        text = value.lower()
        if text in YES or text in NO:
            return text in YES
        raise ValidationError(
            _("“%(text)s” is neither true nor false."), params={"text": value[:40]}
        )

    def render(self, value: bool, *, within: str = "") -> str:  # noqa: FBT001
        return "true" if value else "false"


class Day(Widget):
    def clean(self, value: str, *, within: str = "") -> date:
        try:
            return date.fromisoformat(_written(value, DAY))
        except ValueError:
            raise ValidationError(
                _("“%(text)s” is no day. Write it as 2026-03-01."),
                params={"text": value[:40]},
            ) from None

    def render(self, value: date | None, *, within: str = "") -> str:
        return "" if value is None else value.isoformat()


class Moment(Widget):
    """With an offset, or in the time zone `within`; out always with an offset."""

    def clean(self, value: str, *, within: str = "") -> datetime:
        try:
            moment = datetime.fromisoformat(_written(value, MOMENT))
        except ValueError:
            raise ValidationError(
                _(
                    "“%(text)s” is no moment. Write it as 2026-03-01 09:30, or with "
                    "its offset as 2026-03-01T09:30:00+08:00."
                ),
                params={"text": value[:40]},
            ) from None
        return moment if moment.tzinfo else _in_zone(moment, within)

    def render(self, value: datetime | None, *, within: str = "") -> str:
        return "" if value is None else value.astimezone(ZoneInfo(within)).isoformat()


def _in_zone(moment: datetime, zone: str) -> datetime:
    """A wall clock time that the zone skips or shows twice is not guessed."""
    local = moment.replace(tzinfo=ZoneInfo(zone))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise ValidationError(
            _(
                "The clocks changed in %(zone)s at that time. Write the moment with "
                "its offset, such as 2026-03-01T09:30:00+08:00."
            ),
            params={"zone": zone},
        )
    return local


class Data(Widget):
    """JSON with decimals kept as text. With `bare`, a plain word is a text."""

    def __init__(self, *, bare: bool = False) -> None:
        super().__init__()
        self.bare = bare

    def clean(self, value: str, *, within: str = "") -> Any:
        try:
            found = json.loads(
                natural(value), parse_float=str, parse_constant=_no_constant
            )
            return _kept_as_written(found)
        except (ValueError, RecursionError):
            if self.bare and not value.startswith(("{", "[", '"')):
                return Text().clean(value)
            raise ValidationError(
                _("“%(text)s” is no JSON."), params={"text": value[:40]}
            ) from None

    def render(self, value: Any, *, within: str = "") -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _kept_as_written(found: Any) -> Any:
    """JSON can spell a NUL and half a character, which no database keeps."""
    written = json.dumps(found, ensure_ascii=False)
    if "\\u0000" in written or "\0" in written:
        raise ValueError(written)
    written.encode()
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)
