"""What a file really is. Content decides, never the name. Touches no database.

Images are decoded whole and re-encoded for viewing, which strips whatever hides
behind the picture; PDFs that are encrypted or carry active content are refused.
"""

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import PurePath

from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

from refunds.errors import EvidenceRefused

LARGEST = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
VIEW_SIDE = 2000
MOST_PDF_OBJECTS = 50_000
FREE = 65535
ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToR",
    "/GoToE",
    "/Rendition",
    "/Movie",
    "/Sound",
}
ACTIVE_KEYS = {
    "/JavaScript",
    "/JS",
    "/Launch",
    "/EF",
    "/EmbeddedFile",
    "/EmbeddedFiles",
    "/RichMedia",
    "/3D",
    "/XFA",
    "/OpenAction",
    "/AA",
}
KNOWN_STRANGERS = {
    b"PK\x03\x04": _("a Word, Excel or ZIP file"),
    b"\xd0\xcf\x11\xe0": _("an old Word or Excel file"),
    b"GIF8": _("a GIF image"),
    b"RIFF": _("a WebP image"),
}


# How the camera was held, by EXIF's orientation.
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Inspected:
    """`view` is the re-encoded image as JPEG or PNG bytes, empty for a PDF."""

    content_type: str
    pages: int
    view: bytes


def inspect(content: bytes, *, name: str) -> Inspected:
    """Raises EvidenceRefused with words for the customer."""
    name = PurePath(name).name
    if not content:
        raise EvidenceRefused(
            _("“%(name)s” is empty. Choose the file again."), name=name
        )
    if len(content) > LARGEST:
        raise EvidenceRefused(
            _(
                "“%(name)s” is %(size)s MB; the limit is 5 MB. Save it smaller or "
                "split it, then add it again. Everything else here is kept."
            ),
            name=name,
            size=f"{-(-len(content) * 10 // 1024**2) / 10:.1f}",
        )
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _inspect_image(content, name)
    if content.startswith(b"%PDF-"):
        return _inspect_pdf(content, name)
    raise EvidenceRefused(
        _(
            "“%(name)s” is %(what)s, not a JPG, PNG or PDF. Save it as PDF and add "
            "it again."
        ),
        name=name,
        what=_what(content),
    )


def _what(content: bytes) -> str:
    for magic, words in KNOWN_STRANGERS.items():
        if content.startswith(magic):
            return str(words)
    if re.match(rb"\s*<(!doctype|html|script|svg|\?xml)", content[:200], re.IGNORECASE):
        return str(_("a web page"))
    return str(_("another kind of file"))


def _inspect_image(content: bytes, name: str) -> Inspected:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise _too_many_pixels(name)
                _in_view_size(image)
                image.load()
                return Inspected(
                    # A telephone's JPEG may hold a second picture; it stays a JPEG.
                    content_type="image/png" if image.format == "PNG" else "image/jpeg",
                    pages=1,
                    view=_re_encode(image),
                )
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_many_pixels(name) from None
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError):
        raise EvidenceRefused(
            _(
                "“%(name)s” is damaged: the picture can't be opened to its end. "
                "Take or save it again, then add it."
            ),
            name=name,
        ) from None


def _in_view_size(image: Image.Image) -> None:
    """A JPEG is read to its end, but in hardly more detail than will be shown."""
    larger = max(1, max(image.size) // VIEW_SIDE)
    image.draft("RGB", (image.width // larger, image.height // larger))


def _too_many_pixels(name: str) -> EvidenceRefused:
    return EvidenceRefused(
        _(
            "“%(name)s” has too many pixels to be opened safely; the limit is 40 "
            "million. Save it smaller and add it again."
        ),
        name=name,
    )


def _re_encode(image: Image.Image) -> bytes:
    turned = TURNS.get(image.getexif().get(ORIENTATION, 1))
    upright = image.transpose(turned) if turned is not None else image.copy()
    upright.thumbnail((VIEW_SIDE, VIEW_SIDE))
    out = io.BytesIO()
    upright.convert("RGB").save(out, format="JPEG", quality=85)
    return out.getvalue()


def _inspect_pdf(content: bytes, name: str) -> Inspected:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = PdfReader(io.BytesIO(content), strict=True)
            if reader.is_encrypted:
                raise EvidenceRefused(
                    _(
                        "“%(name)s” is locked with a password. Save a copy without "
                        "one and add that."
                    ),
                    name=name,
                )
            if _hides_generations(reader) or _is_active(reader):
                raise EvidenceRefused(
                    _(
                        "“%(name)s” contains scripts, attachments or actions that "
                        "start by themselves. Print it to a new PDF and add that."
                    ),
                    name=name,
                )
            return Inspected("application/pdf", len(reader.pages), b"")
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, OSError):
        raise EvidenceRefused(
            _("“%(name)s” is damaged: it can't be opened as a PDF. Save it again."),
            name=name,
        ) from None
    except RecursionError:
        raise EvidenceRefused(
            _("“%(name)s” is built too deep to be checked. Print it to a new PDF."),
            name=name,
        ) from None


def _hides_generations(reader: PdfReader) -> bool:
    """Whether one object stands there twice: readers differ in which they show."""
    tables = (table for number, table in reader.xref.items() if number != FREE)
    numbers = [number for table in tables for number in table]
    return len(numbers) != len(set(numbers))


def _is_active(reader: PdfReader) -> bool:
    """Whether any object of the file names an action, a script or an attachment."""
    waiting: list[PdfObject] = [reader.trailer]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, IndirectObject):
            if item.idnum in seen:
                continue
            seen.add(item.idnum)
            if len(seen) > MOST_PDF_OBJECTS:
                return True
            found = item.get_object()
            item = found if found is not None else DictionaryObject()
        if isinstance(item, DictionaryObject):
            if _names_action(item):
                return True
            waiting.extend(item.values())
        elif isinstance(item, ArrayObject):
            waiting.extend(item)
    return False


def _names_action(item: DictionaryObject) -> bool:
    if not ACTIVE_KEYS.isdisjoint(item) and not _only_jumps(item):
        return True
    # Read through references: `get` would leave them as they are.
    named = {str(item[key]) for key in ("/S", "/Type") if key in item}
    return bool(named & (ACTIONS | {"/EmbeddedFile"}))


def _only_jumps(item: DictionaryObject) -> bool:
    """An /OpenAction that is a plain destination only says where to begin reading."""
    named = ACTIVE_KEYS.intersection(item)
    if named != {"/OpenAction"}:
        return False
    action = item["/OpenAction"]
    return isinstance(action, ArrayObject) or (
        isinstance(action, DictionaryObject) and action.get("/S") == "/GoTo"
    )
