"""Reviewers at work: by keys alone, two at once, with what they keep for themselves."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Person, Stack, sign_in
from tests.journeys.test_refund import opens

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

SENT = """
import json
from datetime import timedelta
from django.utils import timezone
from refunds.review.hands import claim, pass_on
from tests.journeys.scenes import new_case, people
at, known = timezone.now() - timedelta(days=1), people()
cases = [new_case(known, at) for _each in range(8)]
for case in cases:
    case.submitted()
    claim(case.request, by=known.first_line, at=at)
    pass_on(case.request, by=known.first_line, at=at, reason="")
print(json.dumps([case.request.number for case in cases]))
"""


@pytest.fixture(scope="module")
def sent(stack: Stack) -> list[str]:
    """Checked by the first line; nobody evaluates them yet."""
    made = stack.manage("shell", "-c", SENT)
    assert made.returncode == 0, made.stderr
    numbers: list[str] = json.loads(made.stdout.splitlines()[-1])
    return numbers


def evaluator(browser: Browser, stack: Stack, name: str) -> Person:
    return sign_in(browser, stack, f"{name}@makegood.example", language="en-GB")


@pytest.fixture
def wanglei(browser: Browser, stack: Stack) -> Iterator[Person]:
    person = evaluator(browser, stack, "wanglei")
    yield person
    assert person.faults == []
    person.page.context.close()


def test_a_decision_takes_four_keys(wanglei: Person, sent: list[str]) -> None:
    page, keys = wanglei.page, wanglei.page.keyboard
    opens(wanglei, sent[0])
    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    with page.expect_navigation():
        keys.press("c")
    keys.press("1")
    expect(page.locator("details[data-way][open] [data-confirm]")).to_be_focused()
    with page.expect_navigation():
        keys.press("Enter")
    # The next case stands there by itself; `n` is for who wants another.
    wanglei.sees(f"The offer for {sent[0]} waits for a second person.")
    was = page.url
    assert re.search(r"/\d+/change/", was)
    with page.expect_navigation():
        keys.press("n")
    assert page.url != was
    wanglei.sees("RF-")


def test_evidence_is_looked_at_closer_and_turned(
    wanglei: Person, sent: list[str]
) -> None:
    opens(wanglei, sent[0])
    picture = wanglei.page.locator(".viewer img").first
    expect(picture).to_be_visible()
    before = picture.bounding_box()
    wanglei.page.locator("[data-view=closer]").first.click()
    expect(picture).to_have_class(re.compile("size-1"))
    after = picture.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"]
    wanglei.page.locator("[data-view=turn]").first.click()
    expect(wanglei.page.locator("[data-view-said]").first).to_contain_text("90°")


def test_two_who_take_the_next_at_once_take_two(
    browser: Browser, stack: Stack, sent: list[str], wanglei: Person
) -> None:
    assert sent
    liuyang = evaluator(browser, stack, "liuyang")
    both = (wanglei, liuyang)
    for person in both:
        person.goes_to("/admin/refunds/refundrequest/")
    press = "document.querySelector('form.action-next').requestSubmit()"
    for person in both:
        # Both are on their way before either is waited for.
        person.page.evaluate(f"setTimeout(() => {press})")
    for person in both:
        person.page.wait_for_url(re.compile(r"/\d+/change/"))
    assert wanglei.page.url != liuyang.page.url
    liuyang.page.context.close()


def test_what_was_filtered_is_kept_and_found_again(
    wanglei: Person, sent: list[str]
) -> None:
    page = wanglei.page
    wanglei.goes_to("/admin/refunds/refundrequest/?show=all")
    page.fill("#searchbar", sent[3])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**q={sent[3]}*")
    expect(page.locator("#result_list th a")).to_have_text([sent[3]])
    page.locator(".keep-filter summary").click()
    page.fill("#keep-name", "That one")
    wanglei.presses(".keep-filter form button")
    wanglei.goes_to("/admin/refunds/refundrequest/")
    wanglei.presses(".presets a:has-text('That one')")
    expect(page.locator("#result_list th a")).to_have_text([sent[3]])
    page.locator(".keep-filter summary").click()
    wanglei.presses(".kept-filter button")
    expect(page.locator(".presets a:has-text('That one')")).to_have_count(0)
