"""Asking for a refund, all of it through plain posts: no script is needed."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Contract
from refunds.models import Event, RefundRequest
from tests.conftest import NOW
from tests.factories import live_service
from tests.people import Case, make_case, make_people, picture
from tests.refunds.pages.visits import reads, text_of, told, visitor
from tests.refunds.together import at_once

FILLED = {
    "ground": "unavailable",
    "keep_service": "no",
    "description": "Nothing could be streamed for days.",
    "amount": "10,000.00",
}


@pytest.fixture
def owner(case: Case) -> Client:
    return visitor(case.people.owner)


def begins(client: Client, case: Case) -> RefundRequest:
    answer = client.post(f"/services/{case.service.pk}/ask/")
    draft = RefundRequest.objects.latest("pk")
    assert answer["Location"] == f"/drafts/{draft.pk}/"
    return draft


def writes(client: Client, draft: RefundRequest, do: str, **changes: object) -> Any:
    return client.post(f"/drafts/{draft.pk}/", {**FILLED, "do": do, **changes})


def kept(draft: RefundRequest) -> dict[str, object]:
    names = ("ground", "keep_service", "description", "amount_asked")
    row = RefundRequest.objects.get(pk=draft.pk)
    return {name: getattr(row, name) for name in names}


def complete(client: Client, case: Case) -> RefundRequest:
    draft = begins(client, case)
    file = SimpleUploadedFile("log.jpg", picture())
    writes(client, draft, "upload", kind="fault_log", file=file)
    return draft


def test_a_refund_is_asked_for_without_script(owner: Client, case: Case) -> None:
    assert "Ask for a refund" in reads(owner, "/services/")
    draft = complete(owner, case)
    assert writes(owner, draft, "save")["Location"] == f"/drafts/{draft.pk}/"
    page = reads(owner, f"/drafts/{draft.pk}/")
    assert "Your draft is saved." in page
    assert "Unavailable in the first 30 days" in page
    checked = writes(owner, draft, "check")
    assert checked["Location"] == f"/drafts/{draft.pk}/check/"
    last_look = reads(owner, checked["Location"])
    for words in ("CNY 10,000.00", FILLED["description"], "log.jpg", "if a refund is"):
        assert words in last_look
    sent = owner.post(f"/drafts/{draft.pk}/check/")
    receipt = reads(owner, sent["Location"])
    digest = draft.evidence.get().sha256
    for words in ("RF-2026-000001", digest, "log.jpg", "CNY 10,000.00", "We check"):
        assert words in receipt
    assert reads(owner, sent["Location"]) == receipt, "it stays at its address"


def test_a_second_click_goes_on_with_the_first_clicks_draft(
    owner: Client, case: Case
) -> None:
    assert begins(owner, case) == begins(owner, case)
    assert "Go on with your draft" in reads(owner, "/services/")


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_two_clicks_at_the_same_moment_begin_one_draft() -> None:
    case = committed_case()
    clients = [visitor(case.people.owner) for _click in range(2)]
    first, second = at_once(
        *(lambda client=client: begins(client, case) for client in clients)
    )
    assert first == second


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_sent_twice_at_the_same_moment_it_is_one_request() -> None:
    case = committed_case()
    draft = case.draft()
    clients = [visitor(case.people.owner) for _click in range(2)]
    path = f"/drafts/{draft.pk}/check/"
    answers: Any = at_once(
        *(lambda client=client: client.post(path) for client in clients)
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    for client in clients:
        assert client.get(path)["Location"] == "/requests/RF-2026-000001/"
    sent = RefundRequest.objects.get()
    assert sent.number == "RF-2026-000001"
    assert sent.events.count() == 1


def committed_case() -> Case:
    return make_case(make_people(), at=NOW)


def test_a_draft_is_kept_from_one_visit_to_the_next(case: Case) -> None:
    owner = visitor(case.people.owner)
    draft = begins(owner, case)
    writes(owner, draft, "save", keep_service="yes", amount="1,234.5")
    page = visitor(case.people.owner).get(f"/drafts/{draft.pk}/").content.decode()
    assert 'value="1234.50"' in page
    assert FILLED["description"] in page
    assert kept(draft) == {
        "ground": "unavailable",
        "keep_service": True,
        "description": FILLED["description"],
        "amount_asked": 1234_50,
    }


@pytest.mark.parametrize("do", ["save", "check", "upload", "estimate"])
def test_what_cannot_be_read_costs_nothing_else(
    owner: Client, case: Case, do: str
) -> None:
    draft = begins(owner, case)
    answer = writes(owner, draft, do, amount="ten", ground="no such reason")
    assert "Write the amount in CNY with 2 decimals at most." in text_of(answer)
    assert "Choose one of the reasons listed." in text_of(answer)
    assert 'value="ten"' in answer.content.decode(), "what was typed stands there"
    assert kept(draft)["description"] == FILLED["description"]


def test_what_is_no_amount_is_said_at_its_field(owner: Client, case: Case) -> None:
    draft = begins(owner, case)
    writes(owner, draft, "save", amount="CNY 1,000.50")
    answer = writes(owner, draft, "save", amount="1.234")
    assert 'aria-invalid="true"' in answer.content.decode()
    assert kept(draft)["amount_asked"] == 1000_50


def test_a_contract_in_yen_is_asked_for_in_yen(owner: Client, case: Case) -> None:
    Contract.objects.update(currency="JPY")
    draft = begins(owner, case)
    writes(owner, draft, "save", amount="¥ 3,000")
    answer = writes(owner, draft, "save", amount="3000.5")
    assert "Write the amount in JPY with 0 decimals at most." in text_of(answer)
    assert kept(draft)["amount_asked"] == 3000


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ground": ""}, "Choose what went wrong."),
        ({"description": " \n "}, "Say in a few words what happened."),
        ({"amount": ""}, "Say how much you ask for."),
        ({"amount": "12000.01"}, "This is more than what was paid"),
        ({"description": "x" * 5001}, "at most 5000 characters"),
    ],
    ids=["no reason", "no words", "no amount", "more than paid", "too many words"],
)
def test_what_is_missing_is_said_before_it_is_sent(
    owner: Client, case: Case, changes: dict[str, str], words: str
) -> None:
    draft = complete(owner, case)
    answer = writes(owner, draft, "check", **changes)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "There is a problem" in text_of(answer)
    sent = owner.post(f"/drafts/{draft.pk}/check/")
    if changes.get("description", "")[:1] == "x":
        return  # What was kept before stands, and may be sent.
    assert sent["Location"] == f"/drafts/{draft.pk}/"
    assert words in told(sent)
    assert not Event.objects.exists()


def test_missing_evidence_is_named(owner: Client, case: Case) -> None:
    draft = begins(owner, case)
    answer = writes(owner, draft, "check")
    assert answer.status_code == 422
    assert "One thing is missing: Fault log." in text_of(answer)
    assert "Still needed: Fault log" in text_of(answer)
    assert "Fault log" in told(owner.post(f"/drafts/{draft.pk}/check/"))
    assert not RefundRequest.objects.exclude(state="draft").exists()


def test_sent_twice_it_is_one_request(owner: Client, case: Case) -> None:
    draft = complete(owner, case)
    path = f"/drafts/{draft.pk}/check/"
    first, second = owner.post(path), owner.post(path)
    assert first["Location"] == "/requests/RF-2026-000001/receipt/"
    assert second["Location"] == "/requests/RF-2026-000001/"
    assert owner.get(f"/drafts/{draft.pk}/")["Location"] == second["Location"]
    assert [event.kind for event in Event.objects.all()] == ["submit"]


def test_a_second_request_for_the_same_thing_names_the_open_one(
    owner: Client, case: Case
) -> None:
    case.submitted()
    draft = begins(owner, case)
    answer = writes(owner, draft, "check")
    assert answer.status_code == 422
    words = "You already have an open request for this service and reason: "
    assert words + "RF-2026-000001" in text_of(answer)
    sent = owner.post(f"/drafts/{draft.pk}/check/")
    assert "RF-2026-000001" in told(sent)
    assert RefundRequest.objects.exclude(state="draft").count() == 1


def test_numbers_have_no_gaps_whatever_was_refused(owner: Client, case: Case) -> None:
    numbers = []
    for _request in range(3):
        service = live_service(
            customer=case.people.customer, reviewer=case.people.evaluator, at=case.at
        )
        one = Case(case.people, service, case.at)
        owner.post(f"/drafts/{begins(owner, one).pk}/check/")
        draft = complete(owner, one)
        owner.post(f"/drafts/{draft.pk}/check/")
        numbers.append(one.request.number)
    assert numbers == ["RF-2026-000001", "RF-2026-000002", "RF-2026-000003"]


def test_the_language_is_switched_in_the_middle_of_a_form(
    owner: Client, case: Case
) -> None:
    draft = begins(owner, case)
    answer = writes(
        owner, draft, "language-zh-hans", description="写到一半", amount="7"
    )
    assert answer["Location"] == f"/drafts/{draft.pk}/"
    page = owner.get(answer["Location"]).content.decode()
    assert 'lang="zh-Hans"' in page
    assert "写到一半" in page
    assert 'value="7.00"' in page


def test_mail_follows_the_language_that_was_chosen_on_the_form(
    owner: Client, case: Case
) -> None:
    writes(owner, begins(owner, case), "language-zh-hans")
    case.people.owner.refresh_from_db()
    assert case.people.owner.language == "zh-hans"


def test_the_language_switch_keeps_even_what_cannot_be_read(
    owner: Client, case: Case
) -> None:
    draft = begins(owner, case)
    answer = writes(owner, draft, "language-zh-hans", amount="about 300")
    page = owner.get(f"/drafts/{draft.pk}/") if answer.status_code == 302 else answer
    assert "about 300" in page.content.decode()


def test_saved_by_itself_it_answers_with_the_estimate(
    owner: Client, case: Case
) -> None:
    draft = begins(owner, case)
    path = f"/drafts/{draft.pk}/autosave/"
    answer = owner.post(path, {**FILLED, "amount": "ten"})
    assert answer.status_code == 200
    assert "You would get back" in text_of(answer)
    assert kept(draft)["description"] == FILLED["description"]
    case_sent = complete(owner, case)
    writes(owner, case_sent, "save")
    owner.post(f"/drafts/{case_sent.pk}/check/")
    assert owner.post(path, FILLED).status_code == 409
    assert case.request.description == FILLED["description"]


def test_nothing_left_says_so_before_a_word_is_written(
    owner: Client, case: Case
) -> None:
    case.service.allocations.all().delete()
    words = "There is no money left on this service"
    assert words in reads(owner, "/services/")
    assert words in reads(owner, f"/services/{case.service.pk}/")
    answer = owner.post(f"/services/{case.service.pk}/ask/")
    assert answer["Location"] == f"/services/{case.service.pk}/"
    assert not RefundRequest.objects.exists()


def test_a_contract_older_than_every_policy_says_so(owner: Client, case: Case) -> None:
    Contract.objects.update(signed_on="2019-12-31")
    draft = begins(owner, case)
    reads(owner, f"/drafts/{draft.pk}/")
