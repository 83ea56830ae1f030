"""A request that nobody touches: its deadline passes, each hears of it once."""

from datetime import UTC, datetime, timedelta

import pytest

from refunds.clock.sweep import sweep
from refunds.models import Deadline, Event, Notice
from refunds.record.verify import find_breaks
from refunds.review.hands import claim, pass_on
from refunds.review.information import ask_for_information, supply_information
from tests.people import Case

pytestmark = pytest.mark.database_rules

# Submitted on Monday the 16th at 10:00 in Beijing: warned on the 19th, due on the 23rd.
WARN = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)
DAY_BEFORE = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DAY_AFTER = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def told(case: Case) -> list[tuple[str, str]]:
    """(stage, email) of every reminder, in the order they were written."""
    notices = Notice.objects.filter(deadline__isnull=False).order_by("pk")
    return [(n.data["stage"], n.recipient.email) for n in notices]


def test_each_rung_is_told_once_to_the_lead_and_late_ones_to_the_superior(
    case: Case,
) -> None:
    case.people.lead.superior = case.people.superuser
    case.people.lead.save()
    case.submitted()
    for moment in (WARN, WARN, DAY_BEFORE, DUE, DUE, DAY_AFTER):
        sweep(at=moment)
        sweep(at=moment + timedelta(minutes=1))
    assert told(case) == [
        ("warn", "lead@example.test"),
        ("day_before", "lead@example.test"),
        ("due", "lead@example.test"),
        ("overdue_1", "lead@example.test"),
        ("overdue_1", "root@example.test"),
    ]
    assert Event.objects.filter(kind="reminded").count() == 4
    assert list(find_breaks()) == []


def test_after_a_stop_only_the_last_rung_is_told(case: Case) -> None:
    case.submitted()
    assert sweep(at=DAY_AFTER + timedelta(days=2)) == 1
    assert {stage for stage, _email in told(case)} == {"overdue_3"}


def test_on_a_day_off_it_waits_for_the_next_opening(case: Case) -> None:
    case.submitted()
    saturday = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    assert sweep(at=saturday) == 0
    assert told(case) == []
    monday = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert Deadline.objects.get(closed_at=None).next_at == monday
    sweep(at=monday)
    assert [stage for stage, _email in told(case)] == ["day_before"]


def test_who_has_the_case_in_hand_hears_of_it(case: Case) -> None:
    case.submitted()
    claim(case.request, by=case.people.first_line, at=case.at)
    sweep(at=WARN)
    assert told(case) == [("warn", "first@example.test")]


def test_the_staffs_clock_stops_while_the_customer_owes_something(case: Case) -> None:
    case.submitted()
    claim(case.request, by=case.people.first_line, at=case.at)
    asked = case.at + timedelta(days=1)
    ask_for_information(
        case.request, by=case.people.first_line, at=asked, words="A log, please."
    )
    assert sweep(at=DUE) == 0
    supply_information(case.request, by=case.people.owner, at=DUE, words="Here it is.")
    review = Deadline.objects.get(kind="preliminary_review")
    # Stopped on Tuesday at 10:00 with 41.5 office hours left; went on Monday at 17:30.
    assert review.due_at == datetime(2026, 11, 30, 1, 0, tzinfo=UTC) + timedelta(
        hours=7, minutes=30
    )


def test_a_case_that_moved_on_is_no_longer_due(case: Case) -> None:
    case.submitted()
    claim(case.request, by=case.people.first_line, at=case.at)
    pass_on(case.request, by=case.people.first_line, at=case.at, reason="")
    sweep(at=WARN)
    assert told(case) == []
