"""What was exported comes in again: with no change, or, where every row is a new one,
into records without it, as it was. Nothing in it is a formula."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import (
    Contract,
    ContractClause,
    Customer,
    Fee,
    Invoice,
    Outage,
    Payment,
    PaymentAllocation,
    QualityReading,
    RecordsImport,
    Service,
    ServiceItem,
    Usage,
    User,
)
from accounts.resources.resource import Existing
from accounts.resources.tables import BY_TABLE, RESOURCES
from tests.accounts.imports.files import as_csv, imported, payment_row, sent
from tests.factories import ContractFactory, ServiceFactory
from tests.refunds.pages.visits import downloads, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.database_rules]
BEGAN = datetime(2026, 3, 1, 1, 30, 15, 250, tzinfo=UTC)
FORMULA = '=HYPERLINK("x")'
TABLES = [each.table for each in RESOURCES]
NEW_ROWS_ONLY = {each.table for each in RESOURCES if each.existing is Existing.REFUSED}


def agreed(
    contract: Contract, rule: str, field: str, value: object, wording: str
) -> None:
    ContractClause.objects.create(
        contract=contract, rule=rule, field=field, value=value, wording=wording
    )


@pytest.fixture
def records(service: Service, keeper: User, now: datetime) -> None:
    """Some of every table: names that look like formulas, twins, yen, empty cells."""
    contract = service.contract
    Customer.objects.create(name=FORMULA, account_manager=keeper)
    twin = Customer.objects.create(name="张伟", kind="individual")
    Customer.objects.create(name="张伟", kind="individual", time_zone="Europe/Berlin")
    yen = ContractFactory.create(
        customer=twin, currency="JPY", minimum_commitment=5000, refund_cap=70_000
    )
    agreed(contract, "live.long_outage", "share", "0.5", "=甲\n乙, “丙”")
    agreed(contract, "live.early_unavailable", "claim_within", 30, "+1 day")
    lessons = ServiceFactory.create(
        contract=yen, name="'=1", billing="lessons", promised={"availability": "99.95"}
    )
    renewal = ServiceFactory.create(
        contract=contract, name=service.name, continues=service, activated_at=BEGAN
    )
    ServiceItem.objects.create(service=service, name="@item", value=100_05)
    ServiceItem.objects.create(service=renewal, name="@item")
    Fee.objects.create(service=renewal, name="Fee", amount=0, refundable="0.5")
    Usage.objects.create(service=lessons, lessons_total=10, lessons_used=0, consumed=7)
    Outage.objects.create(
        service=lessons, began_at=BEGAN, extent="degraded", cause="customer"
    )
    QualityReading.objects.create(
        service=service, metric="availability", period_from=BEGAN,
        period_to=BEGAN + timedelta(days=30), promised="99.95", measured="98",
        source="provider", accepted=True,
    )  # fmt: skip
    Invoice.objects.create(
        number="-007", contract=yen, kind="digital", issued_on=date(2026, 3, 1),
        amount=1234, tax=34, reversed=200,
    )  # fmt: skip
    shared = Payment.objects.create(
        customer=contract.customer, route="stripe", trade_number="=1+1",
        amount=300_00, paid_at=BEGAN, payer_account="+86 138", disputed=True,
    )  # fmt: skip
    for each, amount in ((service, 100_00), (renewal, 150_01)):
        PaymentAllocation.objects.create(payment=shared, service=each, amount=amount)
    Payment.objects.create(
        customer=twin, route="alipay", trade_number="2", amount=5, currency="JPY",
        paid_at=BEGAN,
    )  # fmt: skip


def export(client: Client, table: str, form: str, query: str = "") -> bytes:
    listed = BY_TABLE[table].listed_by()
    address = f"/admin/accounts/{listed}/export/{table}.{form}{query}"
    answer = downloads(client, address)
    assert answer.status_code == 200
    body: bytes = answer.body
    return body


def emptied(table: str) -> None:
    if table == "payments":
        PaymentAllocation.objects.all().delete()
    BY_TABLE[table].model._default_manager.all().delete()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("table", TABLES)
def test_what_went_out_comes_in_again_as_it_was(
    records: None, keeper: User, table: str, form: str
) -> None:
    client = visitor(keeper)
    first = export(client, table, form)
    name = f"file.{form}"
    if table in NEW_ROWS_ONLY:
        before = export(client, table, "csv")
        emptied(table)
        job = imported(first, by=keeper, table=table, name=name)
        assert job.created == BY_TABLE[table].model._default_manager.count() > 0
        assert sorted_lines(export(client, table, "csv")) == sorted_lines(before)
    else:
        job = sent(first, by=keeper, table=table, name=name)
        there = BY_TABLE[table].model._default_manager.count()
        assert job.errors == []
        assert (job.created, job.changed, job.unchanged) == (0, 0, there)
        assert there > 0


def sorted_lines(content: bytes) -> list[str]:
    return sorted(content.decode("utf-8-sig").splitlines())


def test_a_formula_goes_out_as_text(records: None, keeper: User) -> None:
    client = visitor(keeper)
    text = export(client, "customers", "csv").decode("utf-8-sig")
    names = [row["name"] for row in csv.DictReader(StringIO(text))]
    assert f"'{FORMULA}" in names
    assert not [name for name in names if name[0] in "=+-@\t\r"]
    book = load_workbook(BytesIO(export(client, "customers", "xlsx")))
    cells = {cell.value: cell.data_type for cell in book.active["B"]}
    assert cells[FORMULA] == "s"


def test_a_name_in_the_services_file_keeps_its_apostrophe(
    records: None, keeper: User
) -> None:
    """A stored `'=1` goes out as `''=1`, and comes in as what it was."""
    text = export(visitor(keeper), "services", "csv").decode("utf-8-sig")
    assert "''=1" in [row["name"] for row in csv.DictReader(StringIO(text))]


def test_sums_in_a_spreadsheet_are_numbers(records: None, keeper: User) -> None:
    book = load_workbook(BytesIO(export(visitor(keeper), "payments", "xlsx")))
    rows = {row[1]: row for row in book.active.iter_rows(values_only=True)}
    assert (rows["=1+1"][4], rows["2"][4]) == (300, 5)


def test_moments_go_out_with_their_offset(records: None, keeper: User) -> None:
    text = export(visitor(keeper), "outages", "csv").decode("utf-8-sig")
    began = [row["began_at"] for row in csv.DictReader(StringIO(text))]
    assert "2026-03-01T09:30:15.000250+08:00" in began


def test_a_moment_without_offset_is_in_the_contracts_time_zone(
    service: Service, keeper: User
) -> None:
    service.contract.time_zone = "America/New_York"
    service.contract.save()
    imported(as_csv(payment_row(service)), by=keeper)
    paid_at = Payment.objects.get(trade_number=payment_row(service)["trade_number"])
    assert paid_at.paid_at == datetime(2026, 3, 1, 14, 30, tzinfo=UTC)


def test_a_moment_that_the_clocks_show_twice_is_not_guessed(
    service: Service, keeper: User
) -> None:
    service.contract.time_zone = "America/New_York"
    service.contract.save()
    row = payment_row(service, paid_at="2026-11-01 01:30")
    job = sent(as_csv(row), by=keeper)
    assert "The clocks changed" in job.errors[0]["reason"]


def test_latest_usage_replaces_what_was_there(
    records: None, keeper: User, service: Service, now: datetime
) -> None:
    row = {"contract": service.contract.number, "service_number": str(service.pk),
           "service": service.name, "share_used": "0.25"}  # fmt: skip
    imported(as_csv(row), by=keeper, table="usage")
    row["share_used"] = "0.5"
    Usage.objects.filter(service=service).update(recorded_at=BEGAN)
    job = imported(as_csv(row), by=keeper, table="usage")
    assert (job.created, job.changed) == (0, 1)
    usage = Usage.objects.get(service=service)
    assert usage.share_used == "0.5"
    assert usage.recorded_at == now


def test_terms_are_not_changed_by_a_file(
    records: None, keeper: User, service: Service
) -> None:
    number = service.contract.number
    text = export(visitor(keeper), "contracts", "csv", f"?number={number}")
    changed = text.decode().replace("live_streaming", "online_course")
    job = sent(changed.encode(), by=keeper, table="contracts")
    assert job.state == RecordsImport.State.REFUSED
    assert job.errors[0]["column"] == "product_line"


def test_two_of_one_name_are_told_apart_by_their_number(
    records: None, keeper: User
) -> None:
    row = {"name": "张伟", "kind": "individual", "tier": "dedicated"}
    job = sent(as_csv(row), by=keeper, table="customers")
    assert "Several records have this name" in job.errors[0]["reason"]
    second = Customer.objects.filter(name="张伟").last()
    assert second is not None
    imported(as_csv(row | {"number": str(second.pk)}), by=keeper, table="customers")
    assert Customer.objects.get(tier="dedicated") == second
    job = sent(as_csv(row | {"number": "999999"}), by=keeper, table="customers")
    assert job.errors[0]["column"] == "number"


def test_chinese_headers_are_taken_too(keeper: User) -> None:
    row = {"名称": "新客户", "类型": "individual"}
    imported(as_csv(row), by=keeper, table="customers")
    assert Customer.objects.get(name="新客户").kind == "individual"


def test_a_column_that_the_file_lacks_is_left_alone(
    records: None, keeper: User
) -> None:
    row = {"name": FORMULA.replace("=", "'="), "tier": "dedicated"}
    imported(as_csv(row), by=keeper, table="customers")
    customer = Customer.objects.get(name=FORMULA)
    assert (customer.tier, customer.account_manager) == ("dedicated", keeper)


def test_the_models_own_rules_hold(service: Service, keeper: User) -> None:
    row = {"contract": service.contract.number, "service": service.name,
           "began_at": "2026-03-02 09:00", "ended_at": "2026-03-01 09:00",
           "extent": "total", "cause": "provider"}  # fmt: skip
    job = sent(as_csv(row), by=keeper, table="outages")
    assert job.errors == [
        {"row": 2, "column": "ended_at", "reason": "It ends before it begins."}
    ]
