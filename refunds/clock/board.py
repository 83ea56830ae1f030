"""Moving a request's deadlines along with its state, inside the step's transaction;
or where the customer's turn to name an account comes or goes, in that verb's."""

from datetime import datetime, timedelta

from refunds.clock.calendars import working_days
from refunds.clock.deadlines import (
    Rung,
    after_working_time,
    due_after,
    first_working_moment,
    ladder,
    local_day,
    next_moment,
    reached,
    working_time,
)
from refunds.clock.terms import Term, days_of, has_somebody, pauses, terms_of
from refunds.models import Deadline, RefundRequest
from refunds.policy.calendar import WorkingDays


def calendar_of(request: RefundRequest) -> WorkingDays:
    contract = request.contract
    return working_days(country=contract.calendar, time_zone=contract.time_zone)


def move_deadlines(request: RefundRequest, *, at: datetime) -> None:
    """Closes or pauses what the new state does not name; opens or resumes the rest."""
    terms = {(term.kind, term.owner): term for term in terms_of(request)}
    unclosed = request.deadlines.filter(closed_at=None)
    standing = {(deadline.kind, deadline.owner): deadline for deadline in unclosed}
    user = request.handler if has_somebody(request) else None
    running = {owed for owed, deadline in standing.items() if deadline.left is None}
    if running == standing.keys() == terms.keys():
        # Only the person may have changed: no clock to read.
        request.deadlines.filter(closed_at=None).update(user=user)
        return
    calendar = calendar_of(request)
    for owed, deadline in standing.items():
        if owed not in terms:
            _stop(deadline, request, calendar, at)
            deadline.save()
    for owed, term in terms.items():
        deadline = standing.get(owed) or _open(term, request, calendar, at)
        if deadline.left is not None:
            _resume(deadline, calendar, at)
        deadline.user = user
        deadline.save()
        standing[owed] = deadline
    keep_due(request, [standing[owed] for owed in terms])


def keep_due(request: RefundRequest, running: list[Deadline]) -> None:
    """Where the request stands in the queue, by the clocks that run for it."""
    request.due_at = min((deadline.due_at for deadline in running), default=None)
    RefundRequest.objects.filter(pk=request.pk).update(due_at=request.due_at)


def _open(
    term: Term, request: RefundRequest, calendar: WorkingDays, at: datetime
) -> Deadline:
    warn, due = days_of(term, request)
    deadline = Deadline(
        request=request,
        kind=term.kind,
        owner=term.owner,
        started_at=at,
        warn_at=due_after(calendar, at, days=warn),
        due_at=due_after(calendar, at, days=due),
    )
    _plan(deadline, calendar, at)
    return deadline


def _stop(
    deadline: Deadline, request: RefundRequest, calendar: WorkingDays, at: datetime
) -> None:
    deadline.next_at = None
    if not pauses(deadline, request):
        deadline.closed_at = at
    elif deadline.left is None:
        deadline.left = _seconds(working_time(calendar, at, deadline.due_at))
        deadline.warn_left = _seconds(working_time(calendar, at, deadline.warn_at))


def _resume(deadline: Deadline, calendar: WorkingDays, at: datetime) -> None:
    """Goes on with what was left; a warning that was given is not given again."""
    left = timedelta(seconds=deadline.left or 0)
    deadline.due_at = after_working_time(calendar, at, left)
    if deadline.warn_left:
        warn_left = timedelta(seconds=deadline.warn_left)
        deadline.warn_at = after_working_time(calendar, at, warn_left)
    deadline.left = deadline.warn_left = None
    _plan(deadline, calendar, at)


def replan(deadline: Deadline, calendar: WorkingDays, *, at: datetime) -> None:
    """After its moments moved: what is reached now and was not told is told next."""
    planned = deadline.next_at or at
    _plan(deadline, calendar, at)
    rungs = ladder(calendar, warn_at=deadline.warn_at, due_at=deadline.due_at)
    if reached(rungs, at=at, after=_told(deadline)) is not None:
        deadline.next_at = min(planned, first_working_moment(calendar, at))


def _told(deadline: Deadline) -> Rung | None:
    return Rung[deadline.stage.upper()] if deadline.stage else None


def _plan(deadline: Deadline, calendar: WorkingDays, at: datetime) -> None:
    rungs = ladder(calendar, warn_at=deadline.warn_at, due_at=deadline.due_at)
    told = _told(deadline)
    pending = [rung for rung in rungs if told is None or rung[1] > told]
    deadline.next_at = next_moment(pending, after=at)
    deadline.provisional = calendar.is_provisional(local_day(calendar, deadline.due_at))


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
