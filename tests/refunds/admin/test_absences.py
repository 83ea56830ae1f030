"""Being away: a deputy is named, an absence ends, all open cases are handed over."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Absence, Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.review.absence import end_absence, name_deputy
from tests.conftest import NOW
from tests.people import Case, People, make_people
from tests.refunds.pages.visits import queries, reads, text_of, told, visitor
from tests.refunds.together import queued_behind

PAGE = "/admin/absence/"
TODAY = date(2026, 11, 16)
FRIDAY = TODAY + timedelta(days=4)


def name(client: Client, user: User, deputy: User, **days: str) -> Any:
    typed = {"first_day": str(TODAY), "last_day": str(FRIDAY), **days}
    return client.post(PAGE, {"user": user.email, "deputy": deputy.email, **typed})


def absent(people: People, *, first: date = TODAY, last: date = FRIDAY) -> Absence:
    return Absence.objects.create(
        user=people.evaluator,
        deputy=people.second_evaluator,
        first_day=first,
        last_day=last,
    )


def test_anybody_of_the_staff_names_who_stands_in(people: People) -> None:
    client = visitor(people.evaluator)
    assert "Absence and handing over" in reads(client, "/admin/")
    answer = name(client, people.evaluator, people.second_evaluator)
    assert answer["Location"] == PAGE
    words = "evaluator2 stands in for evaluator from 2026-11-16 to 2026-11-20."
    assert told(answer) == words
    assert "evaluator 2026-11-16 – 2026-11-20" in reads(client, PAGE)
    there = reads(visitor(people.second_evaluator), PAGE)
    assert "You stand in for evaluator from 2026-11-16 to 2026-11-20" in there
    entry = LogEntry.objects.get()
    assert (entry.user, entry.is_addition()) == (people.evaluator, True)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"first_day": "2026-11-15"}, "This day has passed. Begin today, or later."),
        ({"last_day": "2026-11-15"}, "The last day comes before the first."),
        ({"last_day": "soon"}, "Enter a valid date."),
        ({"first_day": ""}, "This field is required."),
    ],
)
def test_days_that_cannot_be_say_so_at_their_field(
    people: People, days: dict[str, str], words: str
) -> None:
    answer = name(
        visitor(people.evaluator), people.evaluator, people.second_evaluator, **days
    )
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Absence.objects.exists()


def test_a_second_absence_over_the_same_days_is_refused(people: People) -> None:
    absent(people, first=FRIDAY, last=FRIDAY + timedelta(days=3))
    answer = name(visitor(people.evaluator), people.evaluator, people.approver)
    assert answer.status_code == 422
    words = "There is an absence from 2026-11-20 to 2026-11-23 already."
    assert words in text_of(answer)
    before = {"last_day": str(FRIDAY - timedelta(days=1))}
    name(visitor(people.evaluator), people.evaluator, people.approver, **before)
    assert Absence.objects.count() == 2


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_of_two_deputies_named_at_once_for_the_same_days_one_stands() -> None:
    people = make_people()
    got = queued_behind(
        [people.evaluator],
        *(
            lambda deputy=deputy: name_deputy(
                people.evaluator,
                by=people.evaluator,
                at=NOW,
                deputy=deputy,
                first_day=TODAY,
                last_day=FRIDAY,
            )
            for deputy in (people.second_evaluator, people.approver)
        ),
    )
    assert sorted(type(each) is RefundError for each in got) == [False, True]
    assert Absence.objects.count() == 1


def test_nobody_stands_in_for_themselves_nor_who_left_nor_a_customer(
    people: People,
) -> None:
    people.approver.is_active = False
    people.approver.save()
    client = visitor(people.evaluator)
    for deputy in (people.evaluator, people.approver, people.owner):
        assert name(client, people.evaluator, deputy).status_code == 422
        with pytest.raises(RefundError):
            name_deputy(
                people.evaluator,
                by=people.evaluator,
                at=NOW,
                deputy=deputy,
                first_day=TODAY,
                last_day=FRIDAY,
            )
    assert not Absence.objects.exists()


def test_a_deputy_who_lacks_a_role_or_is_away_is_named_with_a_warning(
    people: People,
) -> None:
    Absence.objects.create(
        user=people.approver, deputy=people.lead, first_day=FRIDAY, last_day=FRIDAY
    )
    answer = name(visitor(people.evaluator), people.evaluator, people.approver)
    assert "approver lacks a role that evaluator has: Evaluator." in told(answer)
    assert "approver is away too, from 2026-11-20 to 2026-11-20." in told(answer)
    assert people.evaluator.absences.count() == 1


def test_the_superior_names_a_deputy_for_their_reports_and_nobody_else(
    people: People,
) -> None:
    lead = visitor(people.lead)
    name(lead, people.evaluator, people.second_evaluator)
    assert people.evaluator.absences.count() == 1
    for other in (people.approver, people.evaluator):
        client = visitor(people.second_evaluator)
        assert name(client, other, people.finance).status_code == 422
    assert name(lead, people.superuser, people.finance).status_code == 422
    assert Absence.objects.count() == 1
    with pytest.raises(NotPermitted):
        name_deputy(
            people.approver,
            by=people.second_evaluator,
            at=NOW,
            deputy=people.finance,
            first_day=TODAY,
            last_day=FRIDAY,
        )


def test_an_absence_is_seen_by_them_their_superior_and_their_deputy(
    people: People,
) -> None:
    absent(people)
    absent(people, first=date(2026, 10, 1), last=date(2026, 10, 5))
    for person in (people.evaluator, people.lead):
        page = reads(visitor(person), PAGE)
        assert "2026-11-16 – 2026-11-20 now" in page
        assert "2026-10-01" not in page, "what is over is over"
    for person in (people.finance, people.superuser):
        assert "2026-11-16" not in reads(visitor(person), PAGE)
    for outsider in (people.owner, None):
        assert visitor(outsider).get(PAGE).status_code == 302


def test_who_is_back_early_ends_it_with_yesterday(people: People) -> None:
    absence = absent(people, first=TODAY - timedelta(days=3))
    answer = visitor(people.evaluator).post(f"{PAGE}{absence.pk}/end/")
    assert "The absence of evaluator has ended." in told(answer)
    absence.refresh_from_db()
    assert absence.last_day == TODAY - timedelta(days=1)
    assert LogEntry.objects.get().is_change()
    with pytest.raises(RefundError, match="ended already"):
        end_absence(absence, by=people.evaluator, at=NOW)


@pytest.mark.parametrize("first", [TODAY, TODAY + timedelta(days=2)])
def test_what_has_not_lasted_a_day_is_taken_away(people: People, first: date) -> None:
    absence = absent(people, first=first)
    client = visitor(people.lead)
    assert client.get(f"{PAGE}{absence.pk}/end/").status_code == 405
    client.post(f"{PAGE}{absence.pk}/end/")
    assert not Absence.objects.exists()
    assert LogEntry.objects.get().is_deletion()


def test_nobody_else_ends_it(people: People) -> None:
    absence = absent(people)
    for person in (people.second_evaluator, people.finance, people.superuser):
        path = f"{PAGE}{absence.pk}/end/"
        assert visitor(person).post(path).status_code == 404
        with pytest.raises(NotPermitted):
            end_absence(absence, by=person, at=NOW)
    assert Absence.objects.count() == 1


def test_the_deputy_of_the_superior_acts_in_their_place(case: Case) -> None:
    people = case.people
    Absence.objects.create(
        user=people.lead, deputy=people.finance, first_day=TODAY, last_day=FRIDAY
    )
    name(visitor(people.finance), people.evaluator, people.second_evaluator)
    assert people.evaluator.absences.count() == 1


def test_the_page_costs_the_same_with_many_absences(people: People) -> None:
    lead = visitor(people.lead)
    absent(people)
    with_one = queries(lead, PAGE)
    for week in range(1, 9):
        later = TODAY + timedelta(weeks=week)
        absent(people, first=later, last=later)
    people.finance.groups.add(Group.objects.get(name=Role.EVALUATOR))
    assert queries(lead, PAGE) == with_one
