"""A deadline's moments under any calendar, from what its request went through.

What was promised is read from history, never from the moments as they stand: counted
twice, it is the same, and days that have passed already count as the calendar now says.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from django.db.models import F

from refunds.clock.deadlines import Break, Moments, laid_out
from refunds.clock.terms import BY_RULE, NAMING, PAUSES, TERMS, Days
from refunds.models import Assessment, Deadline, Event
from refunds.policy.calendar import WorkingDays

Step = tuple[datetime, str, str]  # when, from which state, to which
Said = tuple[datetime, dict[str, list[int]]]  # when, and the days by their names
STATES_OF = {
    kind: frozenset(
        state for state, terms in TERMS.items() if kind in {t.kind for t in terms}
    )
    for kind in Deadline.Kind.values
}
DAYS_OF = {
    (term.kind, term.owner): term.days
    for terms in (*TERMS.values(), NAMING)
    for term in terms
    if term.days
}


class Replay:
    """What a batch of requests went through, in three queries."""

    def __init__(self, requests: Collection[int]) -> None:
        self.steps = _steps_of(requests)
        self.namings = _namings_of(requests)
        self.terms = _terms_of(requests)

    def moments(self, deadline: Deadline, calendar: WorkingDays) -> Moments | None:
        """None where nothing says how many days it had."""
        days = self._days(deadline)
        if days is None:
            return None
        breaks = self._breaks(deadline) if deadline.kind in PAUSES else ()
        return laid_out(calendar, deadline.started_at, days=days, breaks=breaks)

    def _days(self, deadline: Deadline) -> Days | None:
        """As the policy had answered when the deadline began."""
        if deadline.kind not in BY_RULE:
            return DAYS_OF.get((deadline.kind, deadline.owner))
        said = [
            terms
            for at, terms in self.terms[deadline.request_id]
            if at <= deadline.started_at
        ]
        if not said:
            return None
        warn, due = said[-1][BY_RULE[Deadline.Kind(deadline.kind)]]
        return warn, due

    def _breaks(self, deadline: Deadline) -> Iterator[Break]:
        if deadline.kind == Deadline.Kind.PAYOUT:
            named = self.namings[deadline.request_id]
            return (each for each in named if each.stopped_at > deadline.started_at)
        return self._elsewhere(deadline)

    def _elsewhere(self, deadline: Deadline) -> Iterator[Break]:
        running, stopped = STATES_OF[deadline.kind], None
        for at, from_state, to_state in self.steps[deadline.request_id]:
            if at <= deadline.started_at:
                continue
            if from_state in running and to_state not in running:
                stopped = at
            elif stopped is not None and to_state in running:
                yield Break(stopped, at)
                stopped = None


def _steps_of(requests: Iterable[int]) -> dict[int, list[Step]]:
    events = (
        Event.objects.filter(request__in=requests)
        .exclude(to_state="")
        .exclude(to_state=F("from_state"))
        .order_by("request_id", "position")
    )
    found: dict[int, list[Step]] = defaultdict(list)
    named = ("request_id", "at", "from_state", "to_state")
    for request, at, from_state, to_state in events.values_list(*named):
        found[request].append((at, from_state, to_state))
    return found


def _namings_of(requests: Iterable[int]) -> dict[int, list[Break]]:
    """While the customer had to name an account; that is within one state."""
    found: dict[int, list[Break]] = defaultdict(list)
    rows = Deadline.objects.filter(
        request__in=requests,
        kind=Deadline.Kind.PAYOUT_BLOCKED,
        owner=Deadline.Owner.CUSTOMER,
    ).order_by("pk")
    named = ("request_id", "started_at", "closed_at")
    for request, began, ended in rows.values_list(*named):
        if ended is not None:
            found[request].append(Break(began, ended))
    return found


def _terms_of(requests: Iterable[int]) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = defaultdict(list)
    answers = Assessment.objects.filter(request__in=requests).order_by("pk")
    for request, at, terms in answers.values_list("request_id", "at", "terms"):
        found[request].append((at, terms))
    return found
