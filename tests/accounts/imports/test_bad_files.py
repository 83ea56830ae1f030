"""Bad files, each by its name: an error by row and column, or a refusal; nothing is
imported."""

import zipfile
from io import BytesIO

import pytest

from accounts.models import Payment, RecordsImport, Service, User
from accounts.resources.complaints import FileRefused
from tests.accounts.imports.files import (
    as_csv,
    as_xlsx,
    everything,
    imported,
    payment_row,
    sent,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database_rules]


def refused(
    content: bytes, *, by: User, table: str = "payments", name: str = "file.csv"
) -> list[tuple[int, str, str]]:
    """What is told of the file; and nothing came of it."""
    before = everything()
    job = sent(content, by=by, table=table, name=name)
    assert job.state == RecordsImport.State.REFUSED
    assert everything() == before
    return told(job)


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"contract": "C-none"}, "contract", "There is no contract “C-none”."),
        ({"service": "Sauna"}, "service", "has no service “Sauna”."),
        ({"paid_at": "01/03/2026"}, "paid_at", "“01/03/2026” is no moment."),
        ({"paid_at": "2026-02-30 09:30"}, "paid_at", "is no moment."),
        ({"paid_at": "1026-02-20 09:30"}, "paid_at", "The year 1026"),
        ({"amount": "-5.00"}, "amount", "A sum can't be negative."),
        ({"amount": "0"}, "amount", "has to be above zero"),
        ({"amount": "12.345"}, "amount", "is no sum in CNY"),
        ({"amount": "1e5"}, "amount", "is no sum in CNY"),
        ({"amount": ""}, "amount", "empty"),
        ({"amount": "9" * 30}, "amount", "too large"),
        ({"currency": "USD"}, "currency", "The contract is in CNY."),
        ({"currency": "XYZ"}, "currency", "“XYZ” is no currency."),
        ({"route": "cash"}, "route", "“cash” is none of these"),
        ({"trade_number": "9" * 65}, "trade_number", "at most 64 characters"),
        ({"trade_number": ""}, "trade_number", "empty"),
        ({"payer_account": "=1+1"}, "payer_account", "“=1+1” is a formula."),
        ({"payer_account": "@SUM(A1)"}, "payer_account", "is a formula."),
        ({"payer_account": "-1+cmd|' /C calc'!A0"}, "payer_account", "is a formula."),
        ({"payer_account": "a\x07b"}, "payer_account", "control character"),
        ({"allocated": "12000.01"}, "allocated", "More belongs to services"),
        ({"allocated": "-1"}, "allocated", "can't be negative"),
        ({"service": "", "contract": ""}, "customer", "Name the customer"),
        ({"service": ""}, "service", "Name the contract and the service"),
    ],
)
def test_a_wrong_cell_is_told_by_row_and_column(
    service: Service, keeper: User, cells: dict[str, str], column: str, words: str
) -> None:
    good = payment_row(service, trade_number="1")
    errors = refused(as_csv(good, payment_row(service, **cells)), by=keeper)
    assert [(row, where) for row, where, _words in errors] == [(3, column)]
    assert words in errors[0][2]


def test_what_else_is_wrong_in_the_row_is_told_at_once(
    service: Service, keeper: User
) -> None:
    wrong = {"contract": "C-none", "amount": "-5", "paid_at": "2026-13-01"}
    errors = refused(as_csv(payment_row(service, **wrong)), by=keeper)
    assert {column for _row, column, _words in errors} == set(wrong)


def test_a_number_that_is_there_already(service: Service, keeper: User) -> None:
    imported(as_csv(payment_row(service)), by=keeper)
    (error,) = refused(as_csv(payment_row(service)), by=keeper)
    assert error == (2, "trade_number", "This number is there already.")


def test_a_number_twice_in_the_file(service: Service, keeper: User) -> None:
    row = payment_row(service)
    (error,) = refused(as_csv(row, row), by=keeper)
    assert error[:2] == (3, "trade_number")
    assert "in row 2 already" in error[2]


def test_rows_of_one_payment_that_differ(service: Service, keeper: User) -> None:
    other = payment_row(service, amount="13000.00")
    errors = refused(as_csv(payment_row(service), other), by=keeper)
    assert errors[0][:2] == (3, "amount")
    assert "differs from row 2" in errors[0][2]


def test_every_error_is_counted_and_the_first_two_hundred_kept(
    service: Service, keeper: User
) -> None:
    rows = [payment_row(service, amount="x", trade_number=str(n)) for n in range(205)]
    job = sent(as_csv(*rows), by=keeper)
    assert (job.error_count, len(job.errors)) == (205, 200)


def header(service: Service) -> str:
    return as_csv(payment_row(service)).decode().splitlines()[0]


def test_an_unknown_column(service: Service, keeper: User) -> None:
    (error,) = refused(as_csv(payment_row(service, mood="good")), by=keeper)
    assert error[:2] == (1, "mood")
    assert "There is no column “mood”." in error[2]


def test_a_missing_column(service: Service, keeper: User) -> None:
    row = payment_row(service)
    del row["amount"]
    (error,) = refused(as_csv(row), by=keeper)
    assert error == (1, "", "These columns are missing: amount.")


def test_a_column_twice(service: Service, keeper: User) -> None:
    (error,) = refused(f"{header(service)},amount\n".encode(), by=keeper)
    assert error == (1, "amount", "The column “amount” is there twice.")


def test_a_thousand_columns(service: Service, keeper: User) -> None:
    content = ",".join(f"c{n}" for n in range(1000)).encode()
    (error,) = refused(content, by=keeper)
    assert "The file has 1000 columns" in error[2]
    wide = as_xlsx([f"c{n}" for n in range(1000)])
    (error,) = refused(wide, by=keeper, name="wide.xlsx")
    assert "The row has 1000 cells." in error[2]


@pytest.mark.parametrize("row", ["alipay,1", "alipay" + ",x" * 30])
def test_a_ragged_row(service: Service, keeper: User, row: str) -> None:
    (error,) = refused(f"{header(service)}\n{row}\n".encode(), by=keeper)
    assert error[0] == 2
    assert "cells, but there are 9 columns" in error[2]


def test_a_quote_that_never_ends(service: Service, keeper: User) -> None:
    errors = refused(f'{header(service)}\nalipay,"1\n'.encode(), by=keeper)
    assert errors[-1][0] == 2
    assert "can't be read as CSV" in errors[-1][2]


def test_a_nul_byte(service: Service, keeper: User) -> None:
    content = as_csv(payment_row(service)).replace(b"138", b"1\x008")
    (error,) = refused(content, by=keeper)
    assert error[0] == 2
    assert "NUL" in error[2]


def test_a_file_with_a_byte_order_mark_is_read(service: Service, keeper: User) -> None:
    content = as_csv(payment_row(service), encoding="utf-8-sig")
    assert imported(content, by=keeper).read_as == "UTF-8"
    assert Payment.objects.filter(trade_number=payment_row(service)["trade_number"])


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_a_file_in_gbk_is_read_and_it_is_said(
    service: Service, keeper: User, encoding: str
) -> None:
    row = payment_row(service, payer_account="张**")
    assert imported(as_csv(row, encoding=encoding), by=keeper).read_as == "GB18030"
    assert Payment.objects.get(trade_number=row["trade_number"]).payer_account == "张**"


@pytest.mark.parametrize("content", [b"\xff\xfea\x00,\x00", b"route\n\xff\xff\xff"])
def test_an_encoding_that_is_not_known(keeper: User, content: bytes) -> None:
    (error,) = refused(content, by=keeper)
    assert "UTF-8" in error[2]


def test_too_many_rows(
    service: Service, keeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.resources.sheet.MOST_ROWS", 3)
    rows = [payment_row(service, trade_number=str(n)) for n in range(4)]
    errors = refused(as_csv(*rows), by=keeper)
    assert "more than 200,000 rows" in errors[-1][2]


def test_a_file_that_is_too_big_is_not_kept(
    keeper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.resources.sheet.MOST_BYTES", 10)
    with pytest.raises(FileRefused, match="larger than 50 MB"):
        sent(b"x" * 11, by=keeper)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "file.csv", "empty"),
        (b"route,amount\n", "file.xlsx", "called .xlsx, but it is none"),
        (as_xlsx(["route"]), "file.csv", "called .csv, but it is a packed file"),
        (b"\xd0\xcf\x11\xe0\xa1", "file.xlsx", "old Excel file or has a password"),
        (b"route", "file.pdf", "has to be CSV or XLSX"),
    ],
    ids=["empty", "csv called xlsx", "xlsx called csv", "old excel", "neither"],
)
def test_a_file_that_is_not_what_it_is_called_is_not_kept(
    keeper: User, content: bytes, name: str, words: str
) -> None:
    with pytest.raises(FileRefused, match=words):
        sent(content, by=keeper, name=name)
    assert not RecordsImport.objects.exists()


def test_a_file_with_a_first_row_only_brings_nothing(
    service: Service, keeper: User
) -> None:
    job = sent(f"{header(service)}\n".encode(), by=keeper)
    assert (job.state, job.rows) == (RecordsImport.State.CHECKED, 0)


@pytest.mark.parametrize("content", [b"\n\n", b" , ,\n", b"\xef\xbb\xbf"])
def test_a_first_row_that_names_nothing(keeper: User, content: bytes) -> None:
    (error,) = refused(content, by=keeper)
    assert "empty" in error[2]


# XLSX


def sheet_of(service: Service, **cells: object) -> bytes:
    row = payment_row(service) | cells
    return as_xlsx(list(row), list(row.values()))


def test_a_formula_in_a_spreadsheet(service: Service, keeper: User) -> None:
    content = sheet_of(service, amount="=1+1")
    (error,) = refused(content, by=keeper, name="file.xlsx")
    assert error[:2] == (2, "C")
    assert "formula" in error[2]


def test_a_number_that_the_spreadsheet_shortened(
    service: Service, keeper: User
) -> None:
    content = sheet_of(service, trade_number=2026030122001400000001)
    (error,) = refused(content, by=keeper, name="file.xlsx")
    assert error[:2] == (2, "B")
    assert "lost digits" in error[2]


def packed(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def repacked(content: bytes, **changed: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    return packed(parts | {k.replace("__", "/"): v for k, v in changed.items()})


def test_a_zip_bomb_called_xlsx(keeper: User, service: Service) -> None:
    bomb = repacked(sheet_of(service), **{"xl__sharedStrings.xml": b" " * 101 * 2**20})
    assert len(bomb) < 2**20
    (error,) = refused(bomb, by=keeper, name="bomb.xlsx")
    assert "Unpacked, the file is far too large." in error[2]


def test_a_packed_file_whose_directory_lies(keeper: User, service: Service) -> None:
    """The size in its directory is made small: what is read stays that small."""
    name = b"xl/worksheets/sheet1.xml"
    content = bytearray(repacked(sheet_of(service)))
    entry = content.rindex(name) - 46
    content[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    (error,) = refused(bytes(content), by=keeper, name="liar.xlsx")
    assert "can't be read as XLSX" in error[2]


def test_entities_in_a_spreadsheet(keeper: User, service: Service) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>'
    content = repacked(sheet_of(service), **{"xl__sharedStrings.xml": laughs})
    (error,) = refused(content, by=keeper, name="laughs.xlsx")
    assert "can't be read as XLSX" in error[2]


@pytest.mark.parametrize(
    "content", [packed({"a.txt": b"a"}), b"PK\x03\x04 and then nothing"]
)
def test_a_zip_that_is_no_spreadsheet(keeper: User, content: bytes) -> None:
    (error,) = refused(content, by=keeper, name="file.xlsx")
    assert "can't be read as XLSX" in error[2]


def test_a_row_far_below_the_others(keeper: User, service: Service) -> None:
    content = sheet_of(service)
    with zipfile.ZipFile(BytesIO(content)) as file:
        sheet = file.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b'<row r="2"', b'<row r="99999999"')
    moved = repacked(content, **{"xl__worksheets__sheet1.xml": far})
    errors = refused(moved, by=keeper, name="far.xlsx")
    assert "more than 200,000 rows" in errors[-1][2]
