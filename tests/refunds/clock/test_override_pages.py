"""The administrator corrects a day: sees what it would move, saves it, moves it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from refunds.admin import calendars
from refunds.models import CalendarOverride, Deadline, Event
from tests.people import Case, make_case
from tests.refunds.pages.visits import clock_stands_still as clock_stands_still
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.pages.visits import visitor

pytestmark = pytest.mark.django_db
LIST = "/admin/refunds/calendaroverride/"
ADD = f"{LIST}add/"
# Submitted on Monday the 16th of November 2026, due on the 23rd.
FRIDAY = {"country": "CN", "day": "2026-11-20", "reason": "Typhoon"}


@pytest.fixture
def administrator(case: Case) -> Client:
    return visitor(_with_role(case.people.lead, "administrator"))


def _with_role(user: User, role: str) -> User:
    user.groups.add(Group.objects.get(name=role))
    return user


def due_days() -> list[int]:
    running = Deadline.objects.filter(closed_at=None).order_by("pk")
    return [deadline.due_at.day for deadline in running]


def seen(page: Any) -> str:
    fingerprint: str = page.context["foreseen"].fingerprint
    return fingerprint


def look(client: Client, typed: dict[str, str], at: str = ADD) -> Any:
    page = client.post(at, typed)
    assert page.status_code == 200
    assert page.templates[0].name == "admin/refunds/calendaroverride/moves.html"
    return page


def confirm(client: Client, typed: dict[str, str], at: str = ADD) -> Any:
    page = look(client, typed, at)
    return client.post(at, typed | {"seen": seen(page)}, follow=True)


def test_what_it_would_move_is_shown_and_nothing_is_saved(
    case: Case, administrator: Client
) -> None:
    request = case.submitted()
    words = look(administrator, FRIDAY).content.decode()
    assert "Fri 20 Nov 2026 is to be a day off" in words
    assert "It moves 1 running deadline." in words
    assert "Later than now promised." in words
    for shown in (
        request.number,
        "First check",
        "Mon 23 Nov 2026, 17:30",
        "Tue 24 Nov 2026, 17:30",
        "Save and move them",
    ):
        assert shown in words
    assert case.people.customer.name not in words
    assert not CalendarOverride.objects.exists()
    assert due_days() == [23]


def test_the_page_brings_everything_along_that_was_typed(
    case: Case, administrator: Client
) -> None:
    page = look(administrator, FRIDAY | {"_continue": "1"})
    assert sorted(page.context["typed"]) == [
        ("_continue", "1"),
        ("country", "CN"),
        ("day", "2026-11-20"),
        ("reason", "Typhoon"),
    ]


def test_then_it_is_saved_and_moves_them(case: Case, administrator: Client) -> None:
    case.submitted()
    words = confirm(administrator, FRIDAY).content.decode()
    assert "1 deadline moved." in words
    assert CalendarOverride.objects.get().day == date(2026, 11, 20)
    assert due_days() == [24]
    event = Event.objects.get(kind="deadline_moved")
    assert (event.actor, event.reason) == (case.people.lead, "Typhoon")


def test_what_moves_nothing_says_so(case: Case, administrator: Client) -> None:
    words = look(administrator, FRIDAY).content.decode()
    assert "It moves nothing." in words
    assert "Save and move them" not in words
    assert "deadlines moved" not in confirm(administrator, FRIDAY).content.decode()
    assert CalendarOverride.objects.exists()


def test_another_day_moves_back_what_the_first_had_moved(
    case: Case, administrator: Client
) -> None:
    case.submitted()
    confirm(administrator, FRIDAY)
    at = f"{LIST}{CalendarOverride.objects.get().pk}/change/"
    later = FRIDAY | {"day": "2026-12-18"}
    words = look(administrator, later, at).content.decode()
    assert "Sooner than now promised." in words
    confirm(administrator, later, at)
    assert due_days() == [23]
    assert CalendarOverride.objects.get().day == date(2026, 12, 18)


def test_another_country_leaves_the_first_ones_days(
    case: Case, administrator: Client
) -> None:
    case.submitted()
    confirm(administrator, FRIDAY)
    at = f"{LIST}{CalendarOverride.objects.get().pk}/change/"
    confirm(administrator, FRIDAY | {"country": "DE"}, at)
    assert due_days() == [23]


def test_taking_it_back_goes_the_same_way(case: Case, administrator: Client) -> None:
    case.submitted()
    confirm(administrator, FRIDAY)
    at = f"{LIST}{CalendarOverride.objects.get().pk}/delete/"
    page = administrator.get(at)
    assert "Take back the override of Fri 20 Nov 2026?" in page.content.decode()
    assert due_days() == [24]
    administrator.post(at, {"post": "yes"})
    assert CalendarOverride.objects.exists()
    administrator.post(at, {"seen": seen(page)})
    assert not CalendarOverride.objects.exists()
    assert due_days() == [23]
    assert Event.objects.filter(kind="deadline_moved").count() == 2


def test_many_are_not_taken_back_at_once(case: Case, administrator: Client) -> None:
    confirm(administrator, FRIDAY)
    pk = CalendarOverride.objects.get().pk
    chosen = {"action": "delete_selected", "_selected_action": pk, "post": "yes"}
    administrator.post(LIST, chosen)
    assert CalendarOverride.objects.exists()
    assert "delete_selected" not in administrator.get(LIST).content.decode()


def test_what_changed_meanwhile_is_shown_again(
    case: Case, administrator: Client
) -> None:
    case.submitted()
    page = look(administrator, FRIDAY)
    make_case(case.people, at=case.at).submitted()
    again = look(administrator, FRIDAY | {"seen": seen(page)})
    assert "Since you looked, the calendar or a deadline has changed." in (
        again.content.decode()
    )
    assert again.context["foreseen"].count == 2
    assert not CalendarOverride.objects.exists()
    administrator.post(ADD, FRIDAY | {"seen": seen(again)})
    assert due_days() == [24, 24]


def test_another_override_meanwhile_is_shown_again_too(
    case: Case, administrator: Client
) -> None:
    """Though it moves the same deadlines to the same days."""
    case.submitted()
    page = look(administrator, FRIDAY)
    far = date(2027, 5, 3)
    CalendarOverride.objects.create(country="CN", day=far, working=False)
    look(administrator, FRIDAY | {"seen": seen(page)})
    assert due_days() == [23]


def test_only_the_first_are_named_but_all_are_counted(
    case: Case, administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendars, "SHOWN", 2)
    for other in [case, *(make_case(case.people, at=case.at) for _ in range(2))]:
        other.submitted()
    words = look(administrator, FRIDAY).content.decode()
    assert "It moves 3 running deadlines." in words
    assert "The first 2 of 3" in words
    assert words.count("Tue 24 Nov 2026, 17:30") == 2


def test_what_begins_while_it_is_saved_is_moved_after_it(
    case: Case, administrator: Client, django_capture_on_commit_callbacks: Any
) -> None:
    """It was opened by the old days, and shows only once both have committed."""
    with django_capture_on_commit_callbacks() as callbacks:
        confirm(administrator, FRIDAY)
    case.submitted()
    old = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    Deadline.objects.update(due_at=old)
    for callback in callbacks:
        callback()
    assert due_days() == [24]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"country": "XX"}, "“XX” is no country."),
        ({"country": "SA"}, "its weekend is not Saturday and Sunday"),
        ({"country": "IO", "day": "2019-12-31"}, "Working days are kept from 2020"),
        ({"day": "2033-01-01"}, "Working days are kept from 2020-01-01 to 2032-12-31."),
        ({"reason": ""}, "This field is required."),
    ],
)
def test_what_can_not_be_counted_is_refused_with_words(
    administrator: Client, typed: dict[str, str], words: str
) -> None:
    page = administrator.post(ADD, FRIDAY | typed)
    errors = page.context["adminform"].form.errors.as_text()
    assert words in errors
    assert not CalendarOverride.objects.exists()


def test_the_country_is_chosen_by_name(administrator: Client) -> None:
    words = administrator.get(ADD).content.decode()
    assert '<option value="CN" selected>' in words
    assert "Germany (DE)" in words
    assert "Saudi Arabia" not in words
    contract = administrator.get("/admin/accounts/contract/add/").content.decode()
    assert "Germany (DE)" in contract


@pytest.mark.parametrize("who", ["first_line", "evaluator", "auditor", "finance"])
def test_only_the_administrator_may(case: Case, who: str) -> None:
    client = visitor(getattr(case.people, who))
    override = CalendarOverride.objects.create(
        country="CN", day=date(2026, 11, 20), working=False
    )
    for door in (ADD, f"{LIST}{override.pk}/change/", f"{LIST}{override.pk}/delete/"):
        assert client.post(door, FRIDAY).status_code == 403
    assert client.get(ADD).status_code == 403
    assert client.get(f"{LIST}{override.pk}/delete/").status_code == 403
