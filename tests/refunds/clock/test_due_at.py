"""The queue stands in the order of what is due first; so that is what `due_at` says."""

from datetime import date
from typing import Any

import pytest
from django.db.models import Min, Q

from refunds.clock.calendars import corrections_of
from refunds.clock.recount import Change, recount
from refunds.models import CalendarOverride, RefundRequest
from tests.people import Case
from tests.refunds.pages import states

RUNNING = Q(deadlines__closed_at=None, deadlines__left=None)


def wrong() -> list[Any]:
    """Whose `due_at` is not the earliest of its running deadlines."""
    rows = RefundRequest.objects.annotate(
        first=Min("deadlines__due_at", filter=RUNNING)
    )
    return [row.number for row in rows if row.due_at != row.first]


@pytest.mark.parametrize("state", states.REACHES)
def test_in_every_state_it_is_the_first_that_runs(case: Case, state: str) -> None:
    request = states.REACHES[state](case)
    assert request.state == state
    assert wrong() == []


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("state", states.WITH_KEYS)
def test_while_its_money_goes_too(case: Case, state: str) -> None:
    assert states.WITH_KEYS[state](case).state == state
    assert wrong() == []


def test_a_day_off_moves_it_along(case: Case) -> None:
    waiting, ended = states.more(case, 2)
    case.submitted()
    states.waiting_for_documents(waiting)
    states.taken_back(ended)
    before = case.request.due_at
    day = date(2026, 11, 20)
    published = corrections_of("CN")
    CalendarOverride.objects.create(
        country="CN", day=day, working=False, reason="Storm"
    )
    change = Change("CN", published, corrections_of("CN"))
    assert recount(change, by=None, at=case.at)
    assert RefundRequest.objects.get(pk=case.request.pk).due_at != before
    assert wrong() == []
