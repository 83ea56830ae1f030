"""The main job: asked for, decided by three people, paid back on the original route."""

import time
from dataclasses import dataclass
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from django.db import connection
from PIL import Image
from playwright.sync_api import Browser, expect
from pypdf import PdfWriter

from tests.journeys.conftest import Person, Stack, sign_in

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Words:
    """What the pages must say in one language."""

    estimate: tuple[str, ...]
    sent: str
    refunded: str
    back: tuple[str, ...]


WORDS = {
    "en-GB": Words(
        estimate=("Unavailable in the first 30 days", "3 other rules were tried"),
        sent="Your request is sent",
        refunded="Refunded",
        back=("The money is back", "Trace number", "CNY 11,000.00"),
    ),
    "zh-CN": Words(
        estimate=("满足", "3"),
        sent="申请",
        refunded="已退款",
        back=("¥11,000.00",),
    ),
}


# A journey takes a minute, so each database has one of the languages.
LANGUAGE = "zh-CN" if connection.vendor == "postgresql" else "en-GB"


@pytest.mark.parametrize("language", [LANGUAGE])
def test_a_refund_from_the_question_to_the_money(
    browser: Browser, stack: Stack, tmp_path: Path, language: str
) -> None:
    words = WORDS[language]
    owner = sign_in(browser, stack, "lina@xinghe.example", language=language)
    phone = sign_in(
        browser, stack, "lina@xinghe.example", language=language, phone=True
    )
    sees_what_was_bought(owner)
    asks(owner, tmp_path, words)
    number = owner.page.url.rstrip("/").split("/")[-2]
    staff = [
        sign_in(browser, stack, f"{name}@makegood.example", language=language)
        for name in ("zhaomin", "wanglei", "chenjing")
    ]
    is_decided(*staff, number=number)
    accepts_and_is_paid(owner, number, words)
    phone.goes_to(f"/requests/{number}/")
    phone.sees(words.refunded)
    fits_the_phone(phone)
    assert_money_moved_once(stack)
    assert_mail_was_sent_once(stack, number)
    verified = stack.manage("verify_audit")
    assert verified.returncode == 0, verified.stderr
    for person in (owner, phone, *staff):
        assert person.faults == []


def sees_what_was_bought(owner: Person) -> None:
    owner.sees("LS-2026-0117")
    owner.presses("h2 a")
    owner.sees("LS-2026-0117", "2026110122001417", "T-2026-00391", "12,000.00")


def asks(owner: Person, folder: Path, words: Words) -> None:
    page = owner.page
    owner.presses("form[action$='/ask/'] button")
    page.check("input[name=ground][value=unavailable]", force=True)
    expect(page.locator("#estimate [data-estimate-sum]")).to_be_visible()
    owner.sees(*words.estimate)
    page.fill("textarea[name=description]", "直播推流全部中断，超过两天。")
    page.fill("input[name=amount]", "11,000.00")
    brings(owner, real_picture(folder), kind="fault_log")
    brings(owner, real_document(folder), kind="agreement_page")
    draft_is_kept(owner)
    owner.presses("button[value=check]")
    owner.presses("main form button.btn-primary")
    owner.sees(words.sent, "RF-")


def brings(owner: Person, file: Path, *, kind: str) -> None:
    """Added to the form, then what it shows is said."""
    owner.page.set_input_files("input[name=file]", file)
    tile = owner.page.locator(".evidence-file", has_text=file.name)
    tile.locator("select[name^=kind-]").select_option(kind)


def draft_is_kept(owner: Person) -> None:
    owner.presses("button.btn[value=save]")
    address = owner.page.url
    owner.goes_to("/services/")
    owner.page.goto(address)
    assert "超过两天" in owner.page.input_value("textarea[name=description]")
    assert owner.page.input_value("input[name=amount]") == "11000.00"
    expect(owner.page.locator(".evidence-file")).to_have_count(2)


def is_decided(
    first_line: Person, evaluator: Person, approver: Person, *, number: str
) -> None:
    opens(first_line, number)
    first_line.presses("form[action$='/do/claim/'] button")
    first_line.presses("details:has(form[action$='/do/pass_on/']) summary")
    first_line.presses("form[action$='/do/pass_on/'] button")
    opens(evaluator, number)
    evaluator.sees("T-2026-00391", "LS-2026-0117", "2026110122001417", "60")
    expect(evaluator.page.locator(".viewer img").first).to_be_visible()
    evaluator.presses("form[action$='/do/take_up/'] button")
    evaluator.presses("details:has(form[action$='/do/offer/']) summary")
    assert evaluator.page.input_value("input[name=amount]") == "11000.00"
    evaluator.presses("form[action$='/do/offer/'] button")
    assert evaluator.page.locator("form[action$='/do/approve/']").count() == 0
    opens(approver, number)
    approver.presses("form[action$='/do/approve/'] button")


def opens(person: Person, number: str) -> None:
    person.goes_to(f"/admin/refunds/refundrequest/?q={number}")
    person.presses(f"th a:text-is('{number}')")


def accepts_and_is_paid(owner: Person, number: str, words: Words) -> None:
    owner.goes_to(f"/requests/{number}/")
    owner.presses("a[href$='/accept/']")
    owner.presses("main form button.btn-primary")
    deadline = time.monotonic() + 60
    while words.refunded not in owner.page.locator(".tag").first.inner_text():
        assert time.monotonic() < deadline, owner.page.locator("main").inner_text()
        owner.page.wait_for_timeout(500)
        owner.goes_to(f"/requests/{number}/")
    owner.sees("2026110122001417", *words.back)


def fits_the_phone(phone: Person) -> None:
    width = phone.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def assert_money_moved_once(stack: Stack) -> None:
    ledger = httpx.get(f"{stack.control_url}/ledger").json()
    trade = "2026110122001417"
    moved = [r["amount_minor"] for r in ledger["refunds"] if r["trade_no"] == trade]
    assert moved == [11_000_00]


def assert_mail_was_sent_once(stack: Stack, number: str) -> None:
    """Mail follows within seconds of what it tells, so it is waited for."""
    deadline = time.monotonic() + 20
    while len(about(stack.mails(), number, to="lina@")) < 4:
        assert time.monotonic() < deadline, "sent, offered, agreed, refunded"
        time.sleep(0.5)
    ids = [mail["Message-ID"] for mail in stack.mails()]
    assert len(ids) == len(set(ids))


def about(mails: list[EmailMessage], number: str, *, to: str) -> list[EmailMessage]:
    return [mail for mail in mails if number in mail["Subject"] and to in mail["To"]]


def real_picture(folder: Path) -> Path:
    path = folder / "ingest.jpg"
    Image.effect_noise((1200, 800), 60).convert("RGB").save(path, "JPEG")
    return path


def real_document(folder: Path) -> Path:
    out = BytesIO()
    Image.new("RGB", (595, 842), "white").save(out, "PDF")
    writer = PdfWriter(BytesIO(out.getvalue()))
    writer.add_metadata({"/Title": "Service agreement"})
    path = folder / "agreement.pdf"
    writer.write(path)
    return path
