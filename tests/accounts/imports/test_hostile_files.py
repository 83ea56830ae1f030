"""Files made to stop the import without a word, or to slip something past it."""

import zipfile
from io import BytesIO

import pytest

from accounts.models import Contract, RecordsImport, Service, User
from tests.accounts.imports.files import as_csv, as_xlsx, sent, told

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
def test_a_character_that_can_t_be_kept_is_an_error_of_its_row(
    service: Service, keeper: User, written: str
) -> None:
    row = clause(service.contract, field="window.anchor", value=written)
    job = sent(as_csv(row), by=keeper, table="clauses")
    assert job.state == State.REFUSED
    assert [row for row, _column, _reason in told(job)] == [2]


@pytest.mark.parametrize("name", [r"\u0000", r"\ud800"], ids=["nul", "half"])
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


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_without_end_is_an_error_of_its_row(keeper: User, number: str) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
        f'<row r="2"><c r="A2"><v>{number}</v></c></row>'
    )
    content = repacked(as_xlsx(["name"]), sheet=sheet_of(rows))
    job = sent(content, by=keeper, table="customers", name="file.xlsx")
    assert job.state == State.REFUSED
    assert [row for row, _column, _reason in told(job)] == [2]


def test_a_damaged_spreadsheet_is_refused_in_words(keeper: User) -> None:
    rows = [[f"Customer {n}", "company"] for n in range(200)]
    content = bytearray(as_xlsx(["name", "kind"], *rows))
    packed = content.index(SHEET.encode()) + len(SHEET)
    content[packed : packed + 40] = b"\xff" * 40
    job = sent(bytes(content), by=keeper, table="customers", name="file.xlsx")
    assert job.state == State.REFUSED
    assert "can't be read as XLSX" in told(job)[0][2]


def test_empty_cells_far_to_the_right_are_refused_at_once(keeper: User) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
        '<row r="2"><c r="XFD2"/></row>'
    )
    content = repacked(as_xlsx(["name"]), sheet=sheet_of(rows))
    job = sent(content, by=keeper, table="customers", name="file.xlsx")
    assert job.state == State.REFUSED
    assert told(job) == [(2, "", "The row has 16384 cells.")]


def test_a_third_is_refused_because_no_page_can_show_it(
    service: Service, keeper: User
) -> None:
    third = clause(service.contract, field="share", value='"1/3"')
    job = sent(as_csv(third), by=keeper, table="clauses")
    assert told(job) == [(2, "value", "Write the number as a decimal, such as 0.25.")]
