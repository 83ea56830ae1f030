"""Reads the objects and values of a case; every error knows its case and field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, TypeVar

from accounts.minor_units import exact, minor_digits, to_minor
from refunds.policy.errors import CaseError, FactsError

T = TypeVar("T")
D = TypeVar("D", bound=date)


@dataclass(frozen=True)
class Reader:
    """One object of a case, and the way to it."""

    data: Any
    case: str
    path: str
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.data, Mapping):
            raise CaseError("is no object", case=self.case, field=self.path)

    def need(self, key: str, read: Callable[[Any], T]) -> T:
        if self.data.get(key) is None:
            raise self.error(key, "is missing")
        return self._read(key, read)

    def may(self, key: str, read: Callable[[Any], T], default: T) -> T:
        """What is missing or null is the default."""
        return default if self.data.get(key) is None else self._read(key, read)

    def money(self, value: Any) -> int:
        minor = to_minor(value, currency=self.currency)
        if minor < 0:
            raise ValueError(f"{value!r} is below 0")
        return minor

    def signed_money(self, value: Any) -> int:
        return to_minor(value, currency=self.currency)

    def part(self, key: str) -> "Reader":
        """An object inside; empty where it is missing."""
        inner = self.data.get(key)
        return self._inside({} if inner is None else inner, key)

    def each(self, key: str, read: "Callable[[Reader], T]") -> tuple[T, ...]:
        """Objects of a list inside; none where it is missing."""
        found: list[Any] = self.may(key, items, [])
        return tuple(
            read(self._inside(item, f"{key}[{n}]")) for n, item in enumerate(found)
        )

    def build(self, make: Callable[..., T], **values: Any) -> T:
        try:
            return make(**values)
        except FactsError as error:
            last = error.field.rpartition(".")[2]
            key = last if last in self.data else ""
            raise self.error(key, error.reason) from None

    def error(self, key: str, reason: str) -> CaseError:
        path = ".".join(part for part in (self.path, key) if part)
        return CaseError(reason, case=self.case, field=path)

    def _inside(self, data: Any, key: str) -> "Reader":
        path = f"{self.path}.{key}" if self.path else key
        return Reader(data, self.case, path, self.currency)

    def _read(self, key: str, read: Callable[[Any], T]) -> T:
        try:
            return read(self.data[key])
        except (TypeError, ValueError, OverflowError) as error:
            raise self.error(key, str(error)) from None


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def count(value: Any) -> int:
    number = exact(value)
    if number.denominator != 1 or number < 0:
        raise ValueError(f"{value!r} is no whole number from 0")
    return number.numerator


def share(value: Any) -> Fraction:
    share = exact(value)
    if share < 0:
        raise ValueError(f"{value!r} is below 0")
    return share


def moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(text(value))
    if moment.utcoffset() is None:
        raise ValueError(f"{value!r} has no offset")
    in_our_time(moment)
    return moment.astimezone(UTC)


def day(value: Any) -> date:
    return in_our_time(date.fromisoformat(text(value)))


def in_our_time(day: D) -> D:
    """Far from the ends of the calendar, where counting on would fail."""
    if not 1900 <= day.year <= 9000:
        raise ValueError(f"{day} is out of range")
    return day


def months(value: Any) -> tuple[str, ...]:
    return tuple(f"{day(f'{month}-01'):%Y-%m}" for month in texts(value))


def texts(value: Any) -> tuple[str, ...]:
    return tuple(text(item) for item in items(value))


def levels(value: Any) -> Mapping[str, Fraction]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r} is no object")
    return {text(metric): exact(level) for metric, level in value.items()}


def items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def currency(value: Any) -> str:
    minor_digits(text(value))
    return str(value)
