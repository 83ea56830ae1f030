"""Running deadlines counted anew where the calendar says otherwise than it did.

A paused clock keeps its working time and is laid out when it goes on. Nobody becomes
late by a recount: what would fall before now is due at the next close of business.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from refunds.clock.board import replan
from refunds.clock.calendars import Corrections, calendar_with, corrections_of
from refunds.clock.deadlines import Moments, closing, local_day
from refunds.clock.replay import Replay
from refunds.models import Deadline, Event, RefundRequest
from refunds.policy.calendar import WorkingDays
from refunds.record.events import next_event

BATCH = 500
# Reminders go on for five working days after the due day, over the longest holidays.
REMINDED_FOR = timedelta(days=30)
# A day begins somewhere before, and ends somewhere after, it does in UTC.
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """One country's overrides as they were and as they are to be."""

    country: str
    before: Corrections
    after: Corrections

    @property
    def days(self) -> list[date]:
        return sorted({day for day, _working in set(self.before) ^ set(self.after)})


@dataclass(frozen=True)
class Move:
    """`deadline` still has the moments that it had."""

    deadline: Deadline
    calendar: WorkingDays
    to: Moments

    @property
    def is_felt(self) -> bool:
        """Whether it is due at another moment, not only warned of."""
        return self.deadline.due_at != self.to.due_at

    @property
    def is_later(self) -> bool:
        return self.to.due_at > self.deadline.due_at


def moves(change: Change, *, at: datetime) -> Iterator[Move]:
    """What would come to be due at another moment, by request; nothing is written."""
    touched = _touched(change)
    for pks in _batches(touched):
        found = _of(pks)
        yield from (move for move in _moves(found, change, at) if move.is_felt)


def recount(change: Change, *, by: User | None, at: datetime, reason: str = "") -> int:
    """Moves them, each with its event; returns how many. Twice moves nothing more."""
    return sum(
        _settle(pks, change, by=by, at=at, reason=reason)
        for pks in _batches(_touched(change))
    )


def hold_touched(changes: Iterable[Change]) -> None:
    """Locks the requests of all of them in the order of their keys, as whoever hands
    over many does; a country after the other would cross them."""
    touched = (_touched(change) for change in changes)
    found = {pk for each in touched for pks in _batches(each) for pk in pks}
    rows = RefundRequest.objects.order_by("pk").select_for_update(of=("self",))
    for pks in batched(sorted(found)):
        list(rows.filter(pk__in=pks).values_list("pk"))


def batched(pks: list[int]) -> Iterator[list[int]]:
    return (pks[n : n + BATCH] for n in range(0, len(pks), BATCH))


def recount_announced(*, at: datetime) -> int:
    """Moves what was counted on days that were not announced then and are now."""
    provisional = _running().filter(provisional=True)
    countries = provisional.values_list("request__contract__calendar", flat=True)
    moved = 0
    for country in countries.order_by().distinct():
        overrides = corrections_of(country)
        calendar = calendar_with(overrides, country=country, time_zone="UTC")
        known = provisional.filter(
            request__contract__calendar=country,
            due_at__lt=_midnight(calendar.known_until) + 2 * A_DAY,
        )
        change = Change(country, overrides, overrides)
        for pks in _batches(known):
            moved += _settle(pks, change, by=None, at=at, reason="")
    return moved


def _running() -> QuerySet[Deadline]:
    return Deadline.objects.filter(closed_at=None, left=None)


def _touched(change: Change) -> QuerySet[Deadline]:
    """Those that run over a day that changes, or are still reminded of on one."""
    if not change.days:
        return Deadline.objects.none()
    first, last = change.days[0], change.days[-1]
    return _running().filter(
        request__contract__calendar=change.country,
        due_at__gte=_midnight(first) - A_DAY - REMINDED_FOR,
        started_at__lt=_midnight(last) + 2 * A_DAY,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _batches(deadlines: QuerySet[Deadline]) -> Iterator[list[int]]:
    """Their requests, in the order in which locks are taken, read bit by bit."""
    after = 0
    wanted = deadlines.order_by("request_id").values_list("request_id", flat=True)
    while pks := list(wanted.filter(request_id__gt=after).distinct()[:BATCH]):
        yield pks
        after = pks[-1]


def _of(requests: list[int]) -> list[Deadline]:
    running = _running().filter(request__in=requests)
    related = running.select_related("request__contract", "user")
    return list(related.order_by("request_id", "due_at", "pk"))


def _moves(found: list[Deadline], change: Change, at: datetime) -> Iterator[Move]:
    """Also where nothing but a reminder may move. Where no override changes, what the
    calendar says now is held against the moments as they stand."""
    replay = Replay({deadline.request_id for deadline in found})
    has_days = bool(change.days)
    for deadline in found:
        zone = deadline.request.contract.time_zone
        stands = Moments(deadline.warn_at, deadline.due_at)
        after = calendar_with(change.after, country=change.country, time_zone=zone)
        to = replay.moments(deadline, after) or stands
        if has_days:
            before = calendar_with(
                change.before, country=change.country, time_zone=zone
            )
            to = stands if to == replay.moments(deadline, before) else to
        yield Move(deadline, after, _not_late_by_it(after, stands, to, at))


def _not_late_by_it(
    calendar: WorkingDays, stands: Moments, to: Moments, at: datetime
) -> Moments:
    if to.due_at > at or stands.due_at <= at:
        return to
    today = calendar.next_working_day(local_day(calendar, at))
    if closing(calendar, today) <= at:
        today = calendar.add(today, 1)
    return to._replace(due_at=min(stands.due_at, closing(calendar, today)))


def _settle(
    requests: list[int], change: Change, *, by: User | None, at: datetime, reason: str
) -> int:
    """One batch under its requests' locks, read again there: what a step has brought
    about meanwhile is in it."""
    with transaction.atomic():
        locked = RefundRequest.objects.filter(pk__in=requests).order_by("pk")
        rows = {row.pk: row for row in locked.select_for_update(of=("self",))}
        found = list(_moves(_of(requests), change, at))
        felt = [move for move in found if move.is_felt]
        events = [
            next_event(
                rows[move.deadline.request_id],
                kind="deadline_moved",
                by=by,
                at=at,
                reason=reason,
                data=_told_of(move),
            )
            for move in felt
        ]
        Event.objects.bulk_create(events)
        changed = [move.deadline for move in found if _take(move, at)]
        Deadline.objects.bulk_update(
            changed, ["warn_at", "due_at", "next_at", "provisional"]
        )
        heads = {
            move.deadline.request_id: rows[move.deadline.request_id] for move in felt
        }
        running = defaultdict(list)
        for move in found:
            running[move.deadline.request_id].append(move.deadline.due_at)
        for pk, row in heads.items():
            row.due_at = min(running[pk])
        RefundRequest.objects.bulk_update(
            heads.values(), ["event_count", "event_head", "due_at"]
        )
    return len(felt)


def _told_of(move: Move) -> dict[str, str]:
    return {
        "deadline": move.deadline.kind,
        "from": move.deadline.due_at.isoformat(),
        "to": move.to.due_at.isoformat(),
    }


def _take(move: Move, at: datetime) -> bool:
    """Whether anything about the deadline is other than it was."""
    deadline = move.deadline
    before = _written(deadline)
    deadline.warn_at, deadline.due_at = move.to
    replan(deadline, move.calendar, at=at)
    return _written(deadline) != before


def _written(deadline: Deadline) -> tuple[object, ...]:
    return deadline.warn_at, deadline.due_at, deadline.next_at, deadline.provisional
