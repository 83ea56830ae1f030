"""A file as rows of text: opened by what it is, refused by what it is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from django.utils.translation import gettext as _

from accounts.resources.complaints import FileRefused

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 200_000
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Line:
    """`number` as a spreadsheet shows it, the header is 1; `cells` stripped text."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """`read_as` says how; `about` is how many rows may come, for the progress."""

    read_as: str
    header: list[str]
    lines: Iterator[Line]
    about: int
    pads: bool  # what stands right of a row's last cell was left out of the file


def kind_of(file: IO[bytes], *, name: str, size: int) -> str:
    """ "csv" or "xlsx", by name and content alike. Raises FileRefused."""
    if size == 0:
        raise FileRefused(_("The file is empty."))
    if size > MOST_BYTES:
        raise FileRefused(_("The file is larger than 50 MB. Send it in parts."))
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    kind = PurePath(name).suffix.lower().removeprefix(".")
    if start == OLD_EXCEL:
        raise FileRefused(
            _(
                "The file is an old Excel file or has a password. Save it as .xlsx "
                "without a password."
            )
        )
    if kind == "xlsx" and start != ZIP:
        raise FileRefused(
            _("The file is called .xlsx, but it is none. Save it as .xlsx, or as CSV.")
        )
    if kind == "csv" and start == ZIP:
        raise FileRefused(
            _("The file is called .csv, but it is a packed file, perhaps .xlsx.")
        )
    if kind not in ("csv", "xlsx"):
        raise FileRefused(_("The file has to be CSV or XLSX, by its name too."))
    return kind


def check_row_number(number: int) -> None:
    if number > MOST_ROWS + 1:
        raise FileRefused(
            _("The file has more than 200,000 rows. Send it in parts."), row=number
        )
