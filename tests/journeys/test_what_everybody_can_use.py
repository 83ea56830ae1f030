"""Every page: nothing for axe-core to say, no sideways scrolling, no fault."""

import fnmatch
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.journeys.conftest import DESKTOP, Stack
from tests.journeys.pages import NO_PAGE, Page, names, pages

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
NARROW = 320
OPEN = (200,)
# What changes with colours or with width; everything else is the same page.
IN_THE_DARK_ON_A_PHONE = [
    "color-contrast",
    "link-in-text-block",
    "target-size",
    "scrollable-region-focusable",
]
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async ([kind, values]) => {
  await Promise.all(document.getAnimations().map((each) => each.finished));
  const runOnly = { type: kind, values };
  // Preloading would copy sheets into the page, which its policy forbids.
  const options = { resultTypes: ["violations"], preload: false, runOnly };
  if (kind === "tag") options.rules = { "target-size": { enabled: true } };
  const { violations } = await axe.run(document, options);
  return violations.map(
    ({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0].html.slice(0, 200)}`,
  );
}"""
# Of what sticks out; a table may, inside its frame.
STICKS_OUT = """(width) => document.documentElement.scrollWidth <= width ? [] :
  [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > width + 1)
    .slice(0, 3).map((each) => each.outerHTML.slice(0, 120))"""


@dataclass
class Reader:
    """A tab of one person, and what went wrong in it."""

    tab: Tab
    url: str
    faults: list[str] = field(default_factory=list)

    def opens(self, page: Page) -> list[str]:
        self.faults.clear()
        answer = self.tab.goto(self.url + page.address)
        assert answer is not None
        if answer.status not in OPEN or self.tab.url != self.url + page.address:
            return [f"{answer.status} at {self.tab.url}"]
        return [*self.looks(), *self.faults]

    def looks(self) -> Iterator[str]:
        yield from self.hears("light", "tag", TAGS)
        self.tab.emulate_media(color_scheme="dark")
        self.tab.set_viewport_size({"width": NARROW, "height": 800})
        if "TORTURE" in os.environ:
            yield from self.hears("dark, narrow", "rule", IN_THE_DARK_ON_A_PHONE)
        for out in self.tab.evaluate(STICKS_OUT, NARROW):
            yield f"sideways at {NARROW}: {out}"
        self.tab.emulate_media(color_scheme="light")
        self.tab.set_viewport_size(DESKTOP)

    def hears(self, light: str, kind: str, values: list[str]) -> Iterator[str]:
        for violation in self.tab.evaluate(RUN, [kind, values]):
            yield f"{light}: {violation}"


def reader(browser: Browser, stack: Stack, session: str | None, locale: str) -> Reader:
    context = browser.new_context(
        viewport=DESKTOP, locale=locale, color_scheme="light", reduced_motion="reduce"
    )
    if session:
        cookie = {"name": "sessionid", "value": session, "url": stack.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
    context.add_init_script(AXE)
    new = Reader(context.new_page(), stack.url)
    new.tab.on("pageerror", lambda error: new.faults.append(str(error)))
    new.tab.on(
        "console", lambda m: new.faults.append(m.text) if m.type == "error" else None
    )
    new.tab.on(
        "response",
        lambda r: new.faults.append(f"{r.status} {r.url}") if r.status >= 400 else None,
    )
    return new


@pytest.fixture(scope="module")
def told(stack: Stack) -> dict[str, Any]:
    made = stack.manage("shell", "-c", "import tests.journeys.scenes as s; s.main()")
    assert made.returncode == 0, made.stderr
    found: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
    return found


def test_what_is_no_page_is_an_address_at_least() -> None:
    left = [like for like in NO_PAGE if not fnmatch.filter(names(), like)]
    assert left == []


@pytest.mark.parametrize(
    ("locale", "words_alone"),
    [
        ("en-GB", True),
        pytest.param("en-GB", False, marks=pytest.mark.torture),
        pytest.param("zh-CN", True, marks=pytest.mark.torture),
    ],
)
def test_everybody_can_use_every_page(
    browser: Browser,
    stack: Stack,
    told: dict[str, Any],
    locale: str,
    *,
    words_alone: bool,
) -> None:
    """In `make torture` those too that are Django's in our clothes, in the dark, and in
    Chinese."""
    readers: dict[str, Reader] = {}
    wrong: dict[str, list[str]] = {}
    for page in pages(told, words_alone=words_alone):
        if page.person not in readers:
            session = told["sessions"].get(page.person)
            readers[page.person] = reader(browser, stack, session, locale)
        if faults := readers[page.person].opens(page):
            wrong[f"{page.name} {page.address}"] = faults
    for each in readers.values():
        each.tab.context.close()
    assert not wrong, "\n".join(
        f"{name}\n    " + "\n    ".join(faults) for name, faults in wrong.items()
    )
