"""A row of a file on its way to a record."""

from dataclasses import dataclass, field
from typing import Any

from accounts.resources.neutral import natural


@dataclass(slots=True)
class Row:
    """`cells` by the column's code; only the columns that the file has."""

    number: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        return natural(self.cells.get(column, ""))


@dataclass(slots=True)
class Record:
    """What one row, or several of a payment, make of one record; `number` is the
    first row's; `chosen` is our number of the record, where the file has one; `parts`
    are the records below it."""

    number: int
    values: dict[str, Any]
    chosen: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)
    instance: Any = None


@dataclass
class Counts:
    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
