"""Records out as files, row by row; nothing in them is a formula."""

import csv
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from accounts.resources.columns import Column
from accounts.resources.neutral import neutral
from accounts.resources.resource import RecordsResource
from accounts.resources.values import Data, Money, Text, Whole

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
MOST_DIGITS = 15


class Echo:
    """What `csv.writer` writes to, to hand each line on."""

    def write(self, line: str) -> str:
        return line


def csv_lines(resource: RecordsResource, rows: QuerySet[Any]) -> Iterator[str]:
    """With the mark by which spreadsheets know UTF-8."""
    writer = csv.writer(Echo())
    yield BYTE_ORDER_MARK + str(writer.writerow(resource.columns))
    texts = [isinstance(c.widget, Text | Data) for c in resource.columns.values()]
    for line in resource.exported(rows):
        cells = zip(line.values(), texts, strict=True)
        yield str(writer.writerow([neutral(c) if text else c for c, text in cells]))


def xlsx_file(resource: RecordsResource, rows: QuerySet[Any]) -> IO[bytes]:
    """Text as text, sums and counts as numbers; only the packed file is in memory."""
    book = Workbook(write_only=True)
    table = book.create_sheet(resource.table)
    table.append(list(resource.columns))
    columns = list(resource.columns.values())
    for line in resource.exported(rows):
        cells = zip(line.values(), columns, strict=True)
        table.append([_cell(table, text, column) for text, column in cells])
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def _cell(table: Any, text: str, column: Column) -> Any:
    if not text:
        return None
    cell = WriteOnlyCell(table, text)
    if isinstance(column.widget, Money | Whole) and len(text) <= MOST_DIGITS:
        _, _, decimals = text.partition(".")
        cell.data_type = "n"
        cell.number_format = f"0.{'0' * len(decimals)}" if decimals else "0"
    else:
        cell.data_type = "s"
    return cell
