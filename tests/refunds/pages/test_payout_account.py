"""The customer's page for another account, with and without papers; and its number
stands in no page that anybody can open."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Role
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import Evidence, PayoutAccount
from refunds.payouts.accounts import refuse_account
from tests.people import Case, make_case
from tests.refunds.filing.papers import image
from tests.refunds.pages.visits import downloads, queries, reads, text_of, told, visitor
from tests.refunds.payouts.another_account import (
    NUMBER,
    PLAIN,
    TYPED,
    Blocked,
    blocked,
)

Disk = Callable[[], set[str]]


@pytest.fixture
def held_up(case: Case, sandbox: Sandbox, merchants: None) -> Blocked:
    return blocked(case)


@pytest.fixture
def owner(held_up: Blocked) -> Client:
    return visitor(held_up.people.owner)


def page(held_up: Blocked) -> str:
    return f"/requests/{held_up.request.number}/account/"


def file(name: str = "statement.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, image("PNG"))


def post(client: Client, held_up: Blocked, **typed: Any) -> Any:
    return client.post(page(held_up), {**TYPED, "proof": file(), **typed})


def test_from_the_link_to_the_account(
    held_up: Blocked, owner: Client, disk: Disk
) -> None:
    request = reads(owner, f"/requests/{held_up.request.number}/")
    assert "Your answer is needed" in request
    assert "Name another one by Mon 30 Nov 2026, 17:30" in request
    assert "until you name another account" in request
    assert (
        f'href="{page(held_up)}"'
        in owner.get(f"/requests/{held_up.request.number}/").content.decode()
    )
    assert "Name this account" in reads(owner, page(held_up))
    answer = post(owner, held_up)
    assert answer.url == page(held_up)
    account = held_up.account
    assert account.proof.name == "statement.png"
    assert account.proof.frozen_at == held_up.at
    stands = reads(owner, page(held_up))
    assert "ICBC, Haidian ****3445" in stands
    assert "We are checking this account" in stands
    assert "Name this account" not in stands
    assert "We are checking this account" in reads(
        owner, f"/requests/{held_up.request.number}/"
    )
    assert len(disk()) >= 1


def test_a_second_click_names_it_once(
    held_up: Blocked, owner: Client, disk: Disk
) -> None:
    post(owner, held_up)
    before = disk()
    again = post(owner, held_up)
    assert "An account is named already" in told(again)
    assert PayoutAccount.objects.count() == 1
    assert disk() == before


def test_the_proof_may_be_a_file_that_is_there(held_up: Blocked, owner: Client) -> None:
    proof = held_up.proof()
    answer = owner.post(page(held_up), {**TYPED, "proof_here": proof.pk})
    assert answer.status_code == 302
    assert held_up.account.proof == proof


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"number": "123"}, "no account number that a bank would take"),
        ({"proof": ""}, "Add the proof"),
        ({"proof": SimpleUploadedFile("a.pdf", b"x")}, "a.pdf"),
        ({"bank_code": "?"}, "BIC, or the 12 digits"),
        ({"holder": ""}, "This field is required"),
    ],
)
def test_bad_input_gets_words_and_keeps_nothing(
    held_up: Blocked, owner: Client, disk: Disk, typed: dict[str, Any], words: str
) -> None:
    files = Evidence.objects.count()
    answer = post(owner, held_up, **typed)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert NUMBER not in answer.content.decode()
    assert not PayoutAccount.objects.exists()
    assert (Evidence.objects.count(), disk()) == (files, set())


def test_a_file_of_another_request_is_no_proof(held_up: Blocked, owner: Client) -> None:
    other = make_case(held_up.people, at=held_up.at).submitted()
    foreign = other.evidence.get().pk
    answer = owner.post(page(held_up), {**TYPED, "proof_here": foreign})
    assert answer.status_code == 422
    assert "Choose a file of this request" in text_of(answer)
    assert not PayoutAccount.objects.exists()


def test_a_member_reads_whose_turn_it_is(held_up: Blocked) -> None:
    member = visitor(held_up.people.member)
    request = reads(member, f"/requests/{held_up.request.number}/")
    assert "An owner of your company's account names it" in request
    assert "Only an owner" in told(member.get(page(held_up)))
    assert "Only an owner" in told(post(member, held_up))
    held_up.named()
    assert "****3445" in reads(member, page(held_up))


@pytest.mark.parametrize("who", ["stranger", "finance", "superuser"])
def test_for_others_it_does_not_exist(held_up: Blocked, who: str) -> None:
    client = visitor(getattr(held_up.people, who))
    assert client.get(page(held_up)).status_code == 404
    assert post(client, held_up).status_code == 404


def test_a_refusal_is_read_with_its_reason(held_up: Blocked, owner: Client) -> None:
    account = held_up.named()
    refuse_account(
        account, by=held_up.people.finance, at=held_up.at, reason="Another holder."
    )
    for path in (page(held_up), f"/requests/{held_up.request.number}/"):
        stands = reads(owner, path)
        assert "We can't pay to this account." in stands
        assert "Another holder." in stands
    assert "Name this account" in reads(owner, page(held_up))


def test_where_nothing_is_held_up_there_is_no_form(case: Case) -> None:
    request = case.agreed()
    answer = visitor(case.people.owner).get(f"/requests/{request.number}/account/")
    assert "No other account is needed" in told(answer)


def test_the_number_stands_in_no_page(held_up: Blocked) -> None:
    held_up.approved()
    people, request = held_up.people, held_up.request
    people.auditor.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    leg = request.payout.legs.latest("pk")
    inside = [
        f"/admin/refunds/refundrequest/{request.pk}/change/",
        "/admin/refunds/payoutaccount/",
        f"/admin/refunds/payoutaccount/{held_up.account.pk}/change/",
        f"/admin/refunds/payoutleg/{leg.pk}/change/",
        "/admin/refunds/payoutleg/",
        "/admin/refunds/event/",
        "/admin/refunds/notice/",
    ]
    outside = [f"/requests/{request.number}/", page(held_up)]
    for user, paths in ((people.owner, outside), (people.auditor, inside),
                        (people.superuser, inside)):  # fmt: skip
        client = visitor(user)
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            _is_silent(answer.content)
    export = f"/admin/refunds/refundrequest/{request.pk}/file/"
    saved = visitor(people.finance).post(export)
    _is_silent(b"".join(saved) if saved.streaming else saved.content)
    assert downloads(visitor(people.owner), outside[0]).status_code == 200


def _is_silent(content: bytes) -> None:
    for number in (PLAIN, NUMBER):
        assert number.encode() not in content


def test_the_page_costs_the_same_with_many_accounts(
    held_up: Blocked, owner: Client
) -> None:
    def refused_one() -> None:
        refuse_account(
            held_up.named(), by=held_up.people.finance, at=held_up.at, reason="No."
        )

    refused_one()
    paths = (page(held_up), f"/requests/{held_up.request.number}/")
    with_one = [queries(owner, path) for path in paths]
    for _more in range(4):
        refused_one()
    assert [queries(owner, path) for path in paths] == with_one
