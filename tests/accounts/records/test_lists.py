"""The lists of records: found by what people know, as fast with many as with few."""

import pytest
from django.test import Client

from accounts.models import (
    Contract,
    Customer,
    Fee,
    Invoice,
    Outage,
    Payment,
    QualityReading,
    Service,
)
from tests.accounts.records.desk import ON_THE_DAY, payment_of, place, service_in, shelf
from tests.factories import CustomerFactory
from tests.people import People
from tests.refunds.pages.visits import queries, reads

EVERY = (Customer, Contract, Service, Payment, Invoice, Outage, QualityReading)
MOST = 14


def another(number: int) -> Service:
    customer = CustomerFactory.create()
    service = service_in("JPY" if number % 2 else "KWD", customer)
    currency = service.contract.currency
    payment = payment_of(customer, amount=5_000, currency=currency)
    payment.allocations.create(service=service, amount=5_000)
    service.contract.invoices.create(
        number=f"I-{number}", kind="paper", issued_on=ON_THE_DAY.date(), amount=5_000
    )
    service.outages.create(began_at=ON_THE_DAY, extent="total", cause="provider")
    service.readings.create(
        metric="availability",
        period_from=ON_THE_DAY,
        period_to=ON_THE_DAY,
        promised="99.95",
        measured="99.4",
        source="provider",
    )
    return service


@pytest.mark.parametrize("model", EVERY)
def test_a_list_takes_as_many_queries_for_many_as_for_one(
    administrator: Client, people: People, model: type[Contract]
) -> None:
    another(0)
    few = queries(administrator, shelf(model))
    for number in range(1, 8):
        another(number)
    assert queries(administrator, shelf(model)) == few <= MOST


@pytest.mark.parametrize("seen_by", ["administrator", "auditor"])
def test_a_record_takes_as_many_queries_for_many_rows_as_for_one(
    people: People, request: pytest.FixtureRequest, seen_by: str
) -> None:
    client: Client = request.getfixturevalue(seen_by)
    service = another(0)
    Fee.objects.create(service=service, name="Set-up", amount=1)
    few = queries(client, place(service))
    for number in range(5):
        Fee.objects.create(service=service, name=f"Fee {number}", amount=1)
    assert queries(client, place(service)) == few


@pytest.mark.parametrize("model", EVERY)
def test_an_empty_list_and_a_search_without_a_hit_are_pages_too(
    administrator: Client, people: People, model: type[Contract]
) -> None:
    page = reads(administrator, f"{shelf(model)}?q=nothing-like-it")
    assert "Nothing fits what is searched and filtered here." in page


def test_a_payment_is_found_by_its_customer(
    administrator: Client, people: People
) -> None:
    payment = payment_of(people.customer, amount=1_00)
    found = reads(administrator, f"{shelf(payment)}?q=Xinghe")
    assert payment.trade_number in found
