"""What goes wrong for real people at the form: each costs only itself, says why, and
how to go on."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from refunds.models import RefundRequest
from tests.people import Case, picture
from tests.refunds.filing import papers
from tests.refunds.pages.visits import reads, text_of, visitor

FILLED = {
    "ground": "unavailable",
    "keep_service": "no",
    "description": "Nothing could be streamed for days.",
    "amount": "10,000.00",
}
SIX_MB = papers.filled_to(papers.pdf(), 6 * 1024 * 1024)
WEB_PAGE = b"<!DOCTYPE html><p>Paid</p>"


@pytest.fixture
def owner(case: Case) -> Client:
    return visitor(case.people.owner)


@pytest.fixture
def draft(case: Case) -> RefundRequest:
    return case.draft()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (SIX_MB, "fault-log.pdf", "is 6.0 MB; the limit is 5 MB"),
        (papers.word_document(), "log.pdf", "Word"),
        (WEB_PAGE, "paid.png", "a web page"),
    ],
    ids=["six megabytes", "docx renamed", "web page renamed"],
)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_file_that_is_refused_costs_nothing_else(
    owner: Client,
    draft: RefundRequest,
    content: bytes,
    name: str,
    words: str,
    script: bool,  # noqa: FBT001
) -> None:
    file = SimpleUploadedFile(name, content)
    path = f"/drafts/{draft.pk}/" + ("upload/" if script else "")
    answer = owner.post(path, {**FILLED, "do": "upload", "file": file})
    page = text_of(answer)
    assert name in page
    assert words in page
    assert "log.jpg" in page, "what was there stays there"
    assert [each.name for each in draft.evidence.all()] == ["log.jpg"]
    html = answer.content.decode()
    if script:
        assert "data-refusal" in html
    else:
        assert 'href="#id_file"' in html, "the summary leads to the field"
        assert page.count(words) >= 2, "the same words stand at the field"
        assert FILLED["description"] in html


def test_a_contract_number_of_somebody_else_says_no_more_than_one_that_is_not(
    case: Case,
) -> None:
    stranger = visitor(case.people.stranger)
    theirs = reads(
        stranger, f"/contracts/{case.service.contract.number}/terms/", status=404
    )
    assert theirs == reads(stranger, "/contracts/C-0000-0000/terms/", status=404)
    answer = stranger.post(f"/services/{case.service.pk}/ask/")
    assert answer.status_code == 404


def test_more_than_was_paid_is_said_at_the_amount(
    owner: Client, draft: RefundRequest
) -> None:
    answer = owner.post(
        f"/drafts/{draft.pk}/", {**FILLED, "do": "check", "amount": "12,000.01"}
    )
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'href="#id_amount"' in html
    assert 'value="12,000.01"' in html, "what was typed stays"
    assert "Ask for that much or less." in text_of(answer)


def test_missing_evidence_is_said_where_files_are_chosen(
    owner: Client, draft: RefundRequest
) -> None:
    draft.evidence.all().delete()
    page = reads(owner, f"/drafts/{draft.pk}/")
    assert "Fault log: needed" in page
    answer = owner.post(f"/drafts/{draft.pk}/", {**FILLED, "do": "check"})
    assert 'href="#id_file"' in answer.content.decode()
    file = SimpleUploadedFile("again.jpg", picture())
    owner.post(f"/drafts/{draft.pk}/upload/", {"file": file})
    assert draft.evidence.get().kind == "fault_log", "what is asked for, until told"
    assert "Fault log: added" in reads(owner, f"/drafts/{draft.pk}/")


@pytest.mark.parametrize("tail", ["", "autosave/"])
def test_what_a_file_shows_is_said_beside_it(
    owner: Client, draft: RefundRequest, tail: str
) -> None:
    file = draft.evidence.get()
    told = {**FILLED, f"kind-{file.pk}": "communication"}
    answer = owner.post(f"/drafts/{draft.pk}/{tail}", told, follow=True)
    file.refresh_from_db()
    assert file.kind == "communication"
    assert "Fault log: needed" in text_of(answer)
    owner.post(f"/drafts/{draft.pk}/{tail}", {**FILLED, f"kind-{file.pk}": "x"})
    file.refresh_from_db()
    assert file.kind == "communication"


def test_the_kind_of_a_file_elsewhere_is_not_changed_from_here(
    owner: Client, case: Case, draft: RefundRequest
) -> None:
    file = draft.evidence.get()
    owner.post(f"/drafts/{draft.pk}/check/")
    other = RefundRequest.objects.create(
        customer=draft.customer,
        contract=draft.contract,
        service=draft.service,
        currency=draft.currency,
        filed_by=case.people.owner,
    )
    for kind in (f"kind-{file.pk}", "kind-", "kind-99999999999999999999", "kind-x"):
        answer = owner.post(f"/drafts/{other.pk}/", {**FILLED, kind: "communication"})
        assert answer.status_code == 302
    file.refresh_from_db()
    assert file.kind == "fault_log"
