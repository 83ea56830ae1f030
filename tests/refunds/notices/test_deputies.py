"""Who is away is heard for by their deputy; what is overdue goes a step up."""

from datetime import UTC, date, datetime

import pytest

from accounts.models import Absence, User
from refunds.clock.sweep import sweep
from refunds.models import Notice
from refunds.review.hands import claim
from tests.people import Case

# Submitted on Monday the 16th: warned on Thursday, due on Monday the 23rd.
WARN = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)
LATE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
WEEK = {"first_day": date(2026, 11, 18), "last_day": date(2026, 11, 24)}


def hear(case: Case, at: datetime) -> set[str]:
    Notice.objects.all().delete()
    sweep(at=at)
    notices = Notice.objects.filter(kind__startswith="staff_")
    return {notice.recipient.name for notice in notices}


@pytest.fixture
def claimed(case: Case) -> Case:
    claim(case.submitted(), by=case.people.first_line, at=case.at)
    return case


def away(user: User, deputy: User, **days: date) -> Absence:
    return Absence.objects.create(user=user, deputy=deputy, **{**WEEK, **days})


def test_the_deputy_hears_in_their_place(claimed: Case) -> None:
    people = claimed.people
    away(people.first_line, people.evaluator)
    assert hear(claimed, WARN) == {"evaluator"}


def test_only_while_they_are_away(claimed: Case) -> None:
    people = claimed.people
    away(people.first_line, people.evaluator, last_day=date(2026, 11, 18))
    away(people.first_line, people.evaluator, first_day=date(2026, 11, 20))
    assert hear(claimed, WARN) == {"first"}


def test_the_deputy_of_an_absent_deputy_stands_in(claimed: Case) -> None:
    people = claimed.people
    away(people.first_line, people.evaluator)
    away(people.evaluator, people.approver)
    assert hear(claimed, WARN) == {"approver"}


def test_where_all_are_away_they_hear_themselves(claimed: Case) -> None:
    people = claimed.people
    away(people.first_line, people.evaluator)
    away(people.evaluator, people.first_line)
    assert hear(claimed, WARN) == {"first"}


def test_what_is_overdue_goes_to_the_owners_superior_not_the_deputys(
    claimed: Case,
) -> None:
    people = claimed.people
    away(people.first_line, people.evaluator)
    User.objects.filter(pk=people.evaluator.pk).update(superior=people.auditor)
    assert hear(claimed, LATE) == {"evaluator", "lead"}


def test_an_absent_superior_is_heard_for_too(claimed: Case) -> None:
    people = claimed.people
    away(people.lead, people.approver)
    assert hear(claimed, LATE) == {"first", "approver"}


def test_what_somebody_who_left_had_in_hand_is_the_leads(claimed: Case) -> None:
    User.objects.filter(pk=claimed.people.first_line.pk).update(is_active=False)
    assert hear(claimed, WARN) == {"lead"}
