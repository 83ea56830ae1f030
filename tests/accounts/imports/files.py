"""Files of records as people send them, and what the check says of them."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from openpyxl import Workbook

from accounts.models import RecordsImport, Role, Service, User
from accounts.resources.jobs import confirm, run_due, upload
from accounts.resources.tables import BY_TABLE
from tests.factories import UserFactory

PAYMENT = {
    "route": "alipay",
    "trade_number": "2026030122001400000001",
    "amount": "12000.00",
    "currency": "CNY",
    "paid_at": "2026-03-01 09:30",
    "payer_account": "138****0088",
    "allocated": "12000.00",
}


def keeper_of_records() -> User:
    keeper: User = UserFactory.create(
        email="keeper@example.test", name="keeper", is_staff=True
    )
    keeper.groups.set(Group.objects.filter(name=Role.ADMINISTRATOR))
    return keeper


def payment_row(service: Service, /, **other: str) -> dict[str, str]:
    named = {"contract": service.contract.number, "service": service.name}
    return PAYMENT | named | other


def as_csv(*rows: dict[str, str], encoding: str = "utf-8") -> bytes:
    out = StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    table = book.active
    for row in rows:
        table.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def sent(
    content: bytes, *, by: User, table: str = "payments", name: str = "file.csv"
) -> RecordsImport:
    """Uploaded and checked. Raises FileRefused where nothing is kept."""
    file = ContentFile(content, name=name)
    job = upload(file, name=name, table=table, by=by, at=timezone.now())
    return worked_on(job)


def imported(
    content: bytes, *, by: User, table: str = "payments", name: str = "file.csv"
) -> RecordsImport:
    job = sent(content, by=by, table=table, name=name)
    assert job.state == RecordsImport.State.CHECKED, job.errors
    assert confirm(job, by=by, at=timezone.now())
    return worked_on(job)


def worked_on(job: RecordsImport) -> RecordsImport:
    run_due(clock=timezone.now)
    job.refresh_from_db()
    return job


def told(job: RecordsImport) -> list[tuple[int, str, str]]:
    return [(e["row"], e["column"], e["reason"]) for e in job.errors]


def everything() -> int:
    """How many records there are of all kinds that a file can bring."""
    return sum(each.model._default_manager.count() for each in BY_TABLE.values())
