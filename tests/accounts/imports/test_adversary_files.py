"""Files made to stop the import without a word, or to slip something past it."""

import zipfile
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest

from accounts.models import Contract, RecordsImport, Service, User
from accounts.resources import xlsx_sheet
from accounts.resources.columns import MOST_COLUMNS
from accounts.resources.complaints import FileRefused
from tests.accounts.imports.files import as_csv, as_xlsx, imported, sent, told
from tests.accounts.records.desk import place, saved
from tests.refunds.pages.visits import downloads, visitor

pytestmark = pytest.mark.postgres
State = RecordsImport.State
SHEET = "xl/worksheets/sheet1.xml"


def clause(contract: Contract, **said: str) -> dict[str, str]:
    return {
        "contract": contract.number,
        "rule": "live.early_unavailable",
        "wording": "As agreed.",
        **said,
    }


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The same spreadsheet with its only sheet written anew."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            kept = parts.get("sheet") if part.filename == SHEET else None
            new.writestr(part.filename, kept or old.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def sheet_of(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    head = f'<worksheet xmlns="{space}"><sheetData>'
    return f"{head}{rows}</sheetData></worksheet>".encode()


@pytest.mark.parametrize("written", [r'"\u0000"', r'"\ud800"'], ids=["nul", "half"])
@pytest.mark.xfail(
    strict=True,
    reason="JSON spells what PostgreSQL refuses; the complaint itself can't be kept",
)
def test_a_character_that_can_t_be_kept_is_an_error_of_its_row(
    service: Service, keeper: User, written: str
) -> None:
    row = clause(service.contract, field="window.anchor", value=written)
    job = sent(as_csv(row), by=keeper, table="clauses")
    assert job.state == State.REFUSED
    assert [row for row, _column, _reason in told(job)] == [2]


@pytest.mark.parametrize("name", [r"\u0000", r"\ud800"], ids=["nul", "half"])
@pytest.mark.xfail(
    strict=True,
    reason="JSON spells what PostgreSQL refuses; the complaint itself can't be kept",
)
def test_a_promise_of_a_character_that_can_t_be_kept_is_an_error_of_its_row(
    service: Service, keeper: User, name: str
) -> None:
    row = {
        "contract": service.contract.number,
        "name": "Line",
        "billing": "term",
        "promised": f'{{"{name}": "99"}}',
    }
    job = sent(as_csv(row), by=keeper, table="services")
    assert job.state == State.REFUSED
    assert [row for row, _column, _reason in told(job)] == [2]


@pytest.mark.xfail(
    strict=True,
    reason="only the form asks whether there is such a version; the customer is stuck",
)
def test_a_contract_that_names_no_version_there_is_is_refused(
    service: Service, keeper: User
) -> None:
    row = {
        "number": "C-77",
        "customer": service.contract.customer.name,
        "product_line": "live_streaming",
        "signed_on": "2026-10-26",
        "effective_on": "2026-10-26",
        "currency": "CNY",
        "policy_version": "99",
    }
    job = sent(as_csv(row), by=keeper, table="contracts")
    assert job.state == State.REFUSED
    assert [row for row, _column, _reason in told(job)] == [2]


@pytest.mark.parametrize("number", ["1e999", "NaN", "-1e999"])
@pytest.mark.xfail(
    strict=True, reason="int() of it raises outside of the try: no word, five attempts"
)
def test_a_number_without_end_is_an_error_of_its_row(keeper: User, number: str) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
        f'<row r="2"><c r="A2"><v>{number}</v></c></row>'
    )
    content = repacked(as_xlsx(["name"]), sheet=sheet_of(rows))
    job = sent(content, by=keeper, table="customers", name="file.xlsx")
    assert job.state == State.REFUSED
    assert [row for row, _column, _reason in told(job)] == [2]


@pytest.mark.xfail(
    strict=True,
    reason="an empty cell in the last column makes a row of 16,384; times 200,000 rows",
)
def test_empty_cells_far_to_the_right_cost_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
        '<row r="2"><c r="XFD2"/></row>'
    )
    widths, real = [], xlsx_sheet._row_of

    def measured(cells: Any, number: int) -> list[str]:
        widths.append(len(cells))
        return real(cells, number)

    monkeypatch.setattr(xlsx_sheet, "_row_of", measured)
    content = repacked(as_xlsx(["name"]), sheet=sheet_of(rows))
    with suppress(FileRefused):  # As good.
        list(xlsx_sheet.open_xlsx(BytesIO(content)).lines)
    assert max(widths) <= MOST_COLUMNS + 1


@pytest.mark.xfail(
    strict=True,
    reason="a file may bring a third; the page shows it rounded and then refuses it",
)
def test_a_contract_whose_clause_came_by_file_can_still_be_saved(
    service: Service, keeper: User
) -> None:
    third = clause(service.contract, field="share", value='"1/3"')
    imported(as_csv(third), by=keeper, table="clauses")
    saved(visitor(keeper), place(service.contract), {"refund_cap": "5000.00"})


@pytest.mark.xfail(
    strict=True, reason="who uploaded a file may open it for ever, in whatever role"
)
def test_who_is_no_administrator_any_more_reads_no_customers_file(
    service: Service, keeper: User
) -> None:
    row = clause(service.contract, field="share", value="0.9")
    job = sent(as_csv(row), by=keeper, table="clauses")
    address = f"/admin/accounts/recordsimport/{job.pk}/file/"
    keeper.groups.clear()
    assert downloads(visitor(keeper), address).status_code in (403, 404)
