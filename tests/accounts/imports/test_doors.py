"""Who may import, who may export what, and how the pages go."""

import csv
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer, Payment, RecordsImport, Service, User
from accounts.resources import progress
from accounts.resources.tables import RESOURCES
from tests.accounts.imports.files import as_csv, payment_row, sent, worked_on
from tests.factories import PaymentFactory
from tests.people import People
from tests.refunds.pages.visits import downloads, queries, reads, told, visitor

pytestmark = pytest.mark.django_db
State = RecordsImport.State
PAYMENTS = "/admin/accounts/payment/"


def uploads(client: Client, content: bytes, *, table: str = "payments") -> Any:
    file = SimpleUploadedFile("file.csv", content)
    return client.post(f"{PAYMENTS}import/", {"table": table, "file": file})


def page_of(job: RecordsImport) -> str:
    return f"/admin/accounts/recordsimport/{job.pk}/change/"


@pytest.mark.database_rules
def test_from_the_button_to_the_result(service: Service, keeper: User) -> None:
    client = visitor(keeper)
    assert "Import" in reads(client, PAYMENTS)
    assert "Check the file" in reads(client, f"{PAYMENTS}import/")
    answer = uploads(client, as_csv(payment_row(service)))
    job = RecordsImport.objects.get()
    assert answer.url == page_of(job)
    waiting = client.get(page_of(job))
    assert waiting["Refresh"] == "2"
    assert "Waiting to be checked" in reads(client, page_of(job))
    progress.report(job.pk, 0.42)
    assert "Being checked: 42%" in reads(client, page_of(job))
    progress.end(job.pk)
    worked_on(job)
    checked = reads(client, page_of(job))
    assert "Import this row" in checked
    assert payment_row(service)["trade_number"] in checked
    assert "Refresh" not in client.get(page_of(job))
    client.post(f"/admin/accounts/recordsimport/{job.pk}/confirm/")
    worked_on(job)
    assert "Imported" in reads(client, page_of(job))
    again = client.post(f"/admin/accounts/recordsimport/{job.pk}/confirm/")
    assert "moved on already" in told(again)
    assert Payment.objects.filter(trade_number=payment_row(service)["trade_number"])


def test_the_errors_stand_on_the_page(service: Service, keeper: User) -> None:
    job = sent(as_csv(payment_row(service, amount="-1")), by=keeper)
    page = reads(visitor(keeper), page_of(job))
    assert "2 amount A sum can't be negative." in page
    assert "Import this row" not in page


def test_what_is_no_file_is_told_at_the_field(service: Service, keeper: User) -> None:
    answer = uploads(visitor(keeper), b"")
    assert "The submitted file is empty." in answer.content.decode()
    assert not RecordsImport.objects.exists()


@pytest.mark.parametrize(
    "who",
    ["first_line", "evaluator", "approver", "finance", "auditor", "account_manager",
     "superuser", "owner", "stranger"],
)  # fmt: skip
def test_only_the_administrator_imports(
    people: People, service: Service, keeper: User, who: str
) -> None:
    job = sent(as_csv(payment_row(service)), by=keeper)
    client = visitor(getattr(people, who))
    answer = uploads(client, as_csv(payment_row(service)))
    assert answer.status_code in (302, 403)
    assert client.get(f"{PAYMENTS}import/").status_code in (302, 403)
    press = client.post(f"/admin/accounts/recordsimport/{job.pk}/confirm/")
    assert press.status_code in (302, 404)
    job.refresh_from_db()
    assert (RecordsImport.objects.count(), job.state) == (1, State.CHECKED)
    for address in (page_of(job), f"/admin/accounts/recordsimport/{job.pk}/file/"):
        assert client.get(address).status_code in (302, 404)


def test_a_former_administrator_reads_nothing_and_starts_nothing(
    service: Service, keeper: User
) -> None:
    job = sent(as_csv(payment_row(service)), by=keeper)
    keeper.groups.clear()
    client = visitor(User.objects.get(pk=keeper.pk))
    assert client.get(page_of(job)).status_code in (403, 404)
    press = client.post(f"/admin/accounts/recordsimport/{job.pk}/confirm/")
    assert press.status_code in (403, 404)
    assert worked_on(job).state == State.CHECKED


def test_the_file_comes_back_as_it_was_sent(service: Service, keeper: User) -> None:
    content = as_csv(payment_row(service))
    job = sent(content, by=keeper)
    address = f"/admin/accounts/recordsimport/{job.pk}/file/"
    answer = downloads(visitor(keeper), address)
    assert answer.body == content
    assert "attachment" in answer["Content-Disposition"]


def exported(client: Client, query: str = "") -> list[str]:
    answer = downloads(client, f"{PAYMENTS}export/payments.csv{query}")
    assert answer.status_code == 200
    rows = csv.DictReader(StringIO(answer.body.decode("utf-8-sig")))
    return [row["trade_number"] for row in rows]


@pytest.fixture
def others(people: People, service: Service, now: datetime) -> Payment:
    """A payment of a customer whom the account manager does not keep."""
    customer = Customer.objects.get(memberships__user=people.stranger)
    payment: Payment = PaymentFactory.create(
        customer=customer, paid_at=now, route="stripe"
    )
    return payment


@pytest.mark.database_rules
def test_an_export_has_only_whom_one_may_read_about(
    people: People, service: Service, others: Payment
) -> None:
    own = service.allocations.get().payment.trade_number
    assert sorted(exported(visitor(people.auditor))) == sorted(
        [own, others.trade_number]
    )
    assert exported(visitor(people.account_manager)) == [own]


def test_an_export_has_only_what_the_filter_shows(
    people: People, service: Service, others: Payment
) -> None:
    client = visitor(people.auditor)
    assert exported(client, "?route__exact=stripe") == [others.trade_number]
    assert exported(client, f"?q={others.trade_number}") == [others.trade_number]
    page = reads(client, f"{PAYMENTS}export/?route__exact=stripe")
    assert "Only what the list's filter and search show." in page


def test_no_export_without_the_right_to_view(people: People, keeper: User) -> None:
    keeper.groups.clear()
    for who in (keeper, people.owner, people.lead):
        client = visitor(User.objects.get(pk=who.pk))
        for address in ("export/", "export/payments.csv", "export/payments.xlsx"):
            assert client.get(f"{PAYMENTS}{address}").status_code in (302, 403)
    assert visitor(people.auditor).get(f"{PAYMENTS}export/users.csv").status_code == 404


def test_every_table_has_its_page(people: People, keeper: User) -> None:
    client = visitor(keeper)
    for each in RESOURCES:
        listed = f"/admin/accounts/{each.listed_by()}/"
        assert (
            f'value="{each.table}"' in client.get(f"{listed}import/").content.decode()
        )
        assert f"{each.table}.xlsx" in client.get(f"{listed}export/").content.decode()


def test_the_imports_page_takes_few_queries(service: Service, keeper: User) -> None:
    client = visitor(keeper)
    for number in range(12):
        sent(as_csv(payment_row(service, trade_number=str(number))), by=keeper)
    assert queries(client, "/admin/accounts/recordsimport/") <= 12
    assert queries(client, page_of(RecordsImport.objects.all()[0])) <= 9


def test_an_exports_queries_do_not_grow_with_the_rows(
    people: People, service: Service, now: datetime
) -> None:
    client = visitor(people.auditor)
    address = f"{PAYMENTS}export/payments.csv"

    def counted() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert downloads(client, address).status_code == 200
        return len(captured)

    counted()
    few = counted()
    for _each in range(30):
        PaymentFactory.create(customer=service.contract.customer, paid_at=now)
    assert counted() == few
