"""One request's told life: its moves with their moments, until the present comes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from refunds.clock.deadlines import after_working_time
from refunds.clock.terms import NAMING, TERMS
from refunds.demo.many.clocks import Clocks
from refunds.demo.many.people import Client, Staff
from refunds.demo.many.situations import Answered
from refunds.demo.many.tables import Ids, Rows, written
from refunds.models import Deadline, Event, Message
from refunds.record.chain import digest
from refunds.record.kinds import KINDS, check
from refunds.record.tags import DECISIONS
from refunds.states import IN_HAND, State


class Present(Exception):
    """What would come next lies in the future: here the life stands today."""


@dataclass(frozen=True)
class Paid:
    """What the money came by and was for, as row numbers."""

    route: str
    trade_number: str
    amount: int
    payment: int
    allocation: int
    service: int
    contract: int


@dataclass
class Life:
    pk: int
    number: str
    submitted_at: datetime
    until: datetime
    dice: Random
    rows: Rows
    ids: Ids
    staff: Staff
    client: Client
    clocks: Clocks
    answered: Answered
    paid: Paid
    asked: int
    assessment: int
    tags: list[list[str]]
    keeps_service: bool
    at: datetime = field(init=False)
    state: str = State.DRAFT
    handler: int | None = None
    waits_for_account: bool = False
    columns: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    parts: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.at = self.submitted_at

    # Time goes by

    def works(self, most: int) -> None:
        """So many office hours at most; one case in fifty is forgotten for days."""
        hours = self.dice.uniform(0.2, most)
        if self.dice.random() < 0.02:
            hours += self.dice.uniform(40, 110)
        spent = timedelta(seconds=int(hours * 3600))
        self.at = after_working_time(self.clocks.calendar, self.at, spent)

    def passes(self, hours: float) -> None:
        self.at += timedelta(seconds=int(hours * 3600))

    def needs(self, span: timedelta) -> None:
        """What follows is over within that span, or has not begun today."""
        if self.at + span > self.until:
            raise Present

    def until_due(self) -> None:
        """The customer lets their time go by; the sweep comes a minute later."""
        self.at = self.clocks.due(Deadline.Owner.CUSTOMER) + timedelta(minutes=1)

    # What happens

    def move(
        self,
        kind: str,
        to: str,
        /,
        *,
        by: int | None = None,
        reason: str = "",
        **data: Any,
    ) -> None:
        self._arrives()
        if kind in DECISIONS:
            data["tags"] = self.tags
        self._line(kind, by, reason, data, from_state=self.state, to_state=to)
        self.state = to
        self.look_at_clocks()

    def look_at_clocks(self) -> None:
        terms = NAMING if self.waits_for_account else TERMS.get(self.state, ())
        user = self.handler if self.state in IN_HAND else None
        self.clocks.move(terms, state=self.state, user=user, at=self.at)

    def event(
        self, kind: str, /, *, by: int | None = None, reason: str = "", **data: Any
    ) -> None:
        self._arrives()
        self._line(kind, by, reason, data)

    def says(self, words: str, *, by: int, internal: bool = False) -> None:
        message = self.ids.next(Message)
        theirs = by == self.client.user
        self.rows.add(
            Message,
            id=message,
            request_id=self.pk,
            author_id=by,
            from_customer=theirs,
            internal=internal,
            words=words,
            at=self.at,
        )
        self.event("note" if internal else "message", by=by, message=message)

    def _arrives(self) -> None:
        if self.at > self.until:
            raise Present

    def _line(
        self,
        kind: str,
        by: int | None,
        reason: str,
        data: dict[str, Any],
        *,
        from_state: str = "",
        to_state: str = "",
    ) -> None:
        check(KINDS, kind, data)
        if by is not None:
            self.parts.add(by)
        self.lines.append(
            {
                "request_id": self.pk,
                "kind": kind,
                "actor_id": by,
                "at": self.at,
                "from_state": str(from_state),
                "to_state": str(to_state),
                "reason": reason,
                "data": data,
            }
        )

    # What is kept of it

    def keep(self) -> None:
        """Deadlines with their reminders, the chain of events, the request's columns;
        its own row is written by who began it."""
        for clock in self.clocks.all:
            self._keep_clock(clock)
        self.lines.sort(key=lambda line: line["at"])
        head = ""
        for position, line in enumerate(self.lines, start=1):
            line["position"] = position
            made = digest(head, line)
            row = {**line, "data": written(line["data"])}
            self.rows.add(Event, **row, previous=head, digest=made)
            head = made
        self.columns |= {
            "state": str(self.state),
            "handler_id": self.handler,
            "due_at": self.clocks.due_at(),
            "event_count": len(self.lines),
            "event_head": head,
        }

    def _keep_clock(self, clock: Any) -> None:
        stage, next_at = "", None
        if clock.runs:
            told, next_at = self.clocks.told(clock, until=self.until)
            # Of two rungs at the same moment the later speaks.
            for self.at, stage in dict(told).items():
                data = {"deadline": str(clock.kind), "stage": stage}
                self._line("reminded", None, "", data)
        left, warn_left = (
            span if span is None else int(span.total_seconds())
            for span in (clock.left, clock.warn_left)
        )
        self.rows.add(
            Deadline,
            request_id=self.pk,
            kind=str(clock.kind),
            owner=str(clock.owner),
            user_id=clock.user,
            started_at=clock.started_at,
            warn_at=clock.warn_at,
            due_at=clock.due_at,
            left=left,
            warn_left=warn_left,
            provisional=self.clocks.is_provisional(clock),
            stage=stage,
            next_at=next_at,
            closed_at=clock.closed_at,
        )
