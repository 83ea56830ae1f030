"""XLSX in: its packing is checked before it is unpacked, then read row by row.

The sizes in a packed file's directory can't understate: Python stops reading a part
at the size that stands there.
"""

import math
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from accounts.resources.columns import MOST_COLUMNS
from accounts.resources.complaints import FileRefused
from accounts.resources.neutral import neutral
from accounts.resources.sheet import Line, Sheet, check_row_number

MOST_PARTS = 200
MOST_UNPACKED = 400 * 1024 * 1024
# What is not a worksheet is held in memory as a whole.
MOST_SHARED = 100 * 1024 * 1024
MOST_DIGITS = 15
# Of empty cells, too: each row is laid out as wide as its last one.
WIDEST = 10 * MOST_COLUMNS
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    NotImplementedError,
)


def open_xlsx(file: IO[bytes]) -> Sheet:
    try:
        _check_packing(file)
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        table = book.worksheets[0]
        # What the sheet says of its size may be wrong.
        about = max((table.max_row or 1) - 1, 0)
        table.reset_dimensions()
    except BROKEN:
        raise _unreadable() from None
    lines = _lines(table)
    header = next(lines, None)
    if header is None:
        raise FileRefused(_("The file is empty."))
    return Sheet("XLSX", header.cells, lines, about=about, pads=True)


def _check_packing(file: IO[bytes]) -> None:
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise FileRefused(_("The file has a password. Save it without one."))
        whole = sum(part.file_size for part in parts)
        held = sum(p.file_size for p in parts if "worksheets/" not in p.filename)
        if len(parts) > MOST_PARTS or whole > MOST_UNPACKED or held > MOST_SHARED:
            raise FileRefused(
                _("Unpacked, the file is far too large. Send it in parts, or as CSV.")
            )
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                _check_no_document_type(packed, part)


def _check_no_document_type(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """An XML part of a spreadsheet declares nothing; entities only do harm."""
    with packed.open(part) as opened:
        if b"<!" in opened.read(1024).replace(b"<!--", b""):
            raise _unreadable()


def _unreadable() -> FileRefused:
    return FileRefused(
        _("The file can't be read as XLSX. Open it and save it again, or as CSV.")
    )


def _lines(table: Any) -> Iterator[Line]:
    rows = enumerate(table.iter_rows(), 1)
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except BROKEN:
            raise _unreadable() from None
        check_row_number(number)
        read = _row_of(cells, number)
        if any(read) or number == 1:
            yield Line(number, read)


def _row_of(cells: Any, number: int) -> list[str]:
    width = len(cells)
    if width > WIDEST:
        raise FileRefused(
            _("The row has %(count)s cells.") % {"count": width}, row=number
        )
    while width and cells[width - 1].value is None:
        width -= 1
    if width > MOST_COLUMNS:
        raise FileRefused(
            _("The row has %(count)s cells.") % {"count": width}, row=number
        )
    return [_text_of(cell, number) for cell in cells[:width]]


def _text_of(cell: Any, number: int) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f" or cell.data_type == "e":
        raise FileRefused(
            _("The cell has a formula or an error in it. Paste its value instead."),
            row=number,
            column=cell.column_letter,
        )
    if isinstance(value, str):
        return neutral(value.strip())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, cell, number)
    return _calendar(value, cell, number)


def _number(value: float, cell: Any, number: int) -> str:
    """As a person sees it. A spreadsheet keeps fifteen digits, the rest is made up."""
    whole = math.isfinite(value) and value == int(value)
    text = repr(int(value)) if whole else repr(value)
    if (
        len(text.lstrip("-").replace(".", "")) > MOST_DIGITS + 1
        or not text.lstrip("-").replace(".", "").isdecimal()
    ):
        raise FileRefused(
            _(
                "The spreadsheet has made a number of this, and may have lost digits. "
                "Format the column as text and write it again."
            ),
            row=number,
            column=cell.column_letter,
        )
    return text


def _calendar(value: Any, cell: Any, number: int) -> str:
    if isinstance(value, datetime):
        shows_time = "h" in str(cell.number_format).lower()
        if value.time() == time(0) and not shows_time:
            return value.date().isoformat()
        return value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    raise FileRefused(
        _("The cell is neither text nor a number nor a day."),
        row=number,
        column=cell.column_letter,
    )
