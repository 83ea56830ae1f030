"""Evidence through the pages: taken, shown, removed, frozen; nothing is left behind."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from refunds.models import Evidence, RefundRequest
from tests.people import Case
from tests.refunds.filing import papers
from tests.refunds.pages.visits import Disk, downloads, text_of, visitor


@pytest.fixture
def draft(case: Case) -> RefundRequest:
    draft = case.draft()
    Evidence.objects.all().delete()
    return draft


@pytest.fixture
def owner(case: Case) -> Client:
    return visitor(case.people.owner)


def sends(
    client: Client, draft: RefundRequest, content: bytes, name: str = "a.jpg"
) -> Any:
    """By script: one file, answered with the list."""
    data = {"kind": "fault_log", "file": SimpleUploadedFile(name, content)}
    return client.post(f"/drafts/{draft.pk}/upload/", data)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (papers.image("JPEG"), "photo.jpg"),
        (papers.image("PNG"), "screen.png"),
        (papers.written(papers.pdf_of(2)), "agreement.pdf"),
    ],
    ids=["JPG", "PNG", "PDF"],
)
def test_a_file_is_kept_exactly_as_it_was_sent(
    owner: Client, draft: RefundRequest, disk: Disk, content: bytes, name: str
) -> None:
    answer = sends(owner, draft, content, name)
    assert answer.status_code == 200
    assert name in text_of(answer)
    kept = draft.evidence.get()
    assert (kept.name, kept.kind, kept.size) == (name, "fault_log", len(content))
    assert kept.sha256 == sha256(content).hexdigest()
    assert downloads(owner, f"/evidence/{kept.pk}/").body == content
    assert not any(name in path for path in disk()), "the stored name tells nothing"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"<html>", "a web page"),
        (papers.word_document(), "a Word, Excel or ZIP file"),
        (papers.empty_png(12_000, 12_000), "too many pixels"),
        (papers.filled_to(papers.image(), papers.LIMIT + 1), "the limit is 5 MB"),
        (papers.locked_pdf(), "locked with a password"),
        (papers.opens_with(b"/AA << >>"), "scripts, attachments or actions"),
    ],
    ids=["empty", "web page", "Word", "bomb", "too large", "locked", "active"],
)
def test_a_refused_file_leaves_nothing_behind(
    owner: Client, draft: RefundRequest, disk: Disk, content: bytes, words: str
) -> None:
    answer = sends(owner, draft, content, "a.png")
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not draft.evidence.exists()
    assert disk() == set()


def test_one_bad_file_among_good_ones_costs_only_itself(
    owner: Client, draft: RefundRequest
) -> None:
    files = [
        SimpleUploadedFile("good.png", papers.image("PNG")),
        SimpleUploadedFile("bad.png", b"<svg/>"),
        SimpleUploadedFile("fine.jpg", papers.image("JPEG")),
    ]
    data = {"do": "upload", "description": "Half a word", "file": files}
    answer = owner.post(f"/drafts/{draft.pk}/", data)
    assert "“bad.png” is" in text_of(answer)
    assert [file.name for file in draft.evidence.all()] == ["good.png", "fine.jpg"]
    draft.refresh_from_db(fields=["description"])
    assert draft.description == "Half a word"


def test_upload_without_a_file_says_what_to_do(
    owner: Client, draft: RefundRequest
) -> None:
    answer = owner.post(f"/drafts/{draft.pk}/", {"do": "upload"})
    assert "Choose a file first" in text_of(answer)


def test_the_same_file_is_taken_once(
    owner: Client, draft: RefundRequest, disk: Disk
) -> None:
    sends(owner, draft, papers.image(), "one.jpg")
    before = disk()
    answer = sends(owner, draft, papers.image(), "two.jpg")
    assert answer.status_code == 422
    assert "“two.jpg” is among the evidence already" in text_of(answer)
    assert draft.evidence.count() == 1
    assert disk() == before


def test_a_request_takes_twenty_files(
    owner: Client, draft: RefundRequest, disk: Disk
) -> None:
    for number in range(20):
        assert sends(owner, draft, papers.pdf() + b"%d" % number).status_code == 200
    before = disk()
    answer = sends(owner, draft, papers.image())
    assert "A request takes 20 files" in text_of(answer)
    assert draft.evidence.count() == 20
    assert disk() == before


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\fakepath\\日志.jpg", "日志.jpg"),
        ('say "hi" <b>%(name)s.jpg', 'say "hi" <b>%(name)s.jpg'),
        ("x" * 250 + ".jpg", "x" * 196 + ".jpg"),
        ("no extension", "no extension"),
    ],
)
def test_odd_names_are_names_and_nothing_else(
    owner: Client, draft: RefundRequest, disk: Disk, sent: str, kept: str
) -> None:
    answer = sends(owner, draft, papers.image(), sent)
    assert answer.status_code == 200
    assert "<b>" not in answer.content.decode()
    assert draft.evidence.get().name == kept
    assert all(Path(path).name[:32].isalnum() for path in disk())
    answer = downloads(owner, f"/evidence/{draft.evidence.get().pk}/")
    header = answer["Content-Disposition"]
    assert header.startswith("attachment; ")
    assert "\n" not in header


def test_an_odd_name_is_refused_by_that_name(
    owner: Client, draft: RefundRequest
) -> None:
    answer = sends(owner, draft, b"<svg/>", "100%(name)s <b>.jpg")
    assert "“100%(name)s <b>.jpg” is" in text_of(answer)


def test_a_photo_of_a_telephone_is_taken(owner: Client, draft: RefundRequest) -> None:
    owner.raise_request_exception = False
    assert sends(owner, draft, papers.two_pictures_in_one()).status_code == 200


def test_the_view_of_a_picture_is_a_new_picture(
    owner: Client, draft: RefundRequest
) -> None:
    sends(owner, draft, papers.image("PNG") + b"<script>alert(1)</script>")
    answer = downloads(owner, f"/evidence/{draft.evidence.get().pk}/view/")
    assert b"script" not in answer.body
    assert Image.open(BytesIO(answer.body)).format == "JPEG"
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == "inline"


@pytest.mark.parametrize("page", ["", "view/"])
@pytest.mark.parametrize("kind", ["JPEG", "PDF"])
def test_evidence_is_served_so_that_nothing_in_it_runs(
    owner: Client, draft: RefundRequest, page: str, kind: str
) -> None:
    content = papers.pdf() if kind == "PDF" else papers.image(kind)
    sends(owner, draft, content)
    answer = downloads(owner, f"/evidence/{draft.evidence.get().pk}/{page}")
    assert answer["X-Content-Type-Options"] == "nosniff"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    # Browsers show no PDF at all in a sandbox.
    assert policy.startswith("sandbox;") is not (kind == "PDF" and page == "view/")
    assert "no-store" in answer["Cache-Control"]
    assert "html" not in answer["Content-Type"]
    if not page:
        assert answer["Content-Disposition"].startswith("attachment")


Gone = Callable[[Client, RefundRequest], Any]


@pytest.mark.parametrize(
    "act",
    [
        lambda owner, draft: owner.post(
            f"/drafts/{draft.pk}/remove/{draft.evidence.get().pk}/",
            {"description": "kept", "amount": "7"},
        ),
        lambda owner, draft: owner.post(f"/drafts/{draft.pk}/delete/"),
    ],
    ids=["removed from the draft", "the draft is deleted"],
)
def test_gone_from_the_draft_is_gone_from_the_disk(
    owner: Client,
    draft: RefundRequest,
    disk: Disk,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    act: Gone,
) -> None:
    sends(owner, draft, papers.image())
    assert len(disk()) == 2, "the original and its view"
    with django_capture_on_commit_callbacks(execute=True):
        assert act(owner, draft).status_code == 302
    assert disk() == set()
    assert not Evidence.objects.exists()
    for kept in RefundRequest.objects.all():
        assert (kept.description, kept.amount_asked) == ("kept", 7_00)


def test_frozen_evidence_goes_through_no_page(case: Case, disk: Disk) -> None:
    sent = case.submitted()
    file, owner = sent.evidence.get(), visitor(case.people.owner)
    before = disk()
    for path in (
        f"/drafts/{sent.pk}/remove/{file.pk}/",
        f"/drafts/{sent.pk}/delete/",
        f"/drafts/{sent.pk}/upload/",
    ):
        owner.post(path, {"file": SimpleUploadedFile("b.png", papers.image("PNG"))})
    owner.post(f"/evidence/{file.pk}/")
    owner.delete(f"/evidence/{file.pk}/")
    assert sent.evidence.get() == file
    assert file.frozen_at == case.at
    assert disk() == before


def test_a_file_of_another_draft_is_not_removed_from_here(case: Case) -> None:
    sent = case.submitted().evidence.get()
    other = RefundRequest.objects.create(
        customer=case.people.customer,
        contract=case.service.contract,
        service=case.service,
        currency="CNY",
        filed_by=case.people.owner,
    )
    answer = visitor(case.people.owner).post(f"/drafts/{other.pk}/remove/{sent.pk}/")
    assert answer.status_code == 404
    assert Evidence.objects.filter(pk=sent.pk).exists()
