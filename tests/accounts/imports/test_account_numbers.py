"""A payer's whole account number comes in by a file, and goes out to nobody."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection

from accounts.models import Payment, RecordsImport, Service, User
from tests.accounts.imports.files import as_csv, as_xlsx, imported, payment_row, sent
from tests.refunds.pages.visits import downloads, reads, visitor

pytestmark = pytest.mark.django_db
NUMBER = "6222020200112233445"
PAYER = {
    "route": "bank_transfer",
    "merchant": "sandbox-bank",
    "payer_name": "Xinghe Media",
    "payer_number": "6222 0202 0011 2233 445",
    "payer_bank_code": "102100099996",
}
CHINESE = {
    "merchant": "商户号",
    "payer_name": "付款户名",
    "payer_number": "付款账号(完整)",
    "payer_bank_code": "付款行号",
}


def page_of(job: RecordsImport) -> str:
    return f"/admin/accounts/recordsimport/{job.pk}/change/"


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.database_rules
def test_it_is_kept_sealed(service: Service, keeper: User, *, chinese: bool) -> None:
    row = payment_row(service, **PAYER)
    if chinese:
        row = {CHINESE.get(name, name): text for name, text in row.items()}
    imported(as_csv(row), by=keeper)
    payment = Payment.objects.get(route="bank_transfer")
    assert (payment.merchant, payment.payer_name, payment.payer_bank_code) == (
        "sandbox-bank",
        "Xinghe Media",
        "102100099996",
    )
    assert payment.payer_number == NUMBER
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payer_number FROM accounts_payment WHERE id = %s", [payment.pk]
        )
        (kept,) = cursor.fetchone()
    assert NUMBER not in kept


def test_the_columns_may_be_missing_or_empty(service: Service, keeper: User) -> None:
    imported(as_csv(payment_row(service)), by=keeper)
    empty = dict.fromkeys(CHINESE, "")
    row = payment_row(service, trade_number="2", **empty)
    imported(as_csv(row), by=keeper)
    assert Payment.objects.filter(payer_number="").count() >= 2


@pytest.mark.parametrize("number", ["****3445", "123", "=1+1", "12a45678", "1" * 33])
def test_what_is_none_is_refused_without_quoting_it(
    service: Service, keeper: User, number: str
) -> None:
    row = payment_row(service, **{**PAYER, "payer_number": number})
    job = sent(as_csv(row), by=keeper)
    assert job.state == RecordsImport.State.REFUSED
    (error,) = job.errors
    assert (error["row"], error["column"]) == (2, "payer_number")
    assert number not in error["reason"]
    assert not Payment.objects.filter(route="bank_transfer").exists()


def test_a_bank_code_that_is_none_is_refused(service: Service, keeper: User) -> None:
    row = payment_row(service, **{**PAYER, "payer_bank_code": "12"})
    assert "BIC" in sent(as_csv(row), by=keeper).errors[0]["reason"]


def test_an_export_and_the_pages_have_its_last_four(
    service: Service, keeper: User
) -> None:
    row = payment_row(service, **PAYER)
    client = visitor(keeper)
    checked = sent(as_csv(row), by=keeper)
    preview = client.get(page_of(checked)).content.decode()
    assert "****3445" in preview
    assert "Xinghe Media" in preview
    job = imported(as_csv(row | {"trade_number": "2"}), by=keeper)
    payment = Payment.objects.get(trade_number="2")
    export = "/admin/accounts/payment/export/payments."
    pages = [
        preview,
        client.get(page_of(job)).content.decode(),
        client.get(f"/admin/accounts/payment/{payment.pk}/change/").content.decode(),
        downloads(client, f"{export}csv").body.decode("utf-8-sig"),
        str(list(RecordsImport.objects.values("preview", "errors"))),
    ]
    for text in pages:
        assert NUMBER not in text
        assert PAYER["payer_number"] not in text
    rows = csv.DictReader(StringIO(pages[3]))
    assert [r["payer_number"] for r in rows if r["trade_number"] == "2"] == ["****3445"]
    assert NUMBER.encode() not in downloads(client, f"{export}xlsx").body


def test_rows_out_of_step_are_shown_to_nobody(service: Service, keeper: User) -> None:
    good = as_csv(payment_row(service, **PAYER)).decode().splitlines()
    job = sent("\n".join([good[0], "x," + good[1]]).encode(), by=keeper)
    assert job.state == RecordsImport.State.REFUSED
    assert PAYER["payer_number"] not in str(job.preview)
    unknown = [good[0].replace("payer_number", "number_of_payer"), good[1]]
    job = sent("\n".join(unknown).encode(), by=keeper)
    assert job.preview == []


def test_a_spreadsheet_s_made_up_digits_are_refused(
    service: Service, keeper: User
) -> None:
    row = payment_row(service, **PAYER)
    cells = [*row.values()]
    cells[list(row).index("payer_number")] = int(NUMBER)  # type: ignore[call-overload]
    job = sent(as_xlsx(list(row), cells), by=keeper, name="file.xlsx")
    assert "lost digits" in job.errors[0]["reason"]


def test_the_file_goes_once_it_is_in(
    service: Service, keeper: User, django_capture_on_commit_callbacks: object
) -> None:
    job = sent(as_csv(payment_row(service, **PAYER)), by=keeper)
    storage = RecordsImport._meta.get_field("file").storage
    assert isinstance(storage, FileSystemStorage)
    path = Path(storage.path(str(job.file.name)))
    assert path.exists()
    client = visitor(keeper)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        applied = imported(as_csv(payment_row(service, **PAYER)), by=keeper)
    assert not applied.file
    address = f"/admin/accounts/recordsimport/{applied.pk}/file/"
    assert client.get(address).status_code == 404
    assert "Deleted once it was imported" in reads(client, page_of(applied))
    assert path.exists(), "that of another import stays"
