"""What is wrong with a file, by row and column; or why it is not read at all."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.functional import Promise

MOST_KEPT = 200


class FileRefused(Exception):
    """The file as a whole; `row` and `column` where it stopped, else 0 and ""."""

    def __init__(self, words: str | Promise, *, row: int = 0, column: str = "") -> None:
        super().__init__(str(words))
        self.row = row
        self.column = column


@dataclass
class Complaints:
    """All are counted, the first two hundred are kept."""

    kept: list[dict[str, str | int]] = field(default_factory=list)
    count: int = 0

    def add(self, row: int, column: str, reason: object) -> None:
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append({"row": row, "column": column, "reason": str(reason)})

    def add_error(
        self, row: int, error: ValidationError, *, column: str, told: dict[str, str]
    ) -> None:
        """An error of a cell or of a model's `clean`; `told`: the file's own names."""
        if hasattr(error, "error_dict"):
            for name, errors in error.error_dict.items():
                for each in errors:
                    self.add_error(row, each, column=name, told=told)
            return
        for words in error.messages:
            self.add(row, told.get(column, column), words)
