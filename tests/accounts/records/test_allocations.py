"""A payment is spread over its own customer's services, never more than was paid, and
what is counted on doesn't change any more."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Payment, PaymentAllocation, Service
from tests.accounts.records.desk import (
    ON_THE_DAY,
    a_payment,
    page,
    payment_of,
    place,
    refused,
    row,
    saved,
    service_in,
    shelf,
)
from tests.people import People


def spread(service: Service, amount: str, number: int = 0) -> dict[str, object]:
    return row("allocations", number, service=service.pk, amount=amount)


def test_a_payment_is_entered_with_what_belongs_to_whom(
    administrator: Client, people: People
) -> None:
    service = service_in("CNY", people.customer)
    new = {**a_payment(people.customer), **spread(service, "100.00")}
    saved(administrator, f"{shelf(Payment)}add/", new)
    assert PaymentAllocation.objects.get().amount == 100_00


def test_no_more_belongs_to_services_than_was_paid(
    administrator: Client, people: People
) -> None:
    service = service_in("CNY", people.customer)
    new = {**a_payment(people.customer), **spread(service, "100.01")}
    words = refused(administrator, f"{shelf(Payment)}add/", new)
    assert (
        "CNY 100.01 would belong to services, but only CNY 100.00 were paid." in words
    )
    assert not Payment.objects.exists()


def test_what_belongs_to_services_already_counts_too(
    administrator: Client, people: People
) -> None:
    payment = payment_of(people.customer, amount=100_00)
    first, second = (service_in("CNY", people.customer) for _ in range(2))
    payment.allocations.create(service=first, amount=60_00)
    words = refused(administrator, place(payment), spread(second, "40.01", 1))
    assert "CNY 100.01 would belong to services" in words
    saved(administrator, place(payment), spread(second, "40.00", 1))
    assert payment.allocations.count() == 2


def test_another_customers_service_is_refused(
    administrator: Client, people: People
) -> None:
    payment = payment_of(people.customer, amount=100_00)
    words = refused(administrator, place(payment), spread(service_in("CNY"), "1"))
    assert "This service is another customer's than the payment." in words


def test_two_currencies_do_not_meet(administrator: Client, people: People) -> None:
    payment = payment_of(people.customer, amount=100_00)
    service = service_in("JPY", people.customer)
    words = refused(administrator, place(payment), spread(service, "1"))
    assert "The contract of this service is in JPY, the payment in CNY." in words


def test_a_payment_may_be_corrected_until_it_belongs_to_a_service(
    administrator: Client, people: People
) -> None:
    payment = payment_of(people.customer, amount=100_00)
    saved(administrator, place(payment), {"amount": "200.00", "route": "stripe"})
    payment.refresh_from_db()
    assert (payment.amount, payment.route) == (200_00, "stripe")


@pytest.mark.parametrize(
    "typed",
    [
        {"amount": "1.00"},
        {"currency": "USD"},
        {"route": "stripe"},
        {"trade_number": "other"},
        {"paid_at_0": "2020-01-01"},
        {"allocations-0-amount": "1.00"},
    ],
)
def test_what_refunds_are_counted_from_does_not_change(
    administrator: Client, people: People, typed: dict[str, Any]
) -> None:
    payment = payment_of(people.customer, amount=100_00)
    service = service_in("CNY", people.customer)
    kept = payment.allocations.create(service=service, amount=100_00)
    assert not set(typed) & set(page(administrator, place(payment)).values)
    saved(administrator, place(payment), {**typed, "disputed": "on"})
    payment.refresh_from_db()
    kept.refresh_from_db()
    assert (payment.amount, payment.currency, payment.route) == (
        100_00,
        "CNY",
        "alipay",
    )
    assert payment.paid_at - ON_THE_DAY == timedelta(0)
    assert payment.trade_number != "other"
    assert kept.amount == 100_00
    assert payment.disputed


def test_an_allocation_is_not_taken_away(administrator: Client, people: People) -> None:
    people.lead.is_superuser = True
    people.lead.save()
    payment = payment_of(people.customer, amount=100_00)
    service = service_in("CNY", people.customer)
    payment.allocations.create(service=service, amount=100_00)
    saved(administrator, place(payment), {"allocations-0-DELETE": "on"})
    assert payment.allocations.count() == 1


def test_a_contract_keeps_its_currency_once_it_has_a_service(
    administrator: Client, people: People
) -> None:
    contract = service_in("CNY", people.customer).contract
    saved(administrator, place(contract), {"currency": "JPY", "time_zone": "UTC"})
    contract.refresh_from_db()
    assert (contract.currency, contract.time_zone) == ("CNY", "UTC")


def test_a_service_that_was_paid_for_stays_with_its_contract(
    administrator: Client, people: People
) -> None:
    service = service_in("CNY", people.customer)
    payment = payment_of(people.customer, amount=100_00)
    payment.allocations.create(service=service, amount=100_00)
    other = service_in("CNY").contract
    saved(administrator, place(service), {"contract": other.pk, "name": "New"})
    service.refresh_from_db()
    assert service.name == "New"
    assert service.contract != other
