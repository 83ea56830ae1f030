"""We are late, then wrong: a complaint, an appeal, somebody new, an alternative."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Person, Stack, plain_text, sign_in
from tests.journeys.test_refund import about, opens, real_picture

# The main job's journey runs on SQLite too; this one once.
pytestmark = [pytest.mark.journey, pytest.mark.postgres]


def test_a_late_request_is_declined_appealed_and_settled_by_an_alternative(
    browser: Browser, stack: Stack, tmp_path: Path
) -> None:
    owner = sign_in(browser, stack, "lina@xinghe.example", language="en-GB", phone=True)
    first_line, evaluator, second, approver = (
        sign_in(browser, stack, f"{name}@makegood.example", language="en-GB")
        for name in ("zhaomin", "wanglei", "liuyang", "chenjing")
    )
    number = complains(owner)
    takes_the_next_and_asks(first_line, number)
    answers_with_a_file(owner, number, tmp_path)
    opens(first_line, number)
    does(first_line, "pass_on")
    is_declined(evaluator, number)
    appeals(owner, number)
    is_not_judged_by_who_declined(evaluator, number)
    is_upheld_and_offered(second, approver, number)
    chooses_the_alternative(owner, number)
    is_carried_out(second, owner, number)
    assert_the_lead_heard_of_the_complaint(stack, number)
    verified = stack.manage("verify_audit")
    assert verified.returncode == 0, verified.stderr
    for person in (owner, first_line, evaluator, second, approver):
        assert person.faults == []


def does(person: Person, door: str, **fields: str) -> None:
    """Opens a door of the sheet, fills its form and goes through."""
    form = f"form[action$='/do/{door}/']"
    summary = person.page.locator(f"details:has({form}) > summary")
    if summary.count():
        summary.click()
    for name, value in fields.items():
        field = person.page.locator(f"{form} [name={name}]").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "checkbox":
            field.check(force=True)
        else:
            field.fill(value)
    person.presses(f"{form} button[type=submit]:not([data-fills])")


def complains(owner: Person) -> str:
    owner.goes_to("/requests/")
    owner.sees("We are late.")
    owner.presses(".rows li:has-text('We are late.') a[href^='/requests/RF-']")
    owner.sees("We are late.", "you hear from us by")
    owner.presses("form[action$='/complain/'] button")
    owner.sees("Your complaint is with the team lead.", "This is late.")
    return owner.page.url.rstrip("/").split("/")[-1]


def takes_the_next_and_asks(first_line: Person, number: str) -> None:
    first_line.goes_to("/admin/")
    first_line.presses("form[action$='/next/'] button")
    first_line.sees(number, "This is late. Please see to it.")
    does(first_line, "ask_for_information", words="Send us the log of that day.")


def answers_with_a_file(owner: Person, number: str, folder: Path) -> None:
    owner.goes_to(f"/requests/{number}/")
    owner.sees("Send us the log of that day.")
    owner.presses("a[href$='/supply_information/']")
    owner.page.fill("textarea[name=words]", "Here it is.")
    owner.page.set_input_files("input[name=papers]", real_picture(folder))
    owner.presses("main form button.btn-primary")
    owner.sees("Done.", "Here it is.", "ingest.jpg", "In first check")


def is_declined(evaluator: Person, number: str) -> None:
    opens(evaluator, number)
    does(evaluator, "take_up")
    does(evaluator, "reject", code="not_proven", words="The log shows no outage.")


def appeals(owner: Person, number: str) -> None:
    owner.goes_to(f"/requests/{number}/")
    owner.sees("The log shows no outage.")
    owner.presses("a[href$='/appeal/']")
    owner.page.fill("textarea[name=words]", "It shows 80 hours of nothing.")
    owner.presses("main form button.btn-primary")
    owner.sees("In appeal")


def is_not_judged_by_who_declined(evaluator: Person, number: str) -> None:
    opens(evaluator, number)
    evaluator.sees("You had a part in this case before the appeal")
    assert evaluator.page.locator("form[action$='/do/take_appeal/']").count() == 0


def is_upheld_and_offered(second: Person, approver: Person, number: str) -> None:
    opens(second, number)
    does(second, "take_appeal")
    does(second, "uphold_appeal", words="You are right: the log is clear.")
    does(
        second,
        "offer",
        alternative="extension",
        alternative_words="A month longer, at no cost.",
        instead="on",
        reason="They would rather go on.",
    )
    opens(second, number)
    second.sees("A month longer, at no cost.")
    opens(approver, number)
    does(approver, "approve")


def chooses_the_alternative(owner: Person, number: str) -> None:
    owner.goes_to(f"/requests/{number}/")
    owner.sees("Or, if you prefer it: Service extension: A month longer, at no cost.")
    owner.presses("a[href$='/accept/']")
    owner.presses("main form button.btn-primary")
    owner.sees("Choose one: the refund or the alternative.")
    assert all("422" in fault for fault in owner.faults)
    owner.faults.clear()
    owner.page.check("input[name=choice][value=alternative]", force=True)
    owner.presses("main form button.btn-primary")
    wait_until(owner, number, "Being carried out")


def is_carried_out(second: Person, owner: Person, number: str) -> None:
    opens(second, number)
    does(second, "fulfil", words="Your line runs a month longer now.")
    owner.goes_to(f"/requests/{number}/")
    owner.sees("Carried out.", "Your line runs a month longer now.")


def wait_until(owner: Person, number: str, words: str) -> None:
    until = time.monotonic() + 60
    while words not in owner.page.locator(".tag").first.inner_text():
        assert time.monotonic() < until, owner.page.locator("main").inner_text()
        owner.page.wait_for_timeout(500)
        owner.goes_to(f"/requests/{number}/")


def assert_the_lead_heard_of_the_complaint(stack: Stack, number: str) -> None:
    until = time.monotonic() + 20
    while not complaints(stack, number):
        assert time.monotonic() < until, "a complaint leads to mail"
        time.sleep(0.5)
    assert len(complaints(stack, number)) == 1


def complaints(stack: Stack, number: str) -> list[str]:
    """What the lead was told in the customer's own words."""
    mails = about(stack.mails(), number, to="lead@")
    texts = [plain_text(mail) for mail in mails]
    return [text for text in texts if "This is late. Please see to it." in text]
