"""Who may come in: members invited and accepted, a session ended from elsewhere, a new
colleague who sets up the second factor first."""

import re

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import (
    PASSWORD,
    Person,
    Stack,
    goes_through_the_door,
    plain_text,
    visit,
)

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

NEW_COLLEAGUE = f"""
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from accounts.models import User
user = User.objects.create_user("new@makegood.example", "{PASSWORD}", is_staff=True)
user.groups.add(Group.objects.get(name="evaluator"))
address = dict(user=user, email=user.email, verified=True, primary=True)
EmailAddress.objects.create(**address)
other = User.objects.create_user("partner@xinghe.example", "{PASSWORD}")
address = dict(user=other, email=other.email, verified=True, primary=True)
EmailAddress.objects.create(**address)
"""


@pytest.fixture(scope="module", autouse=True)
def newcomers(stack: Stack) -> None:
    made = stack.manage("shell", "-c", NEW_COLLEAGUE)
    assert made.returncode == 0, made.stderr


def comes_in(browser: Browser, stack: Stack, email: str) -> Person:
    person = visit(browser, stack)
    goes_through_the_door(person, email)
    return person


def test_a_member_is_invited_and_accepts(browser: Browser, stack: Stack) -> None:
    owner = comes_in(browser, stack, "lina@xinghe.example")
    owner.goes_to("/members/")
    owner.page.fill("main form input[name=email]", "nobody")
    owner.presses("button:has-text('Send the invitation')")
    expect(owner.page.locator("input[name=email]")).to_have_attribute(
        "aria-invalid", "true"
    )
    owner.page.fill("main form input[name=email]", "partner@xinghe.example")
    owner.presses("button:has-text('Send the invitation')")
    owner.sees("partner@xinghe.example", "valid until")
    partner = visit(browser, stack)
    partner.goes_to(invitation(stack, "partner@xinghe.example"))
    partner.presses("main a:text-is('Sign in')")
    partner.page.fill("input[name=login]", "partner@xinghe.example")
    partner.page.fill("input[name=password]", PASSWORD)
    partner.presses("main form button[type=submit]")
    partner.presses("button:has-text('Accept the invitation')")
    partner.sees("You act for")
    owner.goes_to("/members/")
    expect(owner.page.locator(".rows").first).to_contain_text("partner@xinghe.example")
    for person in (owner, partner):
        person.page.context.close()


def invitation(stack: Stack, email: str) -> str:
    """Where the mail leads."""
    texts = [plain_text(mail) for mail in stack.mails() if email in mail["To"]]
    found = re.search(r"/invitation/[^/\s]+/", "\n".join(texts))
    assert found, texts
    return found.group()


def test_a_session_is_ended_from_elsewhere(browser: Browser, stack: Stack) -> None:
    here = comes_in(browser, stack, "sam@harbour.example")
    there = comes_in(browser, stack, "sam@harbour.example")
    here.goes_to("/account/sessions/")
    here.presses("button:has-text('End all others')")
    there.goes_to("/services/")
    assert "/account/login/" in there.page.url
    here.goes_to("/services/")
    assert here.page.url.endswith("/services/")
    for person in (here, there):
        person.page.context.close()


def test_a_new_colleague_sets_up_the_second_factor_first(
    browser: Browser, stack: Stack
) -> None:
    person = visit(browser, stack)
    person.goes_to("/account/login/?next=/admin/")
    person.page.fill("input[name=login]", "new@makegood.example")
    person.page.fill("input[name=password]", PASSWORD)
    person.presses("main form button[type=submit]")
    person.sees("Set up a second factor first")
    person.page.fill("input[name=password]", PASSWORD)
    person.presses("main form button[type=submit]")
    person.sees("Set up your second factor")
    person.goes_to("/admin/refunds/refundrequest/")
    person.sees("Set up your second factor")
    person.page.fill("input[name=code]", "000000")
    person.presses("button:has-text('Switch on')")
    expect(person.page.locator("input[name=code]")).to_have_attribute(
        "aria-invalid", "true"
    )
    secret = person.page.input_value("#authenticator_secret")
    steps = list(yield_hotp_counters_from_time())
    code = format_hotp_value(hotp_value(secret, steps[len(steps) // 2]))
    person.page.fill("input[name=code]", code)
    person.presses("button:has-text('Switch on')")
    person.goes_to("/admin/refunds/refundrequest/")
    assert person.page.url.endswith("/admin/refunds/refundrequest/")
    person.page.context.close()
