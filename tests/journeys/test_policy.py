"""Who says what is owed: a stranger reads the policy and works out a sum, an editor
tries a draft on the past and publishes it, the administrator brings payments in."""

import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Person, Stack, sign_in, visit

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

DECIDES = """
from django.utils import timezone
from accounts.models import User
from refunds.models import RefundRequest
from refunds.review.hands import claim, pass_on
from refunds.review.offer import offer
now, case = timezone.now(), RefundRequest.objects.get(number__isnull=False)
zhaomin = User.objects.get(email="zhaomin@makegood.example")
wanglei = User.objects.get(email="wanglei@makegood.example")
claim(case, by=zhaomin, at=now)
pass_on(case, by=zhaomin, at=now, reason="")
case = RefundRequest.objects.get(pk=case.pk)
claim(case, by=wanglei, at=now)
offer(case, by=wanglei, at=now, amount=300_00)
"""
GOOD = "route,trade_number,customer,amount,currency,paid_at,contract,service,allocated"


def test_a_policy_is_read_tried_and_published_and_records_come_in(
    browser: Browser, untouched: Stack, tmp_path: Path
) -> None:
    stack = untouched
    decided = stack.manage("shell", "-c", DECIDES)
    assert decided.returncode == 0, decided.stderr
    stranger = visit(browser, stack, phone=True)
    works_out_a_sum(stranger)
    editor = sign_in(browser, stack, "policy@makegood.example", language="en-GB")
    changes_a_rule(editor)
    tries_it_on_the_past(editor)
    publishes(editor)
    stranger.goes_to("/policy/live_streaming/2/")
    expect(stranger.page.locator("main")).to_contain_text("more than 100 hours")
    administrator = sign_in(browser, stack, "admin@makegood.example", language="en-GB")
    brings_payments_in(administrator, tmp_path)
    for person in (stranger, editor, administrator):
        assert [fault for fault in person.faults if "422" not in fault] == []


def works_out_a_sum(stranger: Person) -> None:
    stranger.goes_to("/policy/")
    stranger.sees(
        "Outage longer than 72 hours", "How it goes", "What does not come back"
    )
    assert stranger.page.evaluate("document.documentElement.scrollWidth") <= 390
    stranger.goes_to("/policy/calculator/?line=online_course&ground=mistake")
    page, today = stranger.page, date.today().isoformat()  # noqa: DTZ011
    page.fill("input[name=signed_on]", today)
    page.fill("input[name=paid]", "899")
    page.fill("input[name=paid_at]", f"{today}T00:01")
    page.fill("input[name=asked_at]", f"{today}T00:02")
    page.fill("input[name=lessons_total]", "40")
    page.fill("input[name=lessons_used]", "0")
    stranger.presses("main form button[type=submit]")
    stranger.sees("CNY 899.00", "Bought by mistake")


def changes_a_rule(editor: Person) -> None:
    editor.goes_to("/admin/refunds/policy/")
    editor.presses("a:text-is('Live streaming')")
    editor.presses("form button:has-text('draft')")
    editor.presses("a[href$='/rules/live.long_outage/']")
    page = editor.page
    page.fill("input[name='conditions.outage_longer_than.hours']", "-1")
    editor.presses("button:text-is('Save the rule')")
    editor.sees("Hours can't be below 0. Write 0 or more.")
    page.fill("input[name='conditions.outage_longer_than.hours']", "100")
    expect(page.locator("#reading")).to_contain_text("more than 100 hours")
    expect(page.locator("#reading")).to_contain_text("100 小时")
    editor.presses("button:text-is('Save the rule')")
    editor.sees("more than 100 hours")


def tries_it_on_the_past(editor: Person) -> None:
    editor.presses("button:text-is('Try it on the past')")
    waits_for_the_work(editor)
    editor.sees("would come out differently")
    editor.sees("Denied: Below what the contract refunds", "\N{MINUS SIGN}32")


def publishes(editor: Person) -> None:
    editor.goes_to("/admin/refunds/policy/")
    editor.presses("a:text-is('Version 2')")
    editor.presses("a[href$='/publish/']")
    editor.presses("button:has-text('Publish version 2')")
    in_two_days = (date.today() + timedelta(days=2)).isoformat()  # noqa: DTZ011
    editor.page.fill("input[name=in_force_from]", in_two_days)
    editor.presses("button:has-text('Publish version 2')")
    assert editor.page.locator("a[href$='/rules/live.long_outage/']").count() == 0


def brings_payments_in(administrator: Person, folder: Path) -> None:
    service = "林小梅,100.00,CNY,2026-11-01 09:00,OC-2026-0217,数据分析入门课,100.00"
    rows = [f"alipay,TRADE-{number},{service}" for number in range(3)]
    sends(administrator, folder, [GOOD, *rows, rows[0].replace("100.00", "-5")])
    administrator.sees("Row", "5")
    assert administrator.page.locator("form[action*='confirm'] button").count() == 0
    sends(administrator, folder, [GOOD, *rows])
    administrator.presses("button:has-text('Import these 3 rows')")
    waits_for_the_work(administrator)
    administrator.sees("To the records")
    administrator.goes_to("/admin/accounts/payment/?q=TRADE-2")
    administrator.sees("TRADE-2", "林小梅")


def sends(administrator: Person, folder: Path, lines: list[str]) -> None:
    file = folder / "payments.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    administrator.goes_to("/admin/accounts/payment/import/")
    administrator.page.set_input_files("input[type=file]", file)
    administrator.presses("#content form button[type=submit]")
    waits_for_the_work(administrator)


def waits_for_the_work(person: Person) -> None:
    until = time.monotonic() + 60
    while "by itself" in person.page.locator("main").inner_text():
        assert time.monotonic() < until, person.page.locator("main").inner_text()
        person.page.wait_for_timeout(500)
