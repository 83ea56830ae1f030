"""What the public reaches is asked for so often a minute and no more."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings
from redis.exceptions import RedisError

from config.settings import RATE_LIMITS
from config.urls import urlpatterns
from tests.conftest import NOW
from tests.people import People
from tests.refunds.pages.visits import visitor


@pytest.fixture(autouse=True)
def counted(nobody_is_counted: None, settings: Settings) -> None:
    settings.RATE_LIMITS = RATE_LIMITS | {"policy": 3, "set_language": 2}


def test_one_too_many_is_told_when_to_try_again(db: None) -> None:
    client = Client()
    assert [client.get("/policy/").status_code for _ in range(4)] == [
        200,
        200,
        200,
        429,
    ]
    answer = client.get("/policy/", headers={"Accept-Language": "zh-hans"})
    assert answer.headers["Retry-After"] == "60"
    assert "text/html" in answer.headers["Content-Type"]
    with time_machine.travel(NOW + timedelta(seconds=59), tick=False):
        assert client.get("/policy/").headers["Retry-After"] == "1"
    with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
        assert client.get("/policy/").status_code == 200


def test_others_are_not_counted_with_them(people: People) -> None:
    for _ in range(5):
        Client(REMOTE_ADDR="198.51.100.1").get("/policy/")
    assert Client(REMOTE_ADDR="198.51.100.2").get("/policy/").status_code == 200
    owner, member = visitor(people.owner), visitor(people.member)
    for _ in range(5):
        owner.get("/policy/")
    assert owner.get("/policy/").status_code == 429
    assert member.get("/policy/").status_code == 200


def test_without_a_cache_nobody_is_kept_out(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*_args: object, **_kwargs: object) -> None:
        raise RedisError("gone")

    monkeypatch.setattr(type(caches["default"]), "add", gone)
    client = Client()
    assert {client.get("/policy/").status_code for _ in range(5)} == {200}
    assert "Nothing was counted" in caplog.text


def test_every_limit_is_of_a_page_that_there_is() -> None:
    names = {pattern.name for pattern in urlpatterns if hasattr(pattern, "name")}
    assert set(RATE_LIMITS) <= names


def test_allauths_limits_lead_to_the_same_page(db: None) -> None:
    client = Client()
    answers = [
        client.post("/account/password/reset/", {"email": f"{n}@example.test"})
        for n in range(21)
    ]
    assert answers[-1].status_code == 429
    assert b"Too often in a short time" in answers[-1].content
