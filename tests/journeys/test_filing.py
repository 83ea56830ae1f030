"""A customer asks for money back with everything that can go wrong on the way."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.journeys.conftest import Person, Stack, goes_through_the_door, sign_in, visit
from tests.journeys.test_refund import brings, real_picture

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

SENT = re.compile(r"/requests/RF-.+/receipt/")
OWNER = "lina@xinghe.example"
FIVE_SERVICES = """
import json
from django.utils import timezone
from tests.journeys.scenes import new_case, people
at, known = timezone.now(), people()
print(json.dumps([new_case(known, at).service.pk for _each in range(5)]))
"""
OFFERS = """
from django.utils import timezone
from refunds.models import RefundRequest
from refunds.review.approval import approve
from refunds.review.hands import claim, pass_on
from refunds.review.offer import offer
from tests.journeys.scenes import people
at, known = timezone.now(), people()
def case():
    return RefundRequest.objects.get(number="{number}")
claim(case(), by=known.first_line, at=at)
pass_on(case(), by=known.first_line, at=at, reason="")
claim(case(), by=known.evaluator, at=at)
offer(case(), by=known.evaluator, at=at, amount=300_00)
if case().state == "pending_approval":
    approve(case(), by=known.approver, at=at)
"""


@pytest.fixture(scope="module")
def services(stack: Stack) -> Iterator[int]:
    """One for each test: twelve days old, down for sixty hours."""
    made = stack.manage("shell", "-c", FIVE_SERVICES)
    assert made.returncode == 0, made.stderr
    return iter(json.loads(made.stdout.splitlines()[-1]))


@pytest.fixture
def owner(browser: Browser, stack: Stack) -> Iterator[Person]:
    person = sign_in(browser, stack, OWNER, language="en-GB")
    yield person
    person.page.context.close()


def begins(person: Person, service: int) -> str:
    """The draft's address."""
    person.goes_to(f"/services/{service}/")
    person.presses("form[action$='/ask/'] button")
    return person.page.url.removeprefix(person.stack.url)


def writes(person: Person, *, amount: str = "300.00") -> None:
    page = person.page
    page.check("input[name=ground][value=unavailable]", force=True)
    page.fill("textarea[name=description]", "Nothing could be streamed for days.")
    page.fill("input[name=amount]", amount)


def sends(person: Person) -> str:
    """The number it was given."""
    person.presses("button[value=check]")
    person.presses("main form button.btn-primary")
    person.sees("Your request is sent")
    return person.page.url.rstrip("/").split("/")[-2]


def test_files_are_dropped_and_each_wrong_one_says_the_way_out(
    owner: Person, services: Iterator[int], tmp_path: Path
) -> None:
    begins(owner, next(services))
    drops_with_a_bar(owner, real_picture(tmp_path))
    refused = owner.page.locator(".upload-refused")
    wrong = {
        "large.jpg": b"\xff\xd8\xff\xe0" + bytes(6 * 1024 * 1024),
        "contract.pdf": b"PK\x03\x04" + b"[Content_Types].xml word/document.xml",
        "shot.png": b"<!doctype html><html><script>alert(1)</script></html>",
    }
    for number, (name, content) in enumerate(wrong.items(), 1):
        path = tmp_path / name
        path.write_bytes(content)
        owner.page.set_input_files("input[name=file]", path)
        expect(refused).to_have_count(number)
        expect(refused.last.get_by_role("alert")).to_contain_text(name)
    owner.sees("5 MB")
    expect(owner.page.locator(".evidence-file")).to_have_count(1)
    refused.first.get_by_role("button").click()
    expect(refused).to_have_count(2)
    assert [fault for fault in owner.faults if "422" not in fault] == []


def drops_with_a_bar(owner: Person, picture: Path) -> None:
    """Held up on its way, so that the bar can be seen."""
    page, held = owner.page, list[Route]()
    page.route("**/upload/", lambda route: held.append(route))
    transfer = page.evaluate_handle(
        """([name, codes]) => {
          const transfer = new DataTransfer();
          const bytes = new Uint8Array(codes);
          transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
          return transfer;
        }""",
        [picture.name, list(picture.read_bytes())],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event(".drop", event, {"dataTransfer": transfer})
    expect(page.get_by_role("progressbar")).to_be_visible()
    held[0].continue_()
    page.unroute("**/upload/")
    expect(page.locator(".evidence-file")).to_have_count(1)
    expect(page.locator(".evidence-file img")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_more_than_was_paid_is_said_at_the_field_and_a_double_click_sends_once(
    owner: Person, services: Iterator[int], tmp_path: Path
) -> None:
    begins(owner, next(services))
    brings(owner, real_picture(tmp_path), kind="fault_log")
    writes(owner, amount="99,999")
    owner.presses("button[value=check]")
    summary = owner.page.locator(".error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(owner.page.locator("input[name=amount]")).to_be_focused()
    assert "streamed" in owner.page.input_value("textarea[name=description]")
    owner.page.fill("input[name=amount]", "300")
    owner.presses("button[value=check]")
    owner.page.locator("main form button.btn-primary").first.dblclick()
    owner.page.wait_for_url(SENT)
    owner.sees("Your request is sent")
    number = owner.page.url.split("RF-")[1].split("/")[0]
    owner.goes_to("/requests/")
    expect(owner.page.locator(f"a[href^='/requests/RF-{number}']")).to_have_count(1)


def test_an_ended_session_loses_nothing_of_a_half_written_form(
    browser: Browser, stack: Stack, services: Iterator[int]
) -> None:
    person = visit(browser, stack)
    goes_through_the_door(person, OWNER)
    draft = begins(person, next(services))
    writes(person)
    person.page.context.clear_cookies(name="sessionid")
    person.presses("button.btn[value=save]")
    assert "/account/login/" in person.page.url
    person.page.fill("input[name=login]", OWNER)
    person.page.fill("input[name=password]", "journey-only")
    person.presses("main form button[type=submit]")
    assert person.page.url.endswith(draft)
    assert "streamed" in person.page.input_value("textarea[name=description]")
    person.page.context.close()


def test_it_all_works_without_script(
    browser: Browser, stack: Stack, services: Iterator[int], tmp_path: Path
) -> None:
    sign_in(browser, stack, OWNER, language="en-GB").page.context.close()
    person = visit(browser, stack, script=False, signed_in=stack.signed_in[OWNER])
    begins(person, next(services))
    writes(person)
    person.presses("button[value=estimate]")
    person.sees("Unavailable in the first 30 days")
    person.page.set_input_files("input[name=file]", real_picture(tmp_path))
    person.presses("button[value=upload]")
    person.sees("ingest.jpg")
    person.page.locator("select[name^=kind-]").select_option("fault_log")
    number = sends(person)
    decided = stack.manage("shell", "-c", OFFERS.format(number=number))
    assert decided.returncode == 0, decided.stderr
    person.goes_to(f"/requests/{number}/")
    person.presses("a[href$='/accept/']")
    person.presses("main form button.btn-primary")
    assert person.page.url.endswith(f"/requests/{number}/")
    assert "Waiting" not in person.page.locator(".tag").first.inner_text()
    person.page.context.close()


def test_it_is_filed_by_keyboard_alone(
    owner: Person, services: Iterator[int], tmp_path: Path
) -> None:
    page, keys = owner.page, owner.page.keyboard
    begins(owner, next(services))
    tabs_to(owner, "input[name=ground]")
    chooses(owner, "input[value=unavailable]")
    tabs_to(owner, "textarea[name=description]")
    keys.type("Nothing could be streamed for days.")
    tabs_to(owner, "input[name=file]")
    with page.expect_file_chooser() as chooser:
        keys.press("Space")
    chooser.value.set_files(real_picture(tmp_path))
    expect(page.locator(".evidence-file")).to_have_count(1)
    tabs_to(owner, "select[name^=kind-]")
    keys.type("Fault")
    tabs_to(owner, "input[name=amount]")
    keys.press("Control+A")
    keys.type("300")
    tabs_to(owner, "button[value=check]")
    keys.press("Enter")
    page.wait_for_url("**/check/")
    tabs_to(owner, "main form button.btn-primary")
    keys.press("Enter")
    page.wait_for_url(SENT)
    owner.sees("Your request is sent")


def tabs_to(person: Person, selector: str) -> None:
    """Forward, as far as it takes; what has the focus shows it."""
    for _step in range(60):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("s => document.activeElement.matches(s)", selector):
            ring = "getComputedStyle(document.activeElement).outlineStyle"
            assert person.page.evaluate(ring) != "none", selector
            return
    pytest.fail(f"Tab never comes to {selector}")


def chooses(person: Person, selector: str) -> None:
    """A radio button among its group, by arrows."""
    for _step in range(12):
        person.page.keyboard.press("Space")
        if person.page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        person.page.keyboard.press("ArrowDown")
    pytest.fail(f"no arrow leads to {selector}")
