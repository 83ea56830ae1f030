"""A session that ends in the middle of a form costs nobody a word."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from refunds.models import Message, RefundRequest
from refunds.pages.half_written import WRITER, named
from tests.conftest import NOW
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import reads, text_of, visitor

WRITTEN = {
    "ground": "outage",
    "keep_service": "yes",
    "description": "Half a sentence about",
    "amount": "1,234.50",
}


def written(by: User, **said: str) -> dict[str, str]:
    """The form says whose it is."""
    return {**said, WRITER: named(by)}


def mine(case: Case) -> dict[str, str]:
    return written(case.people.owner, **WRITTEN)


@pytest.fixture
def owner(case: Case) -> Client:
    return visitor(case.people.owner)


def signed_out(client: Client) -> None:
    """The session ended on the server; the browser still has its cookies."""
    Session.objects.all().delete()


def signs_in_again(client: Client, user: User, answer: Any) -> Any:
    """Where the answer sends them, once they have signed in."""
    assert answer.status_code == 302
    where, _, page = answer["Location"].partition("?next=")
    assert where == "/account/login/"
    client.force_login(user)
    return client.get(page)


@pytest.mark.parametrize("do", ["save", "check", "upload", "language-zh-hans"])
def test_a_whole_form_sent_too_late_is_there_after_signing_in(
    case: Case, owner: Client, do: str
) -> None:
    draft = case.draft()
    signed_out(owner)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        answer = owner.post(
            f"/drafts/{draft.pk}/", written(case.people.owner, **WRITTEN, do=do)
        )
        page = signs_in_again(owner, case.people.owner, answer)
    assert "You are signed in again. What you had written is here" in text_of(page)
    assert "Half a sentence about" in page.content.decode()
    draft = RefundRequest.objects.get()
    assert draft.description == "Half a sentence about"
    assert (draft.ground, draft.keep_service) == ("outage", True)
    assert draft.amount_asked == 1234_50


@pytest.mark.parametrize("tail", ["autosave/", "remove/{file}/"])
def test_a_form_that_saved_itself_too_late_is_there_as_well(
    case: Case, owner: Client, tail: str
) -> None:
    draft = case.draft()
    path = f"/drafts/{draft.pk}/" + tail.format(file=draft.evidence.get().pk)
    signed_out(owner)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        page = signs_in_again(
            owner,
            case.people.owner,
            owner.post(path, mine(case)),
        )
    assert "Half a sentence about" in page.content.decode()
    assert draft.evidence.exists(), "nothing is done for who is signed out"


def test_what_cannot_be_read_is_kept_as_it_was_typed(case: Case, owner: Client) -> None:
    draft = case.draft()
    signed_out(owner)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        answer = owner.post(
            f"/drafts/{draft.pk}/",
            written(case.people.owner, **{**WRITTEN, "amount": "about ten"}),
        )
        page = signs_in_again(owner, case.people.owner, answer)
    assert 'value="about ten"' in page.content.decode()


def test_what_was_saved_since_is_not_overwritten(case: Case, owner: Client) -> None:
    draft = case.draft()
    signed_out(owner)
    answer = owner.post(f"/drafts/{draft.pk}/", mine(case))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        elsewhere = visitor(case.people.owner)
        newer = {**WRITTEN, "description": "Written on the telephone."}
        elsewhere.post(f"/drafts/{draft.pk}/", newer)
        page = signs_in_again(owner, case.people.owner, answer)
    assert "Written on the telephone." in page.content.decode()
    assert "Half a sentence" not in page.content.decode()


def test_it_is_given_back_once_and_to_nobody_else(case: Case, owner: Client) -> None:
    draft = case.draft()
    signed_out(owner)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        answer = owner.post(
            f"/drafts/{draft.pk}/", written(case.people.owner, **WRITTEN)
        )
        page = signs_in_again(owner, case.people.stranger, answer)
    assert page.status_code == 404
    draft = RefundRequest.objects.get()
    assert draft.description != WRITTEN["description"]


@pytest.mark.parametrize(
    ("reach", "path"),
    [
        ("submitted", "/requests/{number}/message/"),
        ("rejected", "/requests/{number}/appeal/"),
        ("awaiting_information", "/requests/{number}/supply_information/"),
    ],
)
def test_words_to_us_are_there_again_and_were_not_sent(
    case: Case, owner: Client, reach: str, path: str
) -> None:
    request = states.REACHES[reach](case)
    before = Message.objects.count()
    signed_out(owner)
    answer = owner.post(
        path.format(number=request.number),
        written(case.people.owner, words="And besides"),
    )
    page = signs_in_again(owner, case.people.owner, answer)
    assert page.status_code == 200
    assert "And besides" in page.content.decode()
    assert Message.objects.count() == before
    again = reads(owner, f"/requests/{request.number}/")
    assert "And besides" not in again, "given back once"


def test_an_address_that_takes_no_visit_leads_to_its_page(
    case: Case, owner: Client
) -> None:
    draft = case.draft()
    file = draft.evidence.get().pk
    signed_out(owner)
    for path, page in (
        (f"/drafts/{draft.pk}/upload/", f"/drafts/{draft.pk}/"),
        (f"/drafts/{draft.pk}/remove/{file}/", f"/drafts/{draft.pk}/"),
        (f"/drafts/{draft.pk}/delete/", f"/drafts/{draft.pk}/"),
        (f"/services/{case.service.pk}/ask/", f"/services/{case.service.pk}/"),
    ):
        answer = signs_in_again(owner, case.people.owner, owner.post(path))
        assert answer.status_code == 200
        assert answer.request["PATH_INFO"] == page
        signed_out(owner)
    assert RefundRequest.objects.get().state == "draft"


def test_no_account_number_is_kept_in_a_session(case: Case, owner: Client) -> None:
    request = case.submitted()
    signed_out(owner)
    typed = written(case.people.owner, number="6222 0000 1111 2222", words="x")
    owner.post(f"/requests/{request.number}/account/", typed)
    kept = owner.session["half_written"]["said"]
    assert kept == {"words": "x"}


@pytest.mark.parametrize("made_up", ["", "1", "1:x"])
def test_what_does_not_say_whose_it_is_is_not_kept(
    case: Case, owner: Client, made_up: str
) -> None:
    request = case.submitted()
    signed_out(owner)
    said = {"words": "Anybody's", WRITER: made_up}
    owner.post(f"/requests/{request.number}/message/", said)
    assert "half_written" not in owner.session
