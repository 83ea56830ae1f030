"""Nobody who works here gets anywhere by the password alone."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.sealed import seal
from tests.accounts.doors import (
    ELSEWHERE,
    HOME,
    PASSWORD,
    SECRET,
    code,
    comes_in,
    is_in,
    person,
    says_again,
    types,
    types_code,
)
from tests.conftest import NOW

SET_UP = "/account/2fa/totp/activate/"
AGAIN = "/account/2fa/reauthenticate/"
DOOR = "/account/2fa/authenticate/"


@pytest.fixture
def reviewer(db: None) -> User:
    return person("reviewer@example.test", factor=True, is_staff=True)


@pytest.fixture
def newcomer(db: None) -> User:
    return person("new@example.test", is_staff=True)


def test_the_password_is_followed_by_six_digits(reviewer: User) -> None:
    client = Client()
    assert types(client, reviewer.email)["Location"] == DOOR
    assert not is_in(client)
    assert client.get("/admin/").status_code == 302
    assert types_code(client, code()).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_who_has_none_reaches_its_set_up_and_nothing_else(newcomer: User) -> None:
    client = comes_in(newcomer)
    for path in ("/admin/", "/", "/members/", "/account/password/change/"):
        assert client.get(path)["Location"] == SET_UP, path


def test_set_up_asks_once_more_who_it_is_then_opens(newcomer: User) -> None:
    client = comes_in(newcomer)
    assert client.get(SET_UP)["Location"].startswith("/account/reauthenticate/")
    says_again(client)
    page = client.get(SET_UP)
    assert b"<svg" in page.content
    secret = client.session["mfa.totp.secret"]
    assert secret.encode() in page.content
    answer = client.post(SET_UP, {"code": code(secret=secret)})
    assert answer["Location"] == "/account/2fa/recovery-codes/"
    assert client.get("/admin/").status_code == 200


def test_an_address_to_confirm_does_not_send_in_circles(newcomer: User) -> None:
    """allauth refuses the set-up then and says so on the page before it."""
    other = "other@example.test"
    EmailAddress.objects.create(user=newcomer, email=other, verified=False)
    client = comes_in(newcomer)
    says_again(client)
    assert client.get(SET_UP)["Location"] == "/account/2fa/"
    assert client.get("/account/2fa/").status_code == 200
    assert client.get("/account/email/").status_code == 200


def test_a_session_from_before_the_factor_shows_it_first(newcomer: User) -> None:
    """A stolen password, used before the owner set the factor up, opens nothing."""
    thief = comes_in(newcomer, place=ELSEWHERE)
    Authenticator.objects.create(
        user=newcomer, type="totp", data={"secret": seal(SECRET.encode()).decode()}
    )
    assert thief.get("/admin/")["Location"] == f"{AGAIN}?next=%2Fadmin%2F"
    assert (
        thief.post("/admin/refunds/", {"a": 1})["Location"]
        == f"{AGAIN}?next=%2Fadmin%2F"
    )


def test_a_session_from_before_they_worked_here_shows_it_first(db: None) -> None:
    user = person("was@example.test")
    client = comes_in(user)
    assert client.get("/policy/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert client.get("/policy/")["Location"] == SET_UP
    Authenticator.objects.create(
        user=user, type="totp", data={"secret": seal(SECRET.encode()).decode()}
    )
    assert client.get("/policy/")["Location"] == f"{AGAIN}?next=%2Fpolicy%2F"
    answer = client.post(AGAIN, {"code": code(), "next": "/policy/"})
    assert answer["Location"] == "/policy/"
    assert client.get("/policy/").status_code == 200


def test_a_part_of_a_page_sends_the_whole_page_there(newcomer: User) -> None:
    client = comes_in(newcomer)
    answer = client.get("/admin/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == SET_UP


def test_staff_say_again_who_they_are_after_a_working_day(reviewer: User) -> None:
    client = comes_in(reviewer)
    assert client.get("/admin/").status_code == 200
    with time_machine.travel(NOW + timedelta(hours=11, minutes=59), tick=False):
        assert client.get("/admin/").status_code == 200
    with time_machine.travel(NOW + timedelta(hours=12, minutes=1), tick=False):
        assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_who_is_deactivated_is_out_at_once(reviewer: User) -> None:
    client = comes_in(reviewer)
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert types(Client(), reviewer.email)["Location"] == "/account/inactive/"


def test_a_superuser_is_no_exception(db: None) -> None:
    root = person("root@example.test", is_staff=True, is_superuser=True)
    assert comes_in(root).get("/admin/")["Location"] == SET_UP


def test_a_new_password_does_not_spare_the_digits(reviewer: User) -> None:
    client = Client()
    client.post("/account/password/reset/", {"email": reviewer.email})
    link = next(
        word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word
    )
    form = client.get(link, follow=True)
    path = form.redirect_chain[-1][0]
    new = "another four words 8"
    client.post(path, {"password1": new, "password2": new})
    assert not is_in(client)
    assert types(client, reviewer.email, password=new)["Location"] == DOOR
    assert not is_in(client)


def test_a_recovery_code_opens_once(reviewer: User) -> None:
    codes = Authenticator.objects.create(
        user=reviewer, type="recovery_codes", data={"seed": "ab" * 40, "used_mask": 0}
    )
    first = codes.wrap().generate_codes()[0]
    client = Client()
    types(client, reviewer.email)
    types_code(client, first)
    assert is_in(client)
    other = Client()
    types(other, reviewer.email)
    assert types_code(other, first).status_code == 200
    assert not is_in(other)


def test_staff_do_not_switch_it_off_and_customers_may(reviewer: User) -> None:
    customer = person("customer@example.test", factor=True)
    for user, left in ((reviewer, 1), (customer, 0)):
        client = comes_in(user)
        says_again(client)
        client.post("/account/2fa/totp/deactivate/")
        assert Authenticator.objects.filter(user=user).count() == left


def test_keys_are_sealed_in_the_database_and_earlier_ones_still_open(db: None) -> None:
    user = person("sealed@example.test", factor=True, is_staff=True)
    factor = Authenticator.objects.get(user=user)
    assert SECRET not in str(factor.data)
    factor.data = {"secret": SECRET}
    factor.save()
    comes_in(user)


def test_recovery_codes_are_shown_once_and_a_file_for_ten_minutes(
    newcomer: User,
) -> None:
    client = comes_in(newcomer)
    says_again(client)
    client.get(SET_UP)
    client.post(SET_UP, {"code": code(secret=client.session["mfa.totp.secret"])})
    seed = Authenticator.objects.get(user=newcomer, type="recovery_codes")
    assert seed.data["seed"].startswith("gAAAA")
    codes = seed.wrap().generate_codes()
    assert codes[0] in client.get("/account/2fa/recovery-codes/").content.decode()
    path = "/account/2fa/recovery-codes/download/"
    file = client.get(path)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert all(each in file.content.decode() for each in codes)
    assert codes[0] not in client.get("/account/2fa/recovery-codes/").content.decode()
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        says_again(client)
        assert client.get(path).status_code == 403


def test_wrong_digits_elsewhere_do_not_keep_their_owner_out(reviewer: User) -> None:
    """Whoever has the password and guesses the digits is stopped where they are."""
    attacker = Client()
    types(attacker, reviewer.email, place=ELSEWHERE)
    answers = [
        types_code(attacker, "000000", place=ELSEWHERE).content.decode()
        for _ in range(7)
    ]
    assert "Incorrect code" in answers[0]
    assert "Too many failed attempts" in answers[-1]
    assert b"Too many" in types_code(attacker, code(), place=ELSEWHERE).content
    comes_in(reviewer, place=HOME)


def test_digits_guessed_from_many_places_end_for_a_day_and_a_new_password_opens(
    reviewer: User,
) -> None:
    for place in range(1, 26):
        attacker = Client()
        where = f"192.0.2.{place}"
        types(attacker, reviewer.email, place=where)
        for _ in range(4):
            types_code(attacker, "000000", place=where)
    owner = Client()
    types(owner, reviewer.email)
    assert b"Too many failed attempts" in types_code(owner, code()).content
    new = PASSWORD + " anew"
    reviewer.set_password(new)
    reviewer.save()
    fresh = Client()
    types(fresh, reviewer.email, password=new)
    assert types_code(fresh, code()).status_code == 302
