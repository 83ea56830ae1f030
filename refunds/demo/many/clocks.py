"""The deadlines of one told life: as `clock.board` moves them, without a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from refunds.clock.deadlines import (
    after_working_time,
    due_after,
    ladder,
    local_day,
    whole_seconds,
    working_time,
)
from refunds.clock.terms import BY_RULE, PAUSES, Days, Term
from refunds.models import Deadline
from refunds.policy.calendar import WorkingDays
from refunds.states import ENDED, State

Kind = Deadline.Kind


@dataclass
class Clock:
    kind: str
    owner: str
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    user: int | None = None
    left: timedelta | None = None
    warn_left: timedelta | None = None
    closed_at: datetime | None = None

    @property
    def runs(self) -> bool:
        return self.closed_at is None and self.left is None


class Clocks:
    """`days`: what the policy rule says of each term it decides."""

    def __init__(self, calendar: WorkingDays, days: dict[str, Days]) -> None:
        self.calendar, self.days = calendar, days
        self.all: list[Clock] = []

    def move(
        self, terms: tuple[Term, ...], *, state: str, user: int | None, at: datetime
    ) -> None:
        """Closes or pauses what the state does not name; opens or resumes the rest."""
        standing = {(c.kind, c.owner): c for c in self.all if c.closed_at is None}
        named = {(term.kind, term.owner): term for term in terms}
        for owed, clock in standing.items():
            if owed not in named:
                self._stop(clock, state, at)
        for owed, term in named.items():
            clock = standing.get(owed) or self._open(term, at)
            self._resume(clock, at)
            clock.user = user

    def _open(self, term: Term, at: datetime) -> Clock:
        warn, due = term.days or self.days[BY_RULE[Kind(term.kind)]]
        clock = Clock(
            kind=term.kind,
            owner=term.owner,
            started_at=at,
            warn_at=due_after(self.calendar, at, days=warn),
            due_at=due_after(self.calendar, at, days=due),
        )
        self.all.append(clock)
        return clock

    def _stop(self, clock: Clock, state: str, at: datetime) -> None:
        if not _pauses(clock.kind, state):
            clock.closed_at = at
        elif clock.left is None:
            calendar = self.calendar
            clock.left = whole_seconds(working_time(calendar, at, clock.due_at))
            clock.warn_left = whole_seconds(working_time(calendar, at, clock.warn_at))

    def _resume(self, clock: Clock, at: datetime) -> None:
        if clock.left is None:
            return
        clock.due_at = after_working_time(self.calendar, at, clock.left)
        if clock.warn_left:
            clock.warn_at = after_working_time(self.calendar, at, clock.warn_left)
        clock.left = clock.warn_left = None

    def running(self) -> list[Clock]:
        return [clock for clock in self.all if clock.runs]

    def due(self, owner: str) -> datetime:
        return next(clock.due_at for clock in self.running() if clock.owner == owner)

    def due_at(self) -> datetime | None:
        return min((clock.due_at for clock in self.running()), default=None)

    def told(
        self, clock: Clock, *, until: datetime
    ) -> tuple[list[tuple[datetime, str]], datetime | None]:
        """The reminders that were given by then, and the moment of the next one."""
        rungs = ladder(self.calendar, warn_at=clock.warn_at, due_at=clock.due_at)
        passed = [(at, rung.stage) for at, rung in rungs if at <= until]
        following = [at for at, _rung in rungs if at > until]
        return passed, following[0] if following else None

    def is_provisional(self, clock: Clock) -> bool:
        return self.calendar.is_provisional(local_day(self.calendar, clock.due_at))


def _pauses(kind: str, state: str) -> bool:
    """As `clock.terms.pauses`, of a request that is only told of."""
    if kind not in PAUSES or state in (*ENDED, State.AGREED):
        return False
    if kind == Kind.PAYOUT:
        return state == State.PAYOUT_BLOCKED
    return not (
        kind == Kind.PRELIMINARY_REVIEW
        and state in (State.EVALUATION, State.PENDING_APPROVAL, State.OFFERED)
    )
