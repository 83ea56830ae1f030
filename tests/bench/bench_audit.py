"""`verify_audit` of a million events, a process of its own, against reading the same
rows and hashing them in a bare loop; and its memory, at a tenth of that too.
"""

import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection, transaction

from accounts.models import Service, User
from refunds.models import Event, RefundRequest
from refunds.record.chain import CHAINED, digest
from refunds.states import State
from tests.factories import ServiceFactory, UserFactory

FEW, MANY, LIFE = 5_000, 50_000, 20
ROOT = Path(__file__).parents[2]
BEGAN = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
MOST_SECONDS, FLAT = 180.0, 1.2
REMINDED = {"deadline": "preliminary_review", "stage": "overdue_1"}
# The kernel's own word on it: what `getrusage` says of a child counts its parent too.
WATCHED = """
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
call_command("verify_audit")
print(Path("/proc/self/status").read_text())
"""
COLUMNS = (*CHAINED, "previous", "digest")


def figures() -> list[dict[str, Any]]:
    service, user = ServiceFactory.create(), UserFactory.create()
    _fill(service, user, first=1, last=FEW)
    _seconds, few = _verified()
    _fill(service, user, first=FEW + 1, last=MANY)
    bare = _bare_loop()
    seconds, many = _verified()
    return [_of_time(seconds, bare), _of_memory(many, few)]


def _of_time(seconds: float, bare: float) -> dict[str, Any]:
    return {
        "what": f"verify_audit, {MANY * LIFE:,} events of {MANY:,} requests",
        "ours_seconds": seconds,
        "reference": "reading the same rows and hashing them in a bare loop",
        "reference_seconds": bare,
        "ratio": seconds / bare,
        "target": f"<= {MOST_SECONDS:g} seconds",
        "reached": seconds <= MOST_SECONDS,
    }


def _of_memory(many: float, few: float) -> dict[str, Any]:
    return {
        "what": "the same, most memory held, in MB",
        "ours_seconds": many,
        "reference": f"of {FEW * LIFE:,} events, in MB",
        "reference_seconds": few,
        "ratio": many / few,
        "target": f"<= {FLAT:g} x",
        "reached": many / few <= FLAT,
    }


def _verified() -> tuple[float, float]:
    """(seconds, MB) of the command as an operator runs it."""
    given = urlsplit(os.environ["DATABASE_URL"])
    name = str(connection.settings_dict["NAME"])
    url = given._replace(path=f"/{name}").geturl()
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", WATCHED],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        check=True,
        capture_output=True,
        text=True,
    )
    [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", done.stdout)
    return time.perf_counter() - began, int(kilobytes) / 1024


def _bare_loop() -> float:
    began = time.perf_counter()
    columns = ", ".join(COLUMNS)
    statement = f"SELECT {columns} FROM refunds_event ORDER BY request_id, position"
    with transaction.atomic():
        connection.ensure_connection()
        with connection.connection.cursor(name="bare") as cursor:
            cursor.itersize = 2000
            for row in cursor.execute(statement):
                hashlib.sha256(repr(row).encode()).hexdigest()
    return time.perf_counter() - began


def _fill(service: Service, user: User, *, first: int, last: int) -> None:
    """Whole lives, from submission through reminders to withdrawal."""
    heads: list[str] = []
    lines = (line for pk in range(first, last + 1) for line in _life(pk, user, heads))
    with connection.cursor() as cursor:
        # As loading does: a million rows' foreign keys are right by construction.
        cursor.execute("SET session_replication_role = replica")
        _copy(cursor, Event, COLUMNS, lines)
        rows = (
            _request(pk, service, user, head)
            for pk, head in enumerate(heads, start=first)
        )
        _copy(cursor, RefundRequest, tuple(_request(0, service, user, "")), rows)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE refunds_event, refunds_refundrequest")


def _life(pk: int, user: User, heads: list[str]) -> Iterator[dict[str, Any]]:
    previous = ""
    for position in range(1, LIFE + 1):
        line = {
            "request_id": pk,
            "position": position,
            "kind": "reminded",
            "actor_id": None,
            "at": BEGAN + timedelta(minutes=pk % 1000, hours=position),
            "from_state": "",
            "to_state": "",
            "reason": "",
            "data": REMINDED,
            **_move(position, user),
        }
        made = digest(previous, line)
        yield {**line, "previous": previous, "digest": made}
        previous = made
    heads.append(previous)


def _move(position: int, user: User) -> dict[str, Any]:
    ends = {
        1: ("submit", State.DRAFT, State.SUBMITTED),
        LIFE: ("withdraw", State.SUBMITTED, State.WITHDRAWN),
    }
    if position not in ends:
        return {}
    kind, before, after = ends[position]
    words = "What we expected did not come; 与描述不符。"
    data = {"amount_asked": 10_000_00, "currency": "CNY", "ground": "outage"}
    return {
        "kind": kind,
        "actor_id": user.pk,
        "from_state": before.value,
        "to_state": after.value,
        "reason": words,
        "data": data,
    }


def _request(pk: int, service: Service, user: User, head: str) -> dict[str, Any]:
    request = RefundRequest(
        id=pk,
        number=f"RF-2026-{pk:06d}",
        customer_id=service.contract.customer_id,
        contract_id=service.contract_id,
        service=service,
        filed_by=user,
        ground="outage",
        amount_asked=10_000_00,
        currency="CNY",
        state=State.WITHDRAWN,
        submitted_at=BEGAN,
        created_at=BEGAN,
        saved_at=BEGAN,
        event_count=LIFE,
        event_head=head,
    )
    names = [field.attname for field in RefundRequest._meta.concrete_fields]
    return {name: getattr(request, name) for name in names}


def _copy(
    cursor: Any, model: Any, columns: tuple[str, ...], rows: Iterator[dict[str, Any]]
) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    statement = f"COPY {model._meta.db_table} ({names}) FROM STDIN"
    fields = [model._meta.get_field(column.removesuffix("_id")) for column in columns]
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(
                [
                    field.get_db_prep_save(row[column], connection)
                    for field, column in zip(fields, columns, strict=True)
                ]
            )
