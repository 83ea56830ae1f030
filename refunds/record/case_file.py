"""A request's whole file, for a dispute or an authority: a ZIP that proves itself.

1. Under the request's lock, the database's part is written as of one moment.
2. Then the evidence, byte for byte, hashed anew; what is missing or differs is named.
3. `manifest.json` has the hash of every other file and the head of the chain.
4. The event `file_exported` carries the manifest's hash. It comes after what the
   file itself tells, so it is in the next export and not in its own.
"""

import contextlib
import hashlib
import json
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import IO, Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import reads_about
from accounts.models import Role, User
from refunds.errors import NotPermitted
from refunds.models import Event, Evidence, RefundRequest
from refunds.record.case_parts import PARTS, Row, Scope, evidence_of
from refunds.record.events import record
from refunds.record.kinds import AMONG_STAFF
from refunds.states import State

EXPORTING = frozenset({Role.EVALUATOR, Role.APPROVER, Role.FINANCE, Role.AUDITOR})
CHUNK = 64 * 1024
LONGEST_NAME = 80
MOST_BYTES = 200
FORMAT = 1
AS_SENT, DIFFERS, MISSING = "as sent", "differs", "missing"
Kinds = Mapping[str, str | Promise]


@dataclass(frozen=True)
class Entry:
    path: str
    size: int
    sha256: str


class Archive:
    """A ZIP under way; each file is hashed while it is written, none is held whole."""

    def __init__(self, out: IO[bytes], *, at: datetime) -> None:
        self.zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        self.made = at.astimezone(UTC).timetuple()[:6]
        self.entries: list[Entry] = []

    def add(self, path: str, chunks: Iterator[bytes], *, packed: bool = True) -> Entry:
        info = zipfile.ZipInfo(path, date_time=self.made)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        sha256, size = hashlib.sha256(), 0
        with self.zip.open(info, "w") as file:
            for chunk in chunks:
                file.write(chunk)
                sha256.update(chunk)
                size += len(chunk)
        entry = Entry(path, size, sha256.hexdigest())
        self.entries.append(entry)
        return entry


def case_file(
    request: RefundRequest,
    *,
    by: User,
    at: datetime,
    words: Kinds,
    internal: bool = True,
) -> IO[bytes]:
    """The file, open at its start; closed, it is gone from the disk.

    words     what each kind of event is called, for the page to read
    internal  with notes among the staff, or without, for who is outside
    """
    with contextlib.ExitStack() as until_whole:
        out = until_whole.enter_context(tempfile.TemporaryFile())
        write_case_file(out, request, by=by, at=at, words=words, internal=internal)
        out.seek(0)
        until_whole.pop_all()
    return out


def check_may_export(request: RefundRequest, *, by: User) -> None:
    """NotPermitted for whose work it is not, and for who belongs to the customer."""
    if request.is_member(by):
        raise NotPermitted(_("You belong to this customer; somebody else exports it."))
    if not by.roles & EXPORTING or not reads_about(by, request.customer_id):
        raise NotPermitted(
            _("Evaluators, approvers, finance and auditors export a case file.")
        )


def write_case_file(
    out: IO[bytes],
    request: RefundRequest,
    *,
    by: User,
    at: datetime,
    words: Kinds,
    internal: bool = True,
) -> None:
    """Records the export once the file is whole, and before anybody has it."""
    check_may_export(request, by=by)
    if request.state == State.DRAFT:
        raise NotPermitted(
            _("A draft is nobody's case yet. Export it once it is sent.")
        )
    archive = Archive(out, at=at)
    with archive.zip:
        with transaction.atomic():
            scope = _scope(request, internal=internal)
            sent = list(evidence_of(scope.request))
            _write_rows(archive, scope, sent)
            _write_page(archive, scope, sent, words=words, at=at)
        evidence = [_write_evidence(archive, n, e) for n, e in enumerate(sent, 1)]
        manifest = {
            "makegood_case_file": FORMAT,
            "number": scope.request.number,
            "created_at": at.astimezone(UTC).isoformat(),
            "created_by": scope.person(by),
            "internal": internal,
            "events": scope.count,
            "chain_head": scope.head,
            "files": [asdict(entry) for entry in archive.entries],
            "evidence": evidence,
        }
        proof = archive.add("manifest.json", iter([_json(manifest)]))
    data = {"sha256": proof.sha256, "internal": internal}
    record(request, "file_exported", by=by, at=at, data=data)


def _scope(request: RefundRequest, *, internal: bool) -> Scope:
    rows = RefundRequest.objects.select_for_update(of=("self",))
    locked = rows.select_related("customer", "contract", "service", "filed_by").get(
        pk=request.pk
    )
    return Scope(locked, internal, locked.event_count, locked.event_head)


def _write_rows(archive: Archive, scope: Scope, sent: list[Evidence]) -> None:
    for path, part in PARTS.items():
        rows = part(scope)
        if isinstance(rows, dict):
            archive.add(path, iter([_json(rows)]))
        else:
            archive.add(path, _array(rows))
    names = (
        "pk kind name content_type size pages sha256 added_by added_at frozen_at "
        "verdict verdict_reason"
    )
    rows = (scope.row(evidence, *names.split()) for evidence in sent)
    archive.add("evidence.json", _array(rows))


def _write_page(
    archive: Archive, scope: Scope, sent: list[Evidence], *, words: Kinds, at: datetime
) -> None:
    """What a person reads first, in their language; and how the file is checked."""
    request = scope.request
    rows = request.events.filter(position__lte=scope.count).select_related("actor")
    told = [(words.get(event.kind, event.kind), _for(scope, event)) for event in rows]
    said = request.messages.select_related("author").order_by("at", "pk")
    context = {
        "request": request,
        "scope": scope,
        "events": told,
        "messages": said if scope.internal else said.filter(internal=False),
        "evidence": sent,
        "offers": scope.offers,
        "at": at,
    }
    for path in ("file.html", "README.txt"):
        page = render_to_string(f"record/{path}", context)
        archive.add(path, iter([page.encode()]))


def _for(scope: Scope, event: Event) -> Row:
    withheld = event.kind in AMONG_STAFF and not scope.internal
    return {
        "at": event.at,
        "who": scope.person(event.actor)["name"] if event.actor else "Makegood",
        "reason": "" if withheld else event.reason,
        "digest": event.digest,
    }


def _write_evidence(archive: Archive, nth: int, evidence: Evidence) -> Row:
    """Pictures and PDFs are packed already."""
    path = f"evidence/{nth:02d}-{safe_name(evidence.name)}"
    told: Row = {"path": path, "name": evidence.name, "sha256": evidence.sha256}
    try:
        file = evidence.file.open("rb")
    except OSError:
        return {**told, "path": None, "found": MISSING}
    with file:
        entry = archive.add(path, _chunks(file), packed=False)
    same = (entry.sha256, entry.size) == (evidence.sha256, evidence.size)
    return {**told, "found": AS_SENT if same else DIFFERS}


def _chunks(file: Any) -> Iterator[bytes]:
    """Where the disk fails midway, the file ends there, and is told to differ."""
    with contextlib.suppress(OSError):
        while chunk := file.read(CHUNK):
            yield chunk


def safe_name(name: str) -> str:
    """One that leads nowhere else and that any machine can write; its ending stays."""
    plain = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFC", name))
    path = PurePath(plain.strip("._-") or "file")
    ending = path.suffix[:10]
    room = MOST_BYTES - len(ending.encode())
    stem = path.stem[:LONGEST_NAME].encode()[:room].decode(errors="ignore")
    return f"{stem}{ending}"


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def _array(rows: Iterator[Row]) -> Iterator[bytes]:
    """A JSON array, a row at a time."""
    yield b"["
    for nth, row in enumerate(rows):
        text = json.dumps(row, ensure_ascii=False)
        yield f"{',' if nth else ''}\n{text}".encode()
    yield b"\n]\n"
