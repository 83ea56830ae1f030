"""A month of requests in figures: filed, decided, how quickly, how much went back.

Each figure counts requests, each at most once, and the querysets here say which: the
list behind a figure is filtered by the same ones. Days are Beijing's.
"""

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.access import customers_seen_by_staff, of_customers
from accounts.models import User
from refunds.models import Deadline, Event

# With these the customer has our answer.
DECISIONS = ("offer", "approve", "reject", "agree_automatically")
ARRIVALS = ("settle", "carry_out")
# What we owe before that answer.
OURS = (
    Deadline.Kind.PRELIMINARY_REVIEW,
    Deadline.Kind.EVALUATION,
    Deadline.Kind.APPROVAL,
)


@dataclass(frozen=True)
class Span:
    """Whole days, from `first` to before `end`; written 2026-11-03 or 2026-11."""

    first: date
    end: date

    @classmethod
    def of_day(cls, day: date) -> Self:
        return cls(day, day + timedelta(days=1))

    @classmethod
    def of_month(cls, day: date) -> Self:
        first = day.replace(day=1)
        days = calendar.monthrange(first.year, first.month)[1]
        return cls(first, first + timedelta(days=days))

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError for what is no day or month of this century."""
        whole = len(text) == len("2026-11-03")
        day = date.fromisoformat(text if whole else f"{text}-01")
        if not 2000 <= day.year < 2100:
            raise ValueError(text)
        return cls.of_day(day) if whole else cls.of_month(day)

    @property
    def is_day(self) -> bool:
        return self.end - self.first == timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.first}" if self.is_day else f"{self.first:%Y-%m}"

    def days(self) -> Iterator[date]:
        for number in range((self.end - self.first).days):
            yield self.first + timedelta(days=number)

    def moments(self) -> tuple[datetime, datetime]:
        zone = timezone.get_default_timezone()
        return (
            datetime.combine(self.first, time(), zone),
            datetime.combine(self.end, time(), zone),
        )


def filed(span: Span) -> QuerySet[Event]:
    return _within(span, "submit")


def decided(span: Span) -> QuerySet[Event]:
    """A request counts where its first answer falls; later ones don't count again."""
    earlier = Event.objects.filter(
        request=OuterRef("request"),
        position__lt=OuterRef("position"),
        kind__in=DECISIONS,
    )
    return _within(span, *DECISIONS).filter(~Exists(earlier))


def decided_late(span: Span) -> QuerySet[Event]:
    return decided(span).filter(_was_late())


def arrived(span: Span) -> QuerySet[Event]:
    """Money that got there and did not come back since."""
    came_back = Event.objects.filter(
        request=OuterRef("request"),
        position__gt=OuterRef("position"),
        kind="reopen",
    )
    found = _within(span, *ARRIVALS).filter(request__agreed_amount__gt=0)
    return found.filter(~Exists(came_back))


def _within(span: Span, *kinds: str) -> QuerySet[Event]:
    begin, end = span.moments()
    return Event.objects.filter(kind__in=kinds, at__gte=begin, at__lt=end).order_by()


def _was_late() -> Exists:
    """Something of ours was past its due moment by then. A clock that went on after
    the answer has a later moment, and counts by that."""
    past_due = Deadline.objects.filter(
        Q(closed_at=None) | Q(closed_at__gt=F("due_at")),
        request=OuterRef("request"),
        kind__in=OURS,
        due_at__lt=OuterRef("at"),
    )
    return Exists(past_due)


@dataclass(frozen=True)
class Day:
    """`hours` counts the decided requests by the whole hours each took."""

    day: date
    filed: int = 0
    decided: int = 0
    late: int = 0
    hours: Counter[int] = field(default_factory=Counter)

    @property
    def median_hours(self) -> int | None:
        return median(self.hours)

    @property
    def on_time(self) -> int | None:
        return percent_on_time(self.decided, self.late)


@dataclass(frozen=True)
class MoneyBack:
    """Of one ground in one currency; minor units."""

    ground: str
    currency: str
    amount: int
    requests: int


@dataclass(frozen=True)
class Month:
    span: Span
    days: tuple[Day, ...]
    money: tuple[MoneyBack, ...]

    @property
    def filed(self) -> int:
        return sum(day.filed for day in self.days)

    @property
    def decided(self) -> int:
        return sum(day.decided for day in self.days)

    @property
    def late(self) -> int:
        return sum(day.late for day in self.days)

    @property
    def median_hours(self) -> int | None:
        together: Counter[int] = Counter()
        for day in self.days:
            together.update(day.hours)
        return median(together)

    @property
    def on_time(self) -> int | None:
        return percent_on_time(self.decided, self.late)


def percent_on_time(decided: int, late: int) -> int | None:
    """Rounded down: 100 says that none was late."""
    return (decided - late) * 100 // decided if decided else None


def median(counted: Counter[int]) -> int | None:
    """The lower of the two in the middle; None of nothing."""
    left = (counted.total() + 1) // 2
    for value in sorted(counted):
        left -= counted[value]
        if left <= 0:
            return value
    return None


class WholeHours(Func):
    """Of a duration, which SQLite keeps in microseconds."""

    output_field = IntegerField()
    template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 3600)::integer"

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "(%(expressions)s) / 3600000000"
        return self.as_sql(compiler, connection, template=template, **more)


def month(user: User, span: Span) -> Month:
    """What this person may read about; three queries, whatever the month."""
    filed_on = _filed_by_day(user, span)
    decided_on = _decided_by_day(user, span)
    nothing = Day(span.first)
    days = (
        Day(day, filed_on[day], known.decided, known.late, known.hours)
        for day in span.days()
        for known in [decided_on.get(day, nothing)]
    )
    return Month(span, tuple(days), _money_back(user, span))


def _seen(user: User, events: QuerySet[Event]) -> QuerySet[Event]:
    seen = customers_seen_by_staff(user)
    return of_customers(events, seen, path="request__customer")


def _on_day() -> TruncDate:
    return TruncDate("at", tzinfo=timezone.get_default_timezone())


def _filed_by_day(user: User, span: Span) -> Counter[date]:
    rows = _seen(user, filed(span)).annotate(day=_on_day()).values_list("day")
    return Counter(dict(rows.annotate(n=Count("pk"))))


def _decided_by_day(user: User, span: Span) -> dict[date, Day]:
    took = F("at") - F("request__submitted_at")
    rows = (
        _seen(user, decided(span))
        .annotate(
            day=_on_day(),
            hours=WholeHours(ExpressionWrapper(took, DurationField())),
            was_late=_was_late(),
        )
        .values_list("day", "hours", "was_late")
        .annotate(n=Count("pk"))
    )
    hours: defaultdict[date, Counter[int]] = defaultdict(Counter)
    late: Counter[date] = Counter()
    for day, took_hours, was_late, n in rows:
        hours[day][took_hours] += n
        late[day] += n if was_late else 0
    return {
        day: Day(day, decided=counted.total(), late=late[day], hours=counted)
        for day, counted in hours.items()
    }


def _money_back(user: User, span: Span) -> tuple[MoneyBack, ...]:
    rows = (
        _seen(user, arrived(span))
        .values_list("request__ground", "request__currency")
        .annotate(amount=Sum("request__agreed_amount"), n=Count("pk"))
        .order_by("request__currency", "-amount")
    )
    return tuple(MoneyBack(*row) for row in rows)
