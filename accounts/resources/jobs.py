"""An import's way: uploaded, checked, confirmed, applied. Each step happens once.

A step is a conditional update of the state. Applying writes the rows and the state in
one transaction: a worker that is killed leaves nothing behind, and the next one begins
anew.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain, islice
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import translation

from accounts.bank_accounts import masked, plain_number
from accounts.models import RecordsImport, User
from accounts.resources import progress
from accounts.resources.columns import hidden_places
from accounts.resources.complaints import Complaints, FileRefused
from accounts.resources.csv_sheet import open_csv
from accounts.resources.nudge import nudge_imports
from accounts.resources.resource import RecordsResource
from accounts.resources.rows import Counts
from accounts.resources.sheet import Sheet, kind_of
from accounts.resources.tables import BY_TABLE
from accounts.resources.xlsx_sheet import open_xlsx

State = RecordsImport.State
Clock = Callable[[], datetime]
OPENERS = {"csv": open_csv, "xlsx": open_xlsx}
MOST_ATTEMPTS = 5
FIRST_ROWS = 10


class Wrong(Exception):
    """Found while writing: undoes what was written."""

    def __init__(self, found: dict[str, Any]) -> None:
        super().__init__("the file has errors")
        self.found = found

    @classmethod
    def unless_right(cls, found: dict[str, Any]) -> None:
        if found["error_count"]:
            raise cls(found)


def upload(
    file: File, *, name: str, table: str, by: User, at: datetime
) -> RecordsImport:
    """Keeps the file for the check. Raises FileRefused; then nothing is kept."""
    name = PurePath(name).name[-200:]
    kind = kind_of(file, name=name, size=file.size)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    job = RecordsImport(
        table=table,
        name=name,
        size=file.size,
        sha256=digest.hexdigest(),
        uploaded_by=by,
        uploaded_at=at,
    )
    # The stored name tells nothing and can't be guessed.
    job.file.save(f"{secrets.token_hex(16)}.{kind}", file, save=False)
    try:
        with transaction.atomic():
            job.save(force_insert=True)
            nudge_imports()
    except BaseException:
        job.file.storage.delete(str(job.file.name))
        raise
    return job


def confirm(job: RecordsImport, *, by: User, at: datetime) -> bool:
    """True for the one press that counts."""
    with transaction.atomic():
        nudge_imports()
        return _move(
            job,
            State.CHECKED,
            State.CONFIRMED,
            confirmed_by=by,
            confirmed_at=at,
            attempts=0,
        )


def run_due(*, clock: Clock) -> int:
    """Checks and applies what waits; how many were taken up."""
    taken = 0
    due = RecordsImport.objects.filter(state__in=(State.UPLOADED, State.CONFIRMED))
    for job in due.select_related("uploaded_by").order_by("attempts", "pk"):
        if not progress.begin(job.pk):
            continue
        try:
            run(job, clock=clock)
            taken += 1
        finally:
            progress.end(job.pk)
    return taken


def run(job: RecordsImport, *, clock: Clock) -> None:
    """Words are kept in the language of who uploaded the file."""
    if not _begun(job, at=clock()):
        return
    with translation.override(job.uploaded_by.language):
        if job.state == State.UPLOADED:
            check(job, clock=clock)
        else:
            apply(job, clock=clock)


def _begun(job: RecordsImport, *, at: datetime) -> bool:
    """Counts the attempt before it is made: what kills the worker is given up."""
    if job.attempts >= MOST_ATTEMPTS:
        _move(job, State(job.state), State.FAILED, finished_at=at)
        return False
    same = RecordsImport.objects.filter(pk=job.pk, state=job.state)
    return bool(same.update(attempts=F("attempts") + 1, started_at=at))


def check(job: RecordsImport, *, clock: Clock) -> None:
    found = _read(job, at=clock(), write=False)
    state = State.REFUSED if found["error_count"] else State.CHECKED
    _move(job, State.UPLOADED, state, finished_at=clock(), **found)


def apply(job: RecordsImport, *, clock: Clock) -> None:
    """All rows, or none. Who comes second finds the row locked, or moved on."""
    skip = connection.features.has_select_for_update_skip_locked
    try:
        with transaction.atomic():
            mine = RecordsImport.objects.select_for_update(skip_locked=skip)
            if mine.filter(pk=job.pk, state=State.CONFIRMED).first() is None:
                return
            found = _read(job, at=clock(), write=True)
            Wrong.unless_right(found)
            found |= _without_file(job)
            _move(job, State.CONFIRMED, State.APPLIED, finished_at=clock(), **found)
    except Wrong as wrong:
        _move(job, State.CONFIRMED, State.REFUSED, finished_at=clock(), **wrong.found)
    except IntegrityError:
        # Somebody wrote one of these records meanwhile. The check finds which.
        _move(job, State.CONFIRMED, State.UPLOADED)


def _without_file(job: RecordsImport) -> dict[str, Any]:
    """A file that may hold what is kept sealed goes from the disk once it is in."""
    columns = BY_TABLE[job.table]().columns.values()
    if not any(column.hidden for column in columns):
        return {}
    name, storage = str(job.file.name), job.file.storage
    transaction.on_commit(lambda: storage.delete(name))
    return {"file": ""}


def _read(job: RecordsImport, *, at: datetime, write: bool) -> dict[str, Any]:
    """What the import's row is to say of it."""
    complaints, counts, told = Complaints(), Counts(), {}
    with job.file.open("rb") as file:
        try:
            resource = BY_TABLE[job.table]()
            sheet, first = _with_first_rows(OPENERS[_kind(job, file)](file), resource)
            told = {"read_as": sheet.read_as, "preview": first}
            counts, complaints = resource.take(
                sheet, at=at, write=write, progress=partial(progress.report, job.pk)
            )
        except FileRefused as refusal:
            told["preview"] = []  # Nobody knows which column is which.
            complaints.add(refusal.row, refusal.column, refusal)
    return told | {
        "rows": counts.rows,
        "created": counts.created,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "errors": complaints.kept,
        "error_count": complaints.count,
    }


def _kind(job: RecordsImport, file: Any) -> str:
    return kind_of(file, name=job.name, size=job.size)


def _with_first_rows(
    sheet: Sheet, resource: RecordsResource
) -> tuple[Sheet, list[list[str]]]:
    """The sheet as it was, and its first rows to show: number and cells. Of a row that
    is out of step nobody knows what is to be hidden."""
    first = list(islice(sheet.lines, FIRST_ROWS))
    hidden = hidden_places(sheet.header, resource.columns)

    def shown_of(cells: list[str]) -> list[str]:
        if not any(hidden):
            return list(cells)
        out_of_step = len(cells) > len(hidden) or (
            len(cells) < len(hidden) and not sheet.pads
        )
        hide = [True] * len(cells) if out_of_step else hidden
        pairs = zip(cells, hide, strict=False)
        return [masked(plain_number(cell)) if mask else cell for cell, mask in pairs]

    rows = ([str(each.number), *shown_of(each.cells)] for each in first)
    shown = [["", *sheet.header], *rows]
    return replace(sheet, lines=chain(first, sheet.lines)), shown


def _move(job: RecordsImport, was: Any, to: Any, **fields: Any) -> bool:
    """The conditional update that decides between two workers."""
    same = RecordsImport.objects.filter(pk=job.pk, state=was)
    return same.update(state=to, **fields) == 1
