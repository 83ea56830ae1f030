"""The two who look at another account, at their pages: what waits for whom, each step
by a form, masked everywhere."""

from typing import Any

import pytest
from django.test import Client

from refunds.gateways.sandbox.server import Sandbox
from refunds.models import PayoutAccount, PayoutLeg
from tests.people import Case, make_case
from tests.refunds.pages.visits import queries, reads, text_of, told, visitor
from tests.refunds.payouts.another_account import Blocked, blocked

S = PayoutAccount.State
LIST = "/admin/refunds/payoutaccount/"
EVERYBODY_ELSE = ("first_line", "evaluator", "auditor", "account_manager", "superuser")


@pytest.fixture
def held_up(case: Case, sandbox: Sandbox, merchants: None) -> Blocked:
    return blocked(case)


def page(account: PayoutAccount) -> str:
    return f"{LIST}{account.pk}/change/"


def press(client: Client, account: PayoutAccount, step: str, **typed: str) -> Any:
    return client.post(f"{LIST}{account.pk}/{step}/do/", typed)


def test_from_the_list_to_the_money(held_up: Blocked) -> None:
    account = held_up.named()
    finance = visitor(held_up.people.finance)
    approver = visitor(held_up.people.approver)
    assert "****3445" in reads(finance, f"{LIST}?show=check")
    assert "****3445" not in reads(approver, f"{LIST}?show=approve")
    looked = reads(finance, page(account))
    for words in (
        "ICBC, Haidian ****3445",
        "Xinghe Media",
        "log.jpg",
        "Named by owner",
    ):
        assert words in looked
    assert (
        f"/evidence/{account.proof_id}/" in finance.get(page(account)).content.decode()
    )
    assert "The account is right" not in reads(approver, page(account))
    answer = press(finance, account, "check", words="Holder and number fit.")
    assert answer.url == page(account)
    assert "Holder and number fit." in reads(approver, page(account))
    assert "****3445" in reads(approver, f"{LIST}?show=approve")
    assert "Approve the account" not in reads(finance, page(account))
    press(approver, account, "approve")
    account.refresh_from_db()
    assert account.state == S.APPROVED
    assert PayoutLeg.objects.latest("pk").account == account
    again = press(approver, account, "approve")
    assert "the request became" in told(again)
    assert PayoutLeg.objects.count() == 2


def test_the_sheet_says_how_it_stands_and_for_whom(held_up: Blocked) -> None:
    sheet = f"/admin/refunds/refundrequest/{held_up.request.pk}/change/"
    finance = visitor(held_up.people.finance)
    assert "The customer has to name another account" in reads(finance, sheet)
    held_up.named()
    assert "It waits for you: open it to decide." in reads(finance, sheet)
    other = reads(visitor(held_up.people.evaluator), sheet)
    assert "It waits for you" not in other
    assert "ICBC, Haidian ****3445" in other
    assert "expected by" in other


@pytest.mark.parametrize("step", ["check", "refuse"])
def test_words_are_asked_for_at_their_field(held_up: Blocked, step: str) -> None:
    account = held_up.named()
    answer = press(visitor(held_up.people.finance), account, step)
    assert answer.status_code == 422
    assert "This field is required" in text_of(answer)
    account.refresh_from_db()
    assert account.state == S.NAMED


@pytest.mark.parametrize("who", EVERYBODY_ELSE)
def test_others_read_and_press_nothing(held_up: Blocked, who: str) -> None:
    account = held_up.named()
    client = visitor(getattr(held_up.people, who))
    looked = reads(client, page(account))
    assert "The account is right" not in looked
    assert "Refuse the account" not in looked
    for step in ("check", "approve", "refuse"):
        press(client, account, step, words="x", reason="x")
    account.refresh_from_db()
    assert account.state == S.NAMED


@pytest.mark.parametrize("who", ["owner", "member", "stranger"])
def test_customers_don_t_even_find_it(held_up: Blocked, who: str) -> None:
    account = held_up.named()
    client = visitor(getattr(held_up.people, who))
    assert client.get(page(account)).headers["Location"].startswith("/admin/login/")
    assert press(client, account, "check", words="x").url.startswith("/admin/login/")


def test_no_such_step_and_no_such_account(held_up: Blocked) -> None:
    account = held_up.named()
    client = visitor(held_up.people.finance)
    assert press(client, account, "reveal").status_code == 404
    assert client.get(f"{LIST}{account.pk + 99}/change/").status_code == 404
    assert client.get(f"{LIST}x/change/").status_code == 404


def test_lists_and_sheets_cost_the_same_with_many(held_up: Blocked) -> None:
    held_up.named()
    finance = visitor(held_up.people.finance)
    with_one = queries(finance, LIST)
    for _more in range(3):
        blocked(_known_closed(held_up)).named()
    assert queries(finance, LIST) == with_one


def _known_closed(held_up: Blocked) -> Case:
    return make_case(held_up.people, at=held_up.at)
