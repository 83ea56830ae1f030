"""What the records show at the moment of the request; nothing after it counts."""

from datetime import UTC, date, datetime, timedelta

from refunds.policy.calendar import local_day, midnight
from refunds.policy.facts import Facts, Outage, Reading
from refunds.policy.spans import Span, merged


def activated(facts: Facts) -> bool:
    """Whether the service was activated, at the latest at the request."""
    moment = facts.service.activated_at
    return moment is not None and not _is_later(moment, facts)


def _is_later(moment: datetime, facts: Facts) -> bool:
    return moment.astimezone(UTC) > facts.requested_at.astimezone(UTC)


def term(facts: Facts) -> Span | None:
    """From activation to 24:00 of the last day; None without one of the two."""
    service = facts.service
    if service.activated_at is None or service.ends_on is None or not activated(facts):
        return None
    day_after = service.ends_on + timedelta(days=1)
    whole = Span(
        service.activated_at.astimezone(UTC),
        midnight(day_after, time_zone=facts.time_zone),
    )
    return whole if whole.minutes > 0 else None


def cut_off(began: datetime, ended: datetime | None, *, facts: Facts) -> Span | None:
    """The part up to the request; None where it began after it."""
    if _is_later(began, facts):
        return None
    asked = facts.requested_at.astimezone(UTC)
    end = asked if ended is None else min(ended.astimezone(UTC), asked)
    return Span(began.astimezone(UTC), end)


def outages(facts: Facts, *, cause: str, extent: str) -> tuple[Span, ...]:
    """Verified outages of that cause and extent; what overlaps or touches is one."""
    spans = (
        cut_off(outage.began_at, outage.ended_at, facts=facts)
        for outage in facts.outages
        if outage.verified and outage.cause == cause and _is_of(outage, extent)
    )
    return merged(span for span in spans if span)


def _is_of(outage: Outage, extent: str) -> bool:
    if outage.extent == "total":
        return True
    return extent == "total_or_degraded" and outage.business_affected


def waits(facts: Facts) -> tuple[Span, ...]:
    """How long each ticket stayed unresolved."""
    spans = (cut_off(t.opened_at, t.resolved_at, facts=facts) for t in facts.tickets)
    return tuple(sorted(span for span in spans if span))


def readings(facts: Facts, *, metric: str | None) -> tuple[Reading, ...]:
    """Accepted readings of the metric (None: of any) begun by the request, in order."""
    chosen = (
        reading
        for reading in facts.readings
        if reading.accepted
        and not _is_later(reading.began_at, facts)
        and (metric is None or metric in reading.metric.split("_"))
    )
    return tuple(sorted(chosen, key=_place))


def _place(reading: Reading) -> tuple[object, ...]:
    """Readings that differ at all have an order, whoever wrote them down first."""
    open_end, ended = reading.ended_at is None, reading.ended_at or reading.began_at
    unsaid, promised = reading.promised is None, reading.promised or 0
    head = reading.began_at, reading.metric, reading.badness
    return *head, open_end, ended, unsaid, promised


def months_of(reading: Reading, *, facts: Facts) -> list[str]:
    """Calendar months, in the contract's time zone, that the period touches."""
    period = cut_off(reading.began_at, reading.ended_at, facts=facts)
    if period is None:
        return []
    last_moment = max(period.began_at, period.ended_at - timedelta(microseconds=1))
    day = local_day(period.began_at, time_zone=facts.time_zone).replace(day=1)
    last = local_day(last_moment, time_zone=facts.time_zone)
    months = []
    while day <= last:
        months.append(f"{day:%Y-%m}")
        day = next_month(day)
    return months


def next_month(day: date) -> date:
    """The first day of the month after that of `day`."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def first_of_month(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def month_span(month: str, *, facts: Facts) -> Span:
    """The whole calendar month ("2026-03") in the contract's time zone."""
    first = first_of_month(month)
    zone = facts.time_zone
    return Span(
        midnight(first, time_zone=zone), midnight(next_month(first), time_zone=zone)
    )
