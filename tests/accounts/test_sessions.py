"""A person sees where they are signed in, and ends what they don't know."""

from datetime import timedelta

import time_machine
from allauth.usersessions.models import UserSession

from tests.accounts.doors import ELSEWHERE, HOME, comes_in, is_in, person
from tests.conftest import NOW
from tests.refunds.pages.visits import queries, reads

PATH = "/account/sessions/"
FIREFOX = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140"
)


def test_each_session_is_listed_with_device_and_place(db: None) -> None:
    user = person("owner@example.test")
    here = comes_in(user)
    comes_in(user, place=ELSEWHERE)
    UserSession.objects.filter(ip=ELSEWHERE).update(user_agent=FIREFOX)
    page = reads(here, PATH)
    assert "Firefox · Windows" in page
    assert HOME in page
    assert ELSEWHERE in page
    assert page.count("this one") == 1


def test_one_is_ended_and_the_other_stays(db: None) -> None:
    user = person("owner@example.test")
    here, there = comes_in(user), comes_in(user, place=ELSEWHERE)
    other = UserSession.objects.get(ip=ELSEWHERE)
    assert here.post(f"{PATH}{other.pk}/end/")["Location"] == PATH
    assert not is_in(there)
    assert is_in(here)
    mine = UserSession.objects.get(ip=HOME)
    assert here.post(f"{PATH}{mine.pk}/end/")["Location"] == "/account/logout/"


def test_all_others_are_ended(db: None) -> None:
    user = person("owner@example.test")
    here, *others = (comes_in(user, place=f"192.0.2.{n}") for n in range(1, 5))
    here.post(PATH)
    assert is_in(here)
    assert not any(is_in(other) for other in others)
    assert UserSession.objects.count() == 1


def test_nobody_ends_anothers(db: None) -> None:
    victim, thief = person("owner@example.test"), person("thief@example.test")
    theirs = comes_in(victim, place=ELSEWHERE)
    session = UserSession.objects.get(ip=ELSEWHERE)
    assert comes_in(thief).post(f"{PATH}{session.pk}/end/").status_code == 404
    assert is_in(theirs)


def test_sessions_from_before_a_new_password_are_over_and_not_listed(db: None) -> None:
    user = person("owner@example.test")
    comes_in(user, place=ELSEWHERE)
    user.set_password("another four words 8")
    user.save()
    user.set_password("four words and 7 more")
    user.save()
    assert ELSEWHERE not in reads(comes_in(user), PATH)


def test_last_seen_moves_every_few_minutes(db: None) -> None:
    client = comes_in(person("owner@example.test"))
    for minutes, seen in ((0, 0), (4, 0), (6, 6), (9, 6)):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            client.get("/policy/")
        last = UserSession.objects.get().last_seen_at
        assert last == NOW + timedelta(minutes=seen), minutes


def test_the_list_costs_the_same_however_many_they_are(db: None) -> None:
    user = person("owner@example.test")
    here = comes_in(user)
    few = queries(here, PATH)
    for n in range(1, 6):
        comes_in(user, place=f"192.0.2.{n}")
    assert queries(here, PATH) == few
    assert few <= 8
