"""The calendar changes: what runs is due anew, each with its event, nothing twice."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from refunds.clock import recount as recounting
from refunds.clock.board import calendar_of
from refunds.clock.calendars import corrections_of
from refunds.clock.recount import Change, moves, recount, recount_announced
from refunds.clock.replay import Replay
from refunds.clock.sweep import sweep
from refunds.models import CalendarOverride, Deadline, Event, Notice
from refunds.record.verify import find_breaks
from refunds.review.hands import claim, pass_on
from refunds.review.information import ask_for_information, supply_information
from tests.people import Case, make_case, make_people
from tests.refunds.together import queued_while

pytestmark = pytest.mark.database_rules

# Submitted on Monday the 16th at 10:00 in Beijing: warned on the 19th, due on the 23rd.
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAY, SATURDAY, MONDAY = (date(2026, 11, day) for day in (20, 21, 23))


def closing(day: int) -> datetime:
    """17:30 in Beijing of that day of November 2026."""
    return datetime(2026, 11, day, 9, 30, tzinfo=UTC)


def override(day: date, *, working: bool, country: str = "CN") -> Change:
    before = corrections_of(country)
    CalendarOverride.objects.create(
        country=country, day=day, working=working, reason="Typhoon"
    )
    return Change(country, before, corrections_of(country))


def review() -> Deadline:
    return Deadline.objects.get(kind="preliminary_review")


def events() -> list[Event]:
    return list(Event.objects.filter(kind="deadline_moved").order_by("pk"))


def test_a_day_off_ahead_moves_what_counts_on_it_and_says_so(case: Case) -> None:
    case.submitted()
    change = override(FRIDAY, working=False)
    by = case.people.lead
    assert recount(change, by=by, at=case.at, reason="Typhoon") == 1
    assert (review().warn_at, review().due_at) == (closing(19), closing(24))
    [event] = events()
    assert (event.actor, event.at, event.reason) == (by, case.at, "Typhoon")
    assert event.data == {
        "deadline": "preliminary_review",
        "from": "2026-11-23T09:30:00+00:00",
        "to": "2026-11-24T09:30:00+00:00",
    }
    assert list(find_breaks()) == []


def test_a_second_time_it_moves_nothing_more(case: Case) -> None:
    case.submitted()
    change = override(FRIDAY, working=False)
    recount(change, by=None, at=case.at)
    before = vars(review()) | {"_state": None}
    for hours in (0, 1, 30):
        assert recount(change, by=None, at=case.at + hours * HOUR) == 0
    assert vars(review()) | {"_state": None} == before
    assert len(events()) == 1


def test_a_saturday_made_up_brings_it_forward_and_its_reminders(case: Case) -> None:
    case.submitted()
    recount(override(SATURDAY, working=True), by=None, at=case.at)
    assert review().due_at == closing(21)
    sweep(at=closing(19))
    assert review().next_at == closing(20)


def test_a_day_that_has_passed_counts_as_the_calendar_says_now(case: Case) -> None:
    """The office was closed yesterday: who owes something is not to bear it."""
    case.submitted()
    tuesday = override(date(2026, 11, 17), working=False)
    assert recount(tuesday, by=None, at=case.at + 2 * DAY) == 1
    assert review().due_at == closing(24)


def test_what_does_not_count_on_the_day_stays(case: Case) -> None:
    case.submitted()
    for day in (date(2026, 11, 16), date(2026, 11, 24)):
        assert recount(override(day, working=False), by=None, at=case.at) == 0
    assert recount(override(FRIDAY, working=True), by=None, at=case.at) == 0
    elsewhere = override(FRIDAY, working=False, country="US")
    assert recount(elsewhere, by=None, at=case.at) == 0
    assert review().due_at == closing(23)
    assert events() == []


def test_only_a_reminder_may_move(case: Case) -> None:
    """Saturday for Monday: due on Tuesday as before, but the day before is another."""
    case.submitted()
    recount(override(date(2026, 11, 17), working=False), by=None, at=case.at)
    assert review().due_at == closing(24)
    sweep(at=closing(20))
    assert (review().stage, review().next_at) == ("warn", closing(23))
    both = override(SATURDAY, working=True)
    monday = override(MONDAY, working=False)
    change = Change("CN", both.before, monday.after)
    assert recount(change, by=None, at=closing(20)) == 0
    assert review().next_at == closing(21)


def test_nobody_becomes_late_by_it(case: Case) -> None:
    """Sunday was worked, as is found on Monday at noon: it stays due this evening."""
    case.submitted()
    sunday = override(date(2026, 11, 22), working=True)
    monday = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    recount(sunday, by=None, at=monday)
    assert review().due_at == closing(23)
    assert events() == []


def test_what_would_be_due_before_now_is_due_at_the_next_closing(case: Case) -> None:
    case.submitted()
    gone = override(SATURDAY, working=True)
    also = override(date(2026, 11, 22), working=True)
    change = Change("CN", gone.before, also.after)
    evening = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert recount(change, by=None, at=evening) == 1
    assert review().due_at == closing(22)
    assert recount(change, by=None, at=evening) == 0


def test_what_was_told_is_not_told_again(case: Case) -> None:
    case.submitted()
    for day in (19, 20, 23):
        sweep(at=closing(day))
    recount(override(MONDAY, working=False), by=None, at=closing(23) + HOUR)
    assert (review().due_at, review().stage) == (closing(24), "due")
    for day in (23, 24, 25):
        sweep(at=closing(day) + HOUR)
    told = Notice.objects.filter(deadline__isnull=False).order_by("pk")
    stages = [notice.data["stage"] for notice in told]
    assert list(dict.fromkeys(stages)) == ["warn", "day_before", "due", "overdue_1"]


def test_what_is_reached_by_moving_forward_is_told_at_once(case: Case) -> None:
    case.submitted()
    sweep(at=closing(19))
    noon = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    sunday = override(date(2026, 11, 15), working=True)
    assert recount(sunday, by=None, at=noon) == 0
    passed = override(SATURDAY, working=True)
    recount(passed, by=None, at=closing(20) + HOUR)
    sweep(at=closing(20) + HOUR)
    assert (review().due_at, review().stage) == (closing(21), "day_before")


def stopped_and_gone_on(case: Case) -> None:
    """From Tuesday 10:00 to Thursday 10:00: due on the 25th."""
    case.submitted()
    claim(case.request, by=case.people.first_line, at=case.at)
    ask_for_information(
        case.request, by=case.people.first_line, at=case.at + DAY, words="A log."
    )
    supply_information(
        case.request, by=case.people.owner, at=case.at + 3 * DAY, words="Here."
    )


def test_what_stood_still_is_counted_on_with_what_was_left(case: Case) -> None:
    stopped_and_gone_on(case)
    assert review().due_at == closing(25)
    assert recount(override(FRIDAY, working=False), by=None, at=case.at + 3 * DAY) == 1
    assert review().due_at == closing(26)


def test_a_day_off_while_it_stood_still_moves_nothing(case: Case) -> None:
    """Wednesday was not counted: as many days are left as before."""
    stopped_and_gone_on(case)
    wednesday = override(date(2026, 11, 18), working=False)
    assert recount(wednesday, by=None, at=case.at + 3 * DAY) == 0
    assert review().due_at == closing(25)


def test_a_clock_that_stands_still_is_left_alone_and_laid_out_later(case: Case) -> None:
    case.submitted()
    claim(case.request, by=case.people.first_line, at=case.at)
    ask_for_information(
        case.request, by=case.people.first_line, at=case.at + DAY, words="A log."
    )
    change = override(FRIDAY, working=False)
    assert [move.deadline.kind for move in moves(change, at=case.at + DAY)] == [
        "information"
    ]
    recount(change, by=None, at=case.at + DAY)
    supply_information(
        case.request, by=case.people.owner, at=case.at + 3 * DAY, words="Here."
    )
    assert review().due_at == closing(26)


@pytest.mark.parametrize("number", range(12))
def test_replayed_by_the_calendar_it_was_counted_by_nothing_moves(
    case: Case, number: int
) -> None:
    """Stopped and gone on up to thrice, at any moment, over nights and weekends."""
    dice = Random(number)
    at = case.at
    case.submitted()
    for _round in range(dice.randint(1, 3)):
        at += dice.randint(1, 3 * 86_400) * timedelta(seconds=1, microseconds=7)
        if not case.request.handler:
            claim(case.request, by=case.people.first_line, at=at)
        ask_for_information(
            case.request, by=case.people.first_line, at=at, words="A log."
        )
        at += dice.randint(1, 5 * 86_400) * timedelta(seconds=1, microseconds=13)
        supply_information(case.request, by=case.people.owner, at=at, words="Here.")
    moments = Replay([case.request.pk]).moments(review(), calendar_of(case.request))
    assert moments == (review().warn_at, review().due_at)


def test_days_announced_later_are_counted_once_they_are_known(case: Case) -> None:
    """As if the National Day of 2026 had not been announced when it began."""
    case.at = datetime(2026, 9, 29, 2, 0, tzinfo=UTC)
    case.submitted()
    by_weekends = datetime(2026, 10, 6, 9, 30, tzinfo=UTC)
    announced = review().due_at
    Deadline.objects.update(provisional=True, due_at=by_weekends, warn_at=by_weekends)
    assert recount_announced(at=case.at) == 1
    assert (review().due_at, review().provisional) == (announced, False)
    assert recount_announced(at=case.at) == 0
    assert [event.actor for event in events()] == [None]


def test_what_is_not_announced_yet_stays_provisional(case: Case) -> None:
    case.at = datetime(2026, 12, 29, 2, 0, tzinfo=UTC)
    case.submitted()
    due_at = review().due_at
    assert review().provisional
    assert recount_announced(at=case.at) == 0
    assert (review().due_at, review().provisional) == (due_at, True)


def test_a_contract_of_another_country_counts_its_days(case: Case) -> None:
    contract = case.service.contract
    contract.calendar, contract.time_zone = "US", "America/New_York"
    contract.save()
    case.at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # Monday at 10:00 there
    case.submitted()
    # Thanksgiving is on the 26th: Tuesday, Wednesday, Friday, Monday, Tuesday.
    assert review().due_at == datetime(2026, 12, 1, 22, 30, tzinfo=UTC)
    change = override(date(2026, 11, 27), working=False, country="US")
    recount(change, by=None, at=case.at)
    assert review().due_at == datetime(2026, 12, 2, 22, 30, tzinfo=UTC)


def test_batches_leave_nobody_out(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recounting, "BATCH", 2)
    for other in [case, *(make_case(case.people, at=case.at) for _ in range(4))]:
        other.submitted()
    change = override(FRIDAY, working=False)
    assert len(list(moves(change, at=case.at))) == 5
    assert recount(change, by=None, at=case.at) == 5
    assert set(Deadline.objects.values_list("due_at", flat=True)) == {closing(24)}


Queries = Callable[..., object]


def test_its_queries_do_not_grow_with_what_moves(
    case: Case, django_assert_max_num_queries: Queries
) -> None:
    for other in [case, *(make_case(case.people, at=case.at) for _ in range(6))]:
        other.submitted()
    change = override(FRIDAY, working=False)
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        assert recount(change, by=None, at=case.at) == 7


@pytest.mark.postgres
def test_a_step_on_the_way_is_waited_for_and_then_counted(
    committed: None, now: datetime
) -> None:
    """It opened its deadline by the old days; the recount finds it under the lock."""
    people = make_people()
    case = make_case(people, at=now)
    case.submitted()
    claim(case.request, by=people.first_line, at=now)
    before = corrections_of("CN")
    change = Change("CN", before, ((FRIDAY, False),))
    queued_while(
        lambda: pass_on(case.request, by=people.first_line, at=now, reason=""),
        lambda: recount(change, by=None, at=now),
    )
    evaluation = Deadline.objects.get(kind="evaluation")
    [event] = events()
    assert event.data["deadline"] == "evaluation"
    assert event.data["to"] == evaluation.due_at.isoformat()
    assert list(find_breaks()) == []
