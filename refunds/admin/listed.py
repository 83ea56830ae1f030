"""Every list goes out as a file: what its filters and search show of what this person
may see, in its order, and nothing in it is a formula."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from accounts.admin.exchange import FORMATS, XLSX
from accounts.admin.keyset import KeysetAdmin, in_order
from accounts.resources.export import BYTE_ORDER_MARK, Echo
from accounts.resources.neutral import neutral

# A workbook is packed as a whole before its first byte leaves.
MOST_IN_XLSX = 50_000
# Moves on with the clock; its due moment has a column of its own.
NOT_KEPT = ("owed",)


@dataclass(frozen=True)
class Column:
    title: Any
    of: Callable[[Any], Any]


def columns_of(owner: Any) -> tuple[Column, ...]:
    """The list's own columns, in plain words."""
    names = [name for name in owner.list_display if name not in NOT_KEPT]
    return tuple(
        Column(label_for_field(name, owner.model, owner), _reading(owner, name))
        for name in names
    )


def _reading(owner: Any, name: Any) -> Callable[[Any], Any]:
    def read(row: Any) -> Any:
        field, _attribute, value = lookup_field(name, row, owner)
        if field is None:
            return strip_tags(str(value))
        if field.flatchoices:
            return getattr(row, f"get_{field.name}_display")()
        return getattr(row, field.name)

    return read


def cell_of(value: Any) -> int | str:
    """Moments with their offset; text that no spreadsheet computes."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    return neutral(str(value))


Table = Iterator[list[int | str]]


def table_of(rows: QuerySet[Any], owner: Any) -> Table:
    columns = owner.export_columns or columns_of(owner)
    yield [capfirst(str(column.title)) for column in columns]
    for batch in in_order(rows, owner.parts()):
        for row in batch:
            yield [cell_of(column.of(row)) for column in columns]


def _csv_lines(table: Table) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield BYTE_ORDER_MARK
    for line in table:
        yield str(writer.writerow(line))


def _xlsx_file(table: Table) -> Any:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in table:
        sheet.append([_plain(sheet, value) for value in line])
    file = TemporaryFile()  # noqa: SIM115
    book.save(file)
    file.seek(0)
    return file


def _plain(sheet: Any, value: int | str) -> Any:
    """A text stays one, whatever it begins with."""
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def file_of(rows: QuerySet[Any], owner: Any, *, form: str) -> HttpResponseBase:
    table = table_of(rows, owner)
    answer: HttpResponseBase = (
        StreamingHttpResponse(_csv_lines(table), content_type="text/csv; charset=utf-8")
        if form == "csv"
        else FileResponse(_xlsx_file(table), content_type=XLSX)
    )
    name = f"{owner.opts.model_name}-{timezone.localdate():%Y%m%d}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def too_many(rows: QuerySet[Any], *, form: str) -> bool:
    return form == "xlsx" and rows.order_by()[: MOST_IN_XLSX + 1].count() > MOST_IN_XLSX


class ListedExport(KeysetAdmin):
    """`export_columns` where the file has others than the list."""

    export_columns: tuple[Column, ...] = ()

    def export_addresses(self) -> list[tuple[str, str]]:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_export_file"
        return [(form.upper(), reverse(name, args=[form])) for form in FORMATS]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export_file"
        view = self.admin_site.admin_view(self.export_file)
        return [path("export.<slug:form>", view, name=name), *super().get_urls()]

    def export_file(self, request: HttpRequest, form: str) -> HttpResponseBase:
        if form not in FORMATS:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return redirect(f"./?{ERROR_FLAG}=1")
        if too_many(rows, form=form):
            messages.error(request, _too_many_words())
            return redirect(f"./?{request.GET.urlencode()}")
        return file_of(rows, self, form=form)


def _too_many_words() -> str:
    words = _(
        "A workbook takes %(most)s rows. Narrow the list with the filters, or take the "
        "CSV file."
    )
    return words % {"most": f"{MOST_IN_XLSX:,}"}
