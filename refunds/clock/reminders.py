"""What is said of the deadlines of one batch, to whom; and when they speak next."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from refunds.clock.board import calendar_of
from refunds.clock.deadlines import (
    Rung,
    first_working_moment,
    ladder,
    next_moment,
    reached,
)
from refunds.models import Deadline, Event, Notice, RefundRequest
from refunds.notices.outbox import new_notice
from refunds.notices.recipients import Directory
from refunds.policy.calendar import WorkingDays
from refunds.record.events import next_event


class Days:
    """One calendar. Thousands of deadlines share few moments, so few ladders."""

    def __init__(self, calendar: WorkingDays, at: datetime) -> None:
        self.calendar = calendar
        self.speaks_at = first_working_moment(calendar, at)
        self.ladders: dict[tuple[datetime, datetime], list[tuple[datetime, Rung]]] = {}

    def ladder_of(self, deadline: Deadline) -> list[tuple[datetime, Rung]]:
        warn_at, due_at = key = deadline.warn_at, deadline.due_at
        if key not in self.ladders:
            self.ladders[key] = ladder(self.calendar, warn_at=warn_at, due_at=due_at)
        return self.ladders[key]


class Round:
    """One batch in the making; nothing is saved. Calendars and people are read once."""

    def __init__(self, at: datetime, requests: Iterable[RefundRequest]) -> None:
        self.at = at
        self.directory = Directory(requests, at=at)
        self.days: dict[tuple[str, str], Days] = {}
        self.notices: list[Notice] = []
        self.events: list[Event] = []

    def tell(self, deadline: Deadline) -> None:
        """Under its request's lock; the head of the request's events moves along."""
        days = self._days_of(deadline.request)
        if days.speaks_at > self.at:
            deadline.next_at = days.speaks_at
            return
        rungs = days.ladder_of(deadline)
        told = Rung[deadline.stage.upper()] if deadline.stage else None
        rung = reached(rungs, at=self.at, after=told)
        deadline.next_at = next_moment(rungs, after=self.at)
        if rung is not None:
            deadline.stage = rung.stage
            self._remind(deadline, rung)
            if told is None and deadline.kind == Deadline.Kind.EVALUATION:
                self._excuse(deadline)

    def _days_of(self, request: RefundRequest) -> Days:
        key = request.contract.calendar, request.contract.time_zone
        if key not in self.days:
            self.days[key] = Days(calendar_of(request), self.at)
        return self.days[key]

    def _remind(self, deadline: Deadline, rung: Rung) -> None:
        audience = "customer" if deadline.owner == Deadline.Owner.CUSTOMER else "staff"
        kind = f"{audience}_{'overdue' if rung.is_overdue else 'reminder'}"
        for person in self.directory.who_hears(deadline, overdue=rung.is_overdue):
            self._write(deadline, person, kind=kind, once=rung.stage)
        event = next_event(
            deadline.request,
            kind="reminded",
            by=None,
            at=self.at,
            data={"deadline": deadline.kind, "stage": rung.stage},
        )
        self.events.append(event)

    def _excuse(self, deadline: Deadline) -> None:
        """With the first reminder, whichever it is, the customer is told why."""
        for person in self.directory.owners_of(deadline.request):
            self._write(
                deadline, person, kind="customer_delayed", once="customer_delayed"
            )

    def _write(self, deadline: Deadline, person: User, *, kind: str, once: str) -> None:
        notice = new_notice(
            key=f"deadline:{deadline.pk}:{once}:{person.pk}",
            kind=kind,
            request=deadline.request,
            deadline=deadline,
            recipient=person,
            at=self.at,
            data={"stage": deadline.stage},
        )
        self.notices.append(notice)
