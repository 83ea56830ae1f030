"""Finding what is due by an index, and writing each reminder once.

1. Ids of due deadlines, a batch, without locking.
2. Their requests are locked, in order; those somebody holds are left for next time.
3. The deadlines are read again under those locks: what moved on is no longer due.
4. On a day off nothing is said; the row moves to the next opening.
5. Else the last rung reached is told, once, however many were missed; the notice's
   key, the deadline's stage and an event say so, in the same transaction.
The cost grows with what is due, not with what exists.
"""

from datetime import datetime

from django.db import transaction

from refunds.clock.board import calendar_of
from refunds.clock.deadlines import (
    Rung,
    first_working_moment,
    ladder,
    next_moment,
    reached,
)
from refunds.models import Deadline, Event, Notice, RefundRequest
from refunds.notices.outbox import new_notice, write_notices
from refunds.notices.recipients import Directory, with_superiors
from refunds.policy.calendar import WorkingDays
from refunds.record.events import next_event

BATCH = 500


def sweep(*, at: datetime) -> int:
    """Writes every reminder due by `at`; returns how many deadlines were told of."""
    told = 0
    while True:
        seen, spoken = _sweep_batch(at=at)
        told += spoken
        if seen < BATCH:
            return told


def _sweep_batch(*, at: datetime) -> tuple[int, int]:
    due = Deadline.objects.filter(next_at__lte=at).order_by("next_at")
    wanted = list(due.values_list("pk", "request_id")[:BATCH])
    if not wanted:
        return 0, 0
    with transaction.atomic():
        requests = _lock({request for _deadline, request in wanted})
        deadlines = (
            Deadline.objects.filter(
                pk__in=[pk for pk, _ in wanted],
                request__in=requests,
                next_at__lte=at,
            )
            .select_related("user__superior")
            .order_by("pk")
        )
        moved = list(deadlines)
        round_ = Round(at, requests)
        for deadline in moved:
            round_.tell(deadline)
        write_notices(round_.notices)
        Event.objects.bulk_create(round_.events)
        Deadline.objects.bulk_update(moved, ["stage", "next_at"])
        RefundRequest.objects.bulk_update(
            requests.values(), ["event_count", "event_head"]
        )
    # Rows that somebody else held were seen but not moved: they are the next sweep's.
    return (len(wanted) if len(moved) == len(wanted) else 0), len(round_.events)


def _lock(pks: set[int]) -> dict[int, RefundRequest]:
    locked = (
        RefundRequest.objects.filter(pk__in=pks)
        .select_related("contract", "customer")
        .order_by("pk")
        .select_for_update(of=("self",), skip_locked=True)
    )
    return {request.pk: request for request in locked}


class Round:
    """One batch of reminders in the making; calendars and people are read once."""

    def __init__(self, at: datetime, requests: dict[int, RefundRequest]) -> None:
        self.at = at
        self.requests = requests
        self.directory = Directory(requests.values())
        self.calendars: dict[tuple[str, str], WorkingDays] = {}
        self.notices: list[Notice] = []
        self.events: list[Event] = []

    def calendar_of(self, request: RefundRequest) -> WorkingDays:
        key = request.contract.calendar, request.contract.time_zone
        if key not in self.calendars:
            self.calendars[key] = calendar_of(request)
        return self.calendars[key]

    def tell(self, deadline: Deadline) -> None:
        deadline.request = self.requests[deadline.request_id]
        calendar = self.calendar_of(deadline.request)
        working = first_working_moment(calendar, self.at)
        if working > self.at:
            deadline.next_at = working
            return
        rungs = ladder(calendar, warn_at=deadline.warn_at, due_at=deadline.due_at)
        told = Rung[deadline.stage.upper()] if deadline.stage else None
        rung = reached(rungs, at=self.at, after=told)
        deadline.next_at = next_moment(rungs, after=self.at)
        if rung is not None:
            deadline.stage = rung.stage
            self.remind(deadline, rung)

    def remind(self, deadline: Deadline, rung: Rung) -> None:
        people = self.directory.who_owes(deadline)
        if rung.is_overdue:
            people = with_superiors(people)
        self.notices += [
            new_notice(
                key=f"deadline:{deadline.pk}:{rung.stage}:{person.pk}",
                kind=_kind(deadline, rung),
                request=deadline.request,
                deadline=deadline,
                recipient=person,
                at=self.at,
                data={"stage": rung.stage},
            )
            for person in people
        ]
        event = next_event(
            deadline.request,
            kind="reminded",
            by=None,
            at=self.at,
            data={"deadline": deadline.kind, "stage": rung.stage},
        )
        self.events.append(event)


def _kind(deadline: Deadline, rung: Rung) -> str:
    audience = "customer" if deadline.owner == Deadline.Owner.CUSTOMER else "staff"
    return f"{audience}_{'overdue' if rung.is_overdue else 'reminder'}"
