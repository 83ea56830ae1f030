"""Content decides what a file is, never its name."""

from io import BytesIO

import pytest
from PIL import Image

from refunds.errors import EvidenceRefused
from refunds.filing.inspect import inspect
from tests.refunds.filing import papers

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
GO_TO = b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>"
SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
ATTACHED = b"<< /Type /Filespec /F (a.exe) /EF << /F 4 0 R >> >>"
STREAM = b"<< /Length 2 >>\nstream\nMZ\nendstream"


def link(action: bytes) -> bytes:
    return b"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A %s >>" % action


@pytest.mark.parametrize(
    ("content", "name", "content_type", "pages"),
    [
        (papers.image("JPEG"), "photo.jpg", "image/jpeg", 1),
        (papers.image("JPEG", mode="CMYK"), "print.jpg", "image/jpeg", 1),
        (papers.image("PNG"), "screen.png", "image/png", 1),
        (papers.image("PNG", mode="RGBA"), "clear.png", "image/png", 1),
        (papers.image("PNG", mode="I;16"), "deep.png", "image/png", 1),
        (papers.image("JPEG"), "really-a-photo.pdf", "image/jpeg", 1),
        (papers.written(papers.pdf_of(3)), "agreement.pdf", "application/pdf", 3),
        (papers.pdf_with_outline(), "book.pdf", "application/pdf", 3),
        (papers.opens_with(GO_TO), "begins.pdf", "application/pdf", 1),
        (
            papers.page_with(link(b"<< /S /URI /URI (x) >>")),
            "l.pdf",
            "application/pdf",
            1,
        ),
        (papers.packed_pdf(b"<< >>"), "packed.pdf", "application/pdf", 1),
        (papers.pdf() + HTML, "polyglot.pdf", "application/pdf", 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_pictures_and_plain_documents_are_taken(
    content: bytes, name: str, content_type: str, pages: int
) -> None:
    found = inspect(content, name=name)
    assert (found.content_type, found.pages) == (content_type, pages)
    assert bool(found.view) is content_type.startswith("image/")


def test_a_telephones_jpeg_with_two_pictures_in_it_is_a_jpeg() -> None:
    assert inspect(papers.two_pictures_in_one(), name="a.jpg").content_type == (
        "image/jpeg"
    )


def test_a_turned_photo_with_odd_notes_inside_is_taken() -> None:
    found = inspect(papers.picture_with_odd_exif(), name="a.jpg")
    assert Image.open(BytesIO(found.view)).size == (48, 64)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "nothing.jpg", "is empty"),
        (papers.word_document(), "log.pdf", "a Word, Excel or ZIP file"),
        (b"\xd0\xcf\x11\xe0rest", "old.doc", "an old Word or Excel file"),
        (HTML, "page.png", "a web page"),
        (SVG, "drawing.svg", "not a JPG, PNG or PDF"),
        (papers.image("GIF"), "moving.gif", "a GIF image"),
        (papers.image("WEBP"), "w.jpg", "a WebP image"),
        (b"\x7fELF", "tool.pdf", "another kind of file"),
        (papers.image("JPEG")[:-200], "half.jpg", "is damaged"),
        (papers.image("PNG")[:-30], "half.png", "is damaged"),
        (papers.empty_png(20_000, 20_000), "bomb.png", "too many pixels"),
        (papers.empty_png(12_000, 12_000), "bomb.png", "too many pixels"),
        (papers.empty_png(6_400, 6_400), "large.png", "too many pixels"),
        (papers.locked_pdf(), "locked.pdf", "locked with a password"),
        (papers.written(papers.pdf_of())[:-80], "half.pdf", "is damaged"),
        (b"%PDF-1.7\n", "only-a-head.pdf", "is damaged"),
        (papers.with_object(b"[" * 9000 + b"]" * 9000), "deep.pdf", "too deep"),
        (
            papers.pdf({2: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"}),
            "l.pdf",
            "damaged",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_something_else_or_broken_is_refused_by_name(
    content: bytes, name: str, words: str
) -> None:
    with pytest.raises(EvidenceRefused, match=words) as refused:
        inspect(content, name=f"C:/evidence/{name}")
    assert f"“{name}”" in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        papers.opens_with(b"/OpenAction " + SCRIPT),
        papers.opens_with(b"/OpenAction << /S /GoTo /D [3 0 R] /Next %s >>" % SCRIPT),
        papers.opens_with(b"/OpenAction << /S /URI /URI (http://x) >>"),
        papers.opens_with(b"/OpenAction << /S /Launch /F (cmd.exe) >>"),
        papers.opens_with(b"/AA << /WC %s >>" % SCRIPT),
        papers.opens_with(b"/Names << /JavaScript << /Names [(a) %s] >> >>" % SCRIPT),
        papers.opens_with(b"/AcroForm << /Fields [] /XFA [] >>"),
        papers.opens_with(b"/Names << /EmbeddedFiles << /Names [] >> >>"),
        papers.page_with(link(SCRIPT)),
        papers.page_with(link(b"<< /S /L#61unch /F (cmd.exe) >>")),
        papers.page_with(link(b"<< /S /J#61vaScript >>")),
        papers.page_with(link(b"4 0 R"), {4: SCRIPT}),
        papers.packed_pdf(b"<< /JavaScript << /Names [(a) %s] >> >>" % SCRIPT),
    ],
    ids=[
        "script on opening",
        "jump, then script",
        "address on opening",
        "program on opening",
        "script on closing",
        "script in the names",
        "form with XFA",
        "attached file",
        "script in an annotation",
        "program spelt otherwise",
        "script spelt otherwise",
        "script elsewhere",
        "script in an object stream",
    ],
)
def test_a_document_that_acts_is_refused(content: bytes) -> None:
    with pytest.raises(EvidenceRefused, match="scripts, attachments or actions"):
        inspect(content, name="acts.pdf")


@pytest.mark.parametrize(
    "content",
    [
        papers.page_with(link(b"<< /S 4 0 R /F (cmd.exe) >>"), {4: b"/Launch"}),
        papers.page_with(
            b"<< /Subtype /FileAttachment /FS %s >>" % ATTACHED, {4: STREAM}
        ),
        papers.twice_numbered(),
        papers.page_with(link(b"<< /S /SubmitForm /F (http://x) >>")),
        papers.page_with(link(b"<< /S /ImportData /F (x) >>")),
        papers.page_with(link(rb"<< /S /GoToR /F (\\\\host\\share) >>")),
    ],
    ids=[
        "the action's name stands elsewhere",
        "attachment without a type",
        "later generation is a script",
        "sends a form",
        "reads a file",
        "opens another file",
    ],
)
def test_a_document_that_acts_in_hiding_is_refused(content: bytes) -> None:
    with pytest.raises(EvidenceRefused, match="scripts, attachments or actions"):
        inspect(content, name="acts.pdf")


def test_five_megabytes_are_counted_to_the_byte() -> None:
    whole = papers.filled_to(papers.image(), papers.LIMIT)
    assert inspect(whole, name="whole.jpg").content_type == "image/jpeg"
    with pytest.raises(EvidenceRefused, match="the limit is 5 MB"):
        inspect(whole + b"\0", name="more.jpg")


def test_a_file_over_the_limit_does_not_read_as_the_limit() -> None:
    whole = papers.filled_to(papers.image(), papers.LIMIT)
    with pytest.raises(EvidenceRefused, match=r"is 5\.1 MB"):
        inspect(whole + b"\0", name="more.jpg")


def test_what_hides_behind_a_picture_is_not_in_its_view() -> None:
    found = inspect(papers.image() + HTML, name="a.jpg")
    assert b"script" not in found.view
    assert Image.open(BytesIO(found.view)).format == "JPEG"
