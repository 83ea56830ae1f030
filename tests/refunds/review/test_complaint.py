"""We are late: the page says so, and one button brings it to the superior."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from refunds.clock.calendars import working_days
from refunds.clock.words import owed_in_console, owed_to_customer, promised_again
from refunds.errors import NotPermitted
from refunds.models import Notice
from refunds.notices.mail import compose
from refunds.review.complaint import ComplainedAlready, NotLate, complain
from refunds.review.hands import claim
from refunds.templatetags.console import owed_markup
from tests.people import Case
from tests.refunds.pages.visits import plain_static_files, reads, told, visitor

__all__ = ["plain_static_files"]
DUE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LATE = DUE + timedelta(hours=18)


def hears(case: Case) -> list[str]:
    complaints = Notice.objects.filter(kind="staff_complaint")
    return [notice.recipient.email for notice in complaints.order_by("pk")]


def test_it_goes_to_the_superior_of_who_owes_it(case: Case) -> None:
    request = case.submitted()
    claim(request, by=case.people.first_line, at=case.at)
    complain(request, by=case.people.member, at=LATE, words="Our event is tomorrow.")
    assert hears(case) == ["lead@example.test"]
    message = request.messages.get()
    assert (message.words, message.from_customer) == ("Our event is tomorrow.", True)
    event = case.request.events.latest("position")
    assert (event.kind, event.data) == (
        "complain",
        {"deadline": "preliminary_review", "message": message.pk},
    )
    text = compose(Notice.objects.get(kind="staff_complaint")).body
    assert "Our event is tomorrow." in text
    assert "Mon 23 Nov 2026, 17:30" in text


def test_who_has_no_superior_hears_it_themselves(case: Case) -> None:
    complain(case.submitted(), by=case.people.owner, at=LATE)
    assert hears(case) == ["lead@example.test"], "the lead owes what nobody claimed"
    assert case.request.messages.get().words == "This is late. Please see to it."


def test_it_is_said_once_for_each_thing_that_is_late(case: Case) -> None:
    request = case.submitted()
    complain(request, by=case.people.owner, at=LATE)
    with pytest.raises(ComplainedAlready):
        complain(request, by=case.people.member, at=LATE + timedelta(days=1))
    assert len(hears(case)) == 1


def test_there_is_nothing_to_complain_of_in_time(case: Case) -> None:
    request = case.submitted()
    with pytest.raises(NotLate):
        complain(request, by=case.people.owner, at=DUE)
    offered = case.request
    assert offered.events.filter(kind="complain").count() == 0


def test_what_the_customer_owes_is_no_delay_of_ours(case: Case) -> None:
    request = case.offered()
    with pytest.raises(NotLate):
        complain(request, by=case.people.owner, at=case.at + timedelta(days=60))


def test_it_is_for_the_customer_alone(case: Case) -> None:
    request, people = case.submitted(), case.people
    for other in (people.stranger, people.account_manager, people.first_line):
        with pytest.raises(NotPermitted):
            complain(request, by=other, at=LATE)
    assert hears(case) == []


def test_the_page_apologises_names_a_new_date_and_has_the_button(case: Case) -> None:
    number = case.submitted().number
    owner = visitor(case.people.owner)
    with time_machine.travel(LATE, tick=False):
        page = reads(owner, f"/requests/{number}/")
        for words in (
            "We are late.",
            "by Mon 23 Nov 2026, 17:30, and we are sorry.",
            "you hear from us by Wed 25 Nov 2026, 17:30.",
            "Complain to the team lead",
        ):
            assert words in page
        assert "We are late." in reads(owner, "/requests/")
        answer = owner.post(f"/requests/{number}/complain/", {"words": ""})
        assert "with the team lead" in told(answer)
        page = reads(owner, f"/requests/{number}/")
        assert "Complain to the team lead" not in page
        assert "Complaint that we are late" in page
        again = owner.post(f"/requests/{number}/complain/")
        assert "complained about this already" in told(again)


@pytest.mark.django_db
def test_the_new_date_stands_for_two_working_days() -> None:
    calendar = working_days(country="CN", time_zone="Asia/Shanghai")
    wednesday = DUE + timedelta(days=2)
    for moment in (DUE + timedelta(minutes=1), LATE, wednesday - timedelta(minutes=1)):
        assert promised_again(calendar, DUE, at=moment) == wednesday
    friday = DUE + timedelta(days=4)
    for moment in (wednesday, friday - timedelta(minutes=1)):
        assert promised_again(calendar, DUE, at=moment) == friday
    monday = DUE + timedelta(days=7)
    assert promised_again(calendar, DUE, at=monday) > monday


def test_who_answers_in_time_is_not_called_late(case: Case) -> None:
    owed = owed_to_customer(case.submitted(), at=DUE)
    assert owed is not None
    assert not owed.late


def test_a_date_in_a_year_without_holidays_yet_says_that_it_is_provisional(
    case: Case,
) -> None:
    request = case.submitted()
    owed = owed_to_customer(request, at=case.at)
    assert owed is not None
    assert "provisional" not in owed.sentence
    request.deadlines.update(provisional=True)
    owed = owed_to_customer(request, at=case.at)
    assert owed is not None
    assert owed.sentence.endswith("holidays of that year are not announced yet.")
    (row,) = owed_in_console(request, at=case.at)
    assert "provisional" in row.sentence
    assert "provisional" in owed_markup([row])
