"""Two correct the calendar at once, or one does while cases are handed over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client

from accounts.models import Contract
from refunds.models import CalendarOverride, Deadline, RefundRequest
from refunds.review.handover import hand_over_all
from tests.people import Case, People, make_case, make_people
from tests.refunds.pages.visits import clock_stands_still as clock_stands_still
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.pages.visits import visitor
from tests.refunds.sound import is_sound
from tests.refunds.together import Act, _wait_until_waiting

ADD = "/admin/refunds/calendaroverride/add/"
STALE = "The second count after the commit goes by a calendar that has moved on."
CROSSED = "Two countries are locked one after the other, against the order of keys."


def typed(day: str) -> dict[str, str]:
    return {"country": "CN", "day": day, "reason": "Typhoon"}


def confirm(client: Client, day: str) -> None:
    page: Any = client.post(ADD, typed(day))
    seen = {"seen": page.context["foreseen"].fingerprint}
    assert client.post(ADD, typed(day) | seen).status_code == 302


@pytest.mark.django_db
def test_who_saves_a_second_day_before_the_first_has_counted_again_loses_nothing(
    case: Case, django_capture_on_commit_callbacks: Any
) -> None:
    """The first commits and lets go of the calendar; the second saves and counts; then
    the first counts once more what began meanwhile."""
    case.submitted()
    lead = case.people.lead
    lead.groups.add(Group.objects.get(name="administrator"))
    client = visitor(lead)
    with django_capture_on_commit_callbacks() as firsts:
        confirm(client, "2026-11-19")
    with django_capture_on_commit_callbacks(execute=True):
        confirm(client, "2026-11-20")
    assert Deadline.objects.get().due_at.day == 25
    for callback in firsts:
        callback()
    assert Deadline.objects.get().due_at.day == 25
    is_sound(at=case.at)


@pytest.fixture
def crew(committed: None) -> People:
    return make_people()


@pytest.mark.postgres
def test_an_override_that_changes_its_country_waits_for_a_hand_over(
    crew: People, now: datetime
) -> None:
    """Cases are locked in the order of their keys, whatever their country."""
    cases = [make_case(crew, at=now) for _ in range(4)]
    for nth, each in enumerate(cases):
        each.in_evaluation()
        country = "DE" if nth < 2 else "CN"
        Contract.objects.filter(pk=each.service.contract_id).update(calendar=country)
    day = date(2026, 11, 20)
    override = CalendarOverride.objects.create(country="DE", day=day, working=False)
    crew.lead.groups.add(Group.objects.get(name="administrator"))
    client = visitor(crew.lead)
    door = f"/admin/refunds/calendaroverride/{override.pk}/change/"
    page: Any = client.post(door, typed("2026-11-20"))
    seen = {"seen": page.context["foreseen"].fingerprint}
    one_after_the_other(
        cases[2].request,
        lambda: client.post(door, typed("2026-11-20") | seen),
        lambda: hand_over_all(
            crew.evaluator, by=crew.evaluator, at=now, to=crew.second_evaluator
        ),
    )
    assert {each.request.handler for each in cases} == {crew.second_evaluator}
    assert CalendarOverride.objects.get().country == "CN"
    is_sound(at=now)


def one_after_the_other(row: RefundRequest, *acts: Act) -> list[object]:
    """All of them wait for the row's lock, in this order."""
    with ThreadPoolExecutor(len(acts)) as pool:
        with transaction.atomic():
            RefundRequest.objects.select_for_update().get(pk=row.pk)
            going = []
            for act in acts:
                going.append(pool.submit(_alone, act))
                _wait_until_waiting(len(going))
        return [each.result() for each in going]


def _alone(act: Act) -> object:
    try:
        return act()
    finally:
        connection.close()
