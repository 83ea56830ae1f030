"""What went wrong, said in the reader's language, with a way out."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import path

from accounts.models import Role
from config.urls import urlpatterns as ours
from tests.refunds.pages.visits import visitor
from tests.safety.reading import Reading
from tests.safety.words import chinese_in, english_in
from tests.safety.world import World


def falls(_request: Any) -> Any:
    raise RuntimeError


handler429 = "accounts.limits.too_many"
urlpatterns = [path("falls/", falls), *ours]


@pytest.fixture(autouse=True)
def with_a_page_that_falls() -> Iterator[None]:
    cache.clear()
    with override_settings(ROOT_URLCONF=__name__, RATE_LIMITS={"policy": 0}):
        yield
    cache.clear()


def answer(world: World, status: int, language: str) -> Any:
    client, address = {
        403: (visitor(world.only[Role.SUPPORT_AGENT]), "/admin/refunds/merchant/"),
        404: (visitor(world.people.owner), "/requests/RF-2026-999999/"),
        429: (Client(), "/policy/"),
        500: (visitor(world.people.owner), "/falls/"),
    }[status]
    client.raise_request_exception = False
    return client.get(address, headers={"accept-language": language})


@pytest.mark.parametrize("status", [403, 404, 429, 500])
def test_an_error_is_told_in_the_readers_language(world: World, status: int) -> None:
    chinese, english = (answer(world, status, each) for each in ("zh-hans", "en"))
    assert chinese.status_code == english.status_code == status
    told = Reading(chinese.content.decode())
    assert not english_in("\n".join(told.words))
    assert chinese_in("\n".join(told.words))
    assert not chinese_in("\n".join(Reading(english.content.decode()).words))
    assert [carried for tag, carried in told.elements if tag == "a"], "a way out"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_form_that_is_too_old_says_so(world: World, language: str) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/language/", headers={"accept-language": language})
    text = "\n".join(Reading(page.content.decode()).words)
    assert page.status_code == 403
    assert not (english_in(text) if language == "zh-hans" else chinese_in(text))


@pytest.mark.parametrize(
    ("wait", "english", "chinese"),
    [(1, "in one second;", "1 秒"), (30, "in 30 seconds;", "30 秒")],
)
def test_seconds_are_counted_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, wait: int, english: str, chinese: str
) -> None:
    monkeypatch.setattr("accounts.limits.MINUTE", wait)
    for language, words in (("en", english), ("zh-hans", chinese)):
        page = Client().get("/policy/", headers={"accept-language": language})
        assert words in page.content.decode()
