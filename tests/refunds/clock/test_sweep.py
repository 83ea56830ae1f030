"""A request that nobody touches: its deadline passes, each hears of it once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from accounts.models import Contract, User
from refunds.clock.sweep import sweep
from refunds.models import CalendarOverride, Deadline, Event, Notice, RefundRequest
from refunds.notices.mail import compose
from refunds.record.verify import find_breaks
from refunds.review.hands import claim, pass_on
from refunds.review.information import ask_for_information, supply_information
from tests.people import Case, make_case, make_people
from tests.refunds.together import at_once

pytestmark = pytest.mark.database_rules

# Submitted on Monday the 16th at 10:00 in Beijing: warned on the 19th, due on the 23rd.
WARN = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)
DAY_BEFORE = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
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


def test_from_one_to_five_days_late_the_superior_hears_too_and_then_nobody(
    case: Case,
) -> None:
    case.people.lead.superior = case.people.superuser
    case.people.lead.save()
    case.submitted()
    for hours in range(24 * 30):
        sweep(at=DUE + timedelta(hours=hours))
    late = [f"overdue_{n}" for n in range(1, 6)]
    assert [
        stage for stage, email in told(case) if email == "root@example.test"
    ] == late
    assert [stage for stage, _email in told(case)][1::2] == late
    assert Deadline.objects.get(closed_at=None).next_at is None


def test_without_a_superior_the_late_one_hears_alone(case: Case) -> None:
    case.submitted()
    sweep(at=DAY_AFTER)
    assert told(case) == [("overdue_1", "lead@example.test")]


def test_a_saturday_that_is_made_up_for_is_a_day_like_any(case: Case) -> None:
    saturday = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    CalendarOverride.objects.create(day=saturday.date(), working=True)
    case.submitted()
    due = Deadline.objects.get(closed_at=None)
    assert due.due_at == DUE - timedelta(days=2)
    sweep(at=saturday)
    assert [stage for stage, _email in told(case)] == ["day_before"]


def test_the_first_reminder_of_an_evaluation_tells_the_customer_why_and_until_when(
    case: Case,
) -> None:
    case.in_evaluation()
    deadline = Deadline.objects.get(closed_at=None)
    for moment in (deadline.warn_at, deadline.due_at, deadline.due_at + 4 * DAY):
        sweep(at=moment)
    notice = Notice.objects.get(kind="customer_delayed")
    assert notice.recipient == case.people.owner
    words = body(compose(notice))
    assert "because a person compares the evidence with our records" in words
    assert "Mon 30 Nov 2026, 17:30" in words
    assert "you need do nothing" in words


def test_where_the_warning_was_missed_the_customer_is_told_of_the_delay_all_the_same(
    case: Case,
) -> None:
    case.in_evaluation()
    deadline = Deadline.objects.get(closed_at=None)
    sweep(at=deadline.due_at + 4 * DAY)
    words = body(compose(Notice.objects.get(kind="customer_delayed")))
    assert "We are late" in words
    assert "until" not in words


def test_a_reminder_is_in_the_language_of_who_reads_it(case: Case) -> None:
    User.objects.filter(email="lead@example.test").update(language="zh-hans")
    case.people.lead.superior = case.people.superuser
    case.people.lead.save(update_fields=["superior"])
    case.submitted()
    sweep(at=DAY_AFTER)
    to_lead, to_root = Notice.objects.filter(deadline__isnull=False).order_by("pk")
    assert "overdue" not in compose(to_lead).subject
    assert "overdue" in compose(to_root).subject


def test_one_that_makes_no_sense_is_set_aside_and_all_others_are_told(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    cases = [case, *(make_case(case.people, at=case.at) for _n in range(4))]
    for each in cases:
        each.submitted()
    broken = cases[2].request
    Contract.objects.filter(pk=broken.contract_id).update(time_zone="Mars/Olympus")
    assert sweep(at=WARN) == 4
    assert [record.exc_info is not None for record in caplog.records] == [True]
    assert f"request {broken.pk}" in caplog.text
    assert sweep(at=WARN + timedelta(minutes=59)) == 0
    assert len(caplog.records) == 1, "not every fifteen seconds"
    Contract.objects.filter(pk=broken.contract_id).update(time_zone="Asia/Shanghai")
    assert sweep(at=WARN + timedelta(hours=1)) == 1
    assert len(told(case)) == 5
    assert list(find_breaks()) == []


@pytest.mark.postgres
def test_what_somebody_holds_waits_and_holds_up_nobody(
    committed: None, now: datetime
) -> None:
    people = make_people()
    first, second = (make_case(people, at=now) for _n in range(2))
    held = first.submitted()
    second.submitted()
    with transaction.atomic():
        RefundRequest.objects.select_for_update().get(pk=held.pk)
        assert at_once(lambda: sweep(at=WARN)) == [1]
    assert sweep(at=WARN) == 1


@pytest.mark.postgres
def test_sweeps_at_the_same_moment_tell_each_once(
    committed: None, now: datetime
) -> None:
    people = make_people()
    for _n in range(6):
        make_case(people, at=now).submitted()
    found = at_once(*(lambda: sweep(at=WARN, batch=2) for _n in range(3)))
    assert sum(map(int, map(str, found))) == 6
    assert Notice.objects.filter(deadline__isnull=False).count() == 6
    assert Event.objects.filter(kind="reminded").count() == 6
    assert list(find_breaks()) == []


def test_nothing_due_is_one_look(
    case: Case, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case.submitted()
    with django_assert_num_queries(1):
        sweep(at=case.at)


def body(mail: EmailMultiAlternatives) -> str:
    return str(mail.body)
