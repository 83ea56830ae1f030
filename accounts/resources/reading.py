"""One table's rows as values, a batch at a time; every error by its cell."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from import_export.resources import Resource

from accounts.models import Contract
from accounts.resources.columns import Column, Within, columns_of
from accounts.resources.complaints import Complaints
from accounts.resources.links import Link
from accounts.resources.rows import Counts, Record, Row
from accounts.resources.sheet import Line, Sheet

BATCH = 2_000
Values = dict[str, Any]
Frames = dict[Within, str | None]
# Where the row names a record that is not there: only what is wrong in any time zone
# and any currency is told beside it.
LENIENT: Frames = {Within.NOTHING: "", Within.ZONE: "UTC", Within.CURRENCY: "KWD"}
Progress = Callable[[float], None]


def no_progress(share: float) -> None:
    """Where nobody waits for it."""


class ReadingResource(Resource):
    """`numbered_by`: the column with our number of the record, where names repeat."""

    table: str
    model: type[Model]
    numbered_by = ""

    def __init__(self) -> None:
        super().__init__()
        self.columns: dict[str, Column] = dict(self.fields)
        for name, column in self.columns.items():
            column.bind(self.model, name)
        self.links = self.make_links()

    def make_links(self) -> tuple[Link, ...]:
        return ()

    def open(self, sheet: Sheet, *, at: datetime, progress: Progress) -> None:
        """Raises FileRefused where the first row names other columns."""
        self.at, self.sheet, self.progress = at, sheet, progress
        self.counts, self.complaints = Counts(), Complaints()
        self.codes = columns_of(sheet.header, self.columns, table=self.table)
        self.told = dict(zip(self.codes, sheet.header, strict=False))
        self.kept = [(c, self.columns[c]) for c in self.codes if self.columns[c].kept]

    def records(self) -> Iterator[list[Record]]:
        """Batches of what is right. One query per batch and link."""
        while lines := list(islice(self.sheet.lines, BATCH)):
            self.counts.rows += len(lines)
            rows = [row for line in lines if (row := self.row(line))]
            for link in self.links:
                link.load(rows)
            yield [record for row in rows if (record := self.record(row))]
            self.progress(self.counts.rows / max(self.sheet.about, self.counts.rows))

    def row(self, line: Line) -> Row | None:
        cells, width = line.cells, len(self.codes)
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if self.sheet.pads and len(cells) < width:
            cells.extend([""] * (width - len(cells)))
        if len(cells) == width:
            return Row(line.number, dict(zip(self.codes, cells, strict=True)))
        words = _("The row has %(count)s cells, but there are %(known)s columns.") % {
            "count": len(cells),
            "known": width,
        }
        self.complaints.add(line.number, "", words)
        return None

    def record(self, row: Row) -> Record | None:
        """None where something is wrong; then it was complained about."""
        before = self.complaints.count
        values = self.linked(row)
        right = self.complaints.count == before
        self.read_values(row, values, self.frames(row, values) if right else LENIENT)
        if self.complaints.count != before:
            return None
        for link in self.links:
            if not link.kept:
                del values[link.attribute]
        return Record(row.number, values, chosen=row.text(self.numbered_by))

    def linked(self, row: Row) -> Values:
        """The other records that the row names."""
        values: Values = {}
        missed = set()
        for link in self.links:
            left_alone = not link.needed and link.column not in self.codes
            if left_alone or link.rests_on in missed:
                continue
            try:
                values[link.attribute] = link.find(row)
            except ValidationError as error:
                missed.add(link.column)
                self.complain(row.number, error)
        return values

    def frames(self, row: Row, values: Values) -> Frames:
        return {
            Within.NOTHING: "",
            Within.ZONE: self.zone_of(row, values),
            Within.CURRENCY: self.currency_of(row, values),
        }

    def read_values(self, row: Row, values: Values, frames: Frames) -> None:
        """What needs a currency that is not known is not read."""
        for code, column in self.kept:
            frame = frames[column.within]
            if frame is None:
                continue
            value = column.read(row.cells[code], frame)
            if isinstance(value, ValidationError):
                self.complain(row.number, value, column=code)
            else:
                values[column.attribute] = value

    def zone_of(self, row: Row, values: Values) -> str:
        return contract_of(values).time_zone

    def currency_of(self, row: Row, values: Values) -> str | None:
        return contract_of(values).currency

    def complain(self, row: int, error: ValidationError, *, column: str = "") -> None:
        """In the words of the file's own first row."""
        self.complaints.add_error(row, error, column=column, told=self.told)


def contract_of(values: Values) -> Contract:
    contract: Contract = values.get("contract") or values["service"].contract
    return contract
