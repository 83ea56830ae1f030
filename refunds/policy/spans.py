"""Stretches of time: merged where they overlap or touch, cut, counted in minutes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
MICROSECONDS_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, order=True)
class Span:
    """From the first moment up to the second; timezone-aware."""

    began_at: datetime
    ended_at: datetime

    @property
    def minutes(self) -> int:
        """Whole minutes; what is left of the last one is cut off."""
        return self.length // MINUTE

    @property
    def hours(self) -> Fraction:
        return Fraction(self.length // MICROSECOND, MICROSECONDS_PER_HOUR)

    @property
    def length(self) -> timedelta:
        return self.ended_at.astimezone(UTC) - self.began_at.astimezone(UTC)

    def within(self, other: "Span") -> "Span | None":
        """The part that lies inside the other; None where nothing does."""
        began = max(self.began_at, other.began_at)
        ended = min(self.ended_at, other.ended_at)
        return Span(began, ended) if began < ended else None


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in as few spans as can be, in order; touching ones are one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.began_at <= joined[-1].ended_at:
            ended = max(span.ended_at, joined[-1].ended_at)
            joined[-1] = Span(joined[-1].began_at, ended)
        else:
            joined.append(span)
    return tuple(joined)


def uncompensated_minutes(
    spans: Iterable[Span], *, inside: Span, compensated: tuple[Span, ...]
) -> int:
    """Whole minutes of each span inside, less whole minutes compensated before."""
    stretches = (span.within(inside) for span in spans)
    return sum(_left(stretch, compensated) for stretch in stretches if stretch)


def _left(stretch: Span, compensated: tuple[Span, ...]) -> int:
    overlaps = (span.within(stretch) for span in merged(compensated))
    gone = sum((overlap.length for overlap in overlaps if overlap), timedelta())
    return stretch.minutes - gone // MINUTE
