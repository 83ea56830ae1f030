"""CSV in: UTF-8 with or without its mark, else GB18030; which one is said."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import IO

from django.utils.translation import gettext as _

from accounts.resources.complaints import FileRefused
from accounts.resources.sheet import Line, Sheet, check_row_number

UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def open_csv(file: IO[bytes]) -> Sheet:
    text, encoding = _decoded(file.read())
    first = text[: text.find("\n") + 1] or text
    delimiter = max(",;\t", key=first.count)
    lines = _lines(text, delimiter=delimiter)
    header = next(lines, None)
    if header is None:
        raise FileRefused(_("The file is empty."))
    return Sheet(encoding, header.cells, lines, about=text.count("\n"), pads=False)


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith(UTF_16):
        raise FileRefused(_("The file is in UTF-16. Save it as CSV in UTF-8."))
    at = content.find(b"\0")
    if at >= 0:
        raise FileRefused(
            _("The file has a NUL character in it. It is no text."),
            row=content.count(b"\n", 0, at) + 1,
        )
    for codec, name in (("utf-8-sig", "UTF-8"), ("gb18030", "GB18030")):
        try:
            return content.decode(codec), name
        except UnicodeDecodeError as error:
            broken = error
    raise FileRefused(
        _("The file is neither UTF-8 nor GB18030. Save it as CSV in UTF-8."),
        row=content.count(b"\n", 0, broken.start) + 1,
    )


def _lines(text: str, *, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        check_row_number(number)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise FileRefused(
                _("The row can't be read as CSV. Look for a quotation mark too many."),
                row=number,
            ) from None
        # A blank line is a row in a spreadsheet, so it counts.
        if any(cells) or number == 1:
            yield Line(number, [cell.strip() for cell in cells])
