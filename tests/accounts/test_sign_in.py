"""Signing in: who guesses is stopped, whose address it is is not; nobody learns which
addresses exist."""

import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.accounts.doors import ELSEWHERE, HOME, PASSWORD, is_in, person, types

UNKNOWN = "nobody@example.test"


@pytest.fixture
def owner(db: None) -> User:
    return person("owner@example.test")


def test_fifty_failures_elsewhere_do_not_stop_the_owner(owner: User) -> None:
    attacker = Client()
    answers = [
        types(attacker, owner.email, password="guess", place=ELSEWHERE)
        for _ in range(50)
    ]
    assert b"Too many failed attempts" in answers[6].content
    assert answers[-1].status_code in (200, 429)
    stopped = types(attacker, owner.email, place=ELSEWHERE)
    assert not is_in(attacker), stopped
    client = Client()
    types(client, owner.email, place=HOME)
    assert is_in(client)


def test_the_place_is_where_our_own_proxy_saw_them(
    owner: User, settings: Settings
) -> None:
    """Without a proxy of ours the header is anybody's word."""
    client = Client()
    for n in range(7):
        answer = client.post(
            "/account/login/",
            {"login": owner.email, "password": "guess"},
            headers={"X-Forwarded-For": f"192.0.2.{n}"},
        )
    assert b"Too many failed attempts" in answer.content
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    answer = client.post(
        "/account/login/",
        {"login": owner.email, "password": PASSWORD},
        headers={"X-Forwarded-For": f"198.51.100.1, {HOME}"},
    )
    assert answer.status_code == 302


def test_a_right_password_in_between_does_not_begin_the_count_anew(
    owner: User,
) -> None:
    person("mine@example.test")
    for _ in range(6):
        types(Client(), owner.email, password="guess", place=ELSEWHERE)
        types(Client(), "mine@example.test", place=ELSEWHERE)
    attacker = Client()
    types(attacker, owner.email, place=ELSEWHERE)
    assert not is_in(attacker)


def test_a_wrong_password_and_an_unknown_address_read_the_same(owner: User) -> None:
    pages = [
        types(Client(), email, password="guess").content.decode().replace(email, "")
        for email in (owner.email, UNKNOWN)
    ]
    assert "not correct" in pages[0]
    assert pages[0].count("not correct") == pages[1].count("not correct")
    assert len(pages[0]) == len(pages[1])


def test_a_wrong_password_and_an_unknown_address_cost_one_hash_each(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time would tell."""
    hashed: list[str] = []
    encode = hashers.MD5PasswordHasher.encode

    def counted(self: hashers.MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return str(encode(self, password, salt))

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)
    for email in (owner.email, UNKNOWN):
        hashed.clear()
        types(Client(), email, password="guess")
        assert hashed == ["guess"], email


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("/account/password/reset/", {}),
        ("/account/signup/", {"password1": PASSWORD, "password2": PASSWORD}),
    ],
)
def test_sign_up_and_reset_answer_the_same_and_write_to_the_address(
    owner: User, path: str, extra: dict[str, str]
) -> None:
    answers = [
        Client().post(path, {"email": email, **extra}, follow=True)
        for email in (owner.email, UNKNOWN)
    ]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    shown = [
        answer.content.decode().replace(email, "")
        for answer, email in zip(answers, (owner.email, UNKNOWN), strict=True)
    ]
    assert len(shown[0]) == len(shown[1])
    assert [message.to for message in mail.outbox] == [[owner.email], [UNKNOWN]]


def test_mail_to_one_address_has_an_end(owner: User) -> None:
    for n in range(8):
        answer = Client(REMOTE_ADDR=f"192.0.2.{n}").post(
            "/account/password/reset/", {"email": owner.email}
        )
    assert answer.status_code == 429
    assert len(mail.outbox) == 5


def test_an_address_that_is_not_confirmed_opens_nothing(db: None) -> None:
    client = Client()
    sent = {"email": UNKNOWN, "password1": PASSWORD, "password2": PASSWORD}
    client.post("/account/signup/", sent)
    assert types(client, UNKNOWN)["Location"] == "/account/confirm-email/"
    assert not is_in(client)
