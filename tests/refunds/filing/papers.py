"""Files as customers send them, the honest and the others, made while the test runs."""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

from PIL import Image
from pypdf import PdfWriter

LIMIT = 5 * 1024 * 1024
PAGES = {
    1: b"<< /Type /Catalog /Pages 2 0 R >>",
    2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>",
}


def image(kind: str = "JPEG", *, mode: str = "RGB") -> bytes:
    out = BytesIO()
    Image.new(mode, (64, 48)).save(out, kind)
    return out.getvalue()


def two_pictures_in_one() -> bytes:
    """A JPEG with a second picture behind it, as telephones write them."""
    out = BytesIO()
    first, second = Image.new("RGB", (64, 48)), Image.new("RGB", (32, 24))
    first.save(out, "MPO", save_all=True, append_images=[second])
    return out.getvalue()


def picture_with_odd_exif() -> bytes:
    """Turned, so that it is set upright; beside that, words where a number belongs."""
    turned, wrong = (0x0112, 3, 1, b"\0\6\0\0"), (0x0123, 2, 4, b"odd\0")
    tags = b"".join(struct.pack(">HHI4s", *tag) for tag in (turned, wrong))
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02" + tags + bytes(4)
    out = BytesIO()
    Image.new("RGB", (64, 48)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def empty_png(width: int, height: int) -> bytes:
    """A few bytes that claim so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = bytes(1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checked = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checked


def word_document() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as document:
        document.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()


def written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_of(pages: int = 1) -> PdfWriter:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(99, 99)
    return writer


def pdf_with_outline() -> bytes:
    writer = pdf_of(3)
    writer.add_outline_item(title="Chapter", page_number=1)
    return written(writer)


def locked_pdf() -> bytes:
    writer = pdf_of()
    writer.encrypt("secret", algorithm="RC4-128")
    return written(writer)


def pdf(objects: Mapping[int, bytes] | None = None) -> bytes:
    """A PDF written by hand; `objects` stand beside those of one plain page."""
    every = PAGES | dict(objects or {})
    out, places = b"%PDF-1.7\n", {}
    for number, body in sorted(every.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size, table = max(every) + 1, len(out)
    rows = [b"%010d 00000 n \n" % places[number] for number in range(1, size)]
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + b"".join(rows)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % size
    return out + b"startxref\n%d\n%%%%EOF\n" % table


def with_object(body: bytes) -> bytes:
    """Object 4 is this, and the catalog names it."""
    return pdf({1: b"<< /Type /Catalog /Pages 2 0 R /X 4 0 R >>", 4: body})


def opens_with(action: bytes) -> bytes:
    catalog = b"<< /Type /Catalog /Pages 2 0 R %s >>" % action
    return pdf({1: catalog})


def page_with(note: bytes, beside: Mapping[int, bytes] | None = None) -> bytes:
    """Its one page carries this annotation."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Annots [%s] >>" % note
    return pdf({3: page, **(beside or {})})


def packed_pdf(hidden: bytes) -> bytes:
    """What the catalog names stands in a compressed object stream."""
    head = b"4 0 "
    packed = zlib.compress(head + hidden)
    out, places = b"%PDF-1.7\n", {}
    catalog = b"<< /Type /Catalog /Pages 2 0 R /Names 4 0 R >>"
    stream = (
        b"<< /Type /ObjStm /N 1 /First %d /Filter /FlateDecode /Length %d >>\n"
        b"stream\n%s\nendstream" % (len(head), len(packed), packed)
    )
    for number, body in {**PAGES, 1: catalog, 5: stream}.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    places[6] = table
    rows = b"\0\0\0\0\0\xff"
    for number in range(1, 7):
        kind, place = (2, 5) if number == 4 else (1, places[number])
        rows += struct.pack(">BIB", kind, place, 0)
    out += (
        b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 4 1] /Root 1 0 R /Length %d >>\n"
        b"stream\n%s\nendstream\nendobj\n" % (len(rows), rows)
    )
    return out + b"startxref\n%d\n%%%%EOF\n" % table


def twice_numbered() -> bytes:
    """Object 4 is harmless at first and a script in its later generation."""
    begun = pdf(
        {1: b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>", 4: b"[3 0 R /Fit]"}
    )
    before = int(begun.split(b"startxref\n")[1].split()[0])
    script = b"4 1 obj\n<< /S /JavaScript /JS (x) >>\nendobj\n"
    table = len(begun) + len(script)
    return (
        begun
        + script
        + b"xref\n4 1\n%010d 00001 n \n" % len(begun)
        + b"trailer\n<< /Size 5 /Root 1 0 R /Prev %d >>\n" % before
        + b"startxref\n%d\n%%%%EOF\n" % table
    )


def filled_to(content: bytes, size: int) -> bytes:
    return content + bytes(size - len(content))
