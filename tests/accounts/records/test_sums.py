"""Sums are typed and shown in major units and kept in minor ones, to the last digit."""

import pytest
from django.test import Client

from accounts.models import Contract, Fee, Invoice, Payment, Service, ServiceItem, Usage
from tests.accounts.records.desk import (
    a_contract,
    a_payment,
    a_service,
    contract_in,
    page,
    payment_of,
    place,
    refused,
    row,
    saved,
    service_in,
    shelf,
)
from tests.factories import CustomerFactory
from tests.people import People
from tests.refunds.pages.visits import reads

TYPED = [
    ("CNY", "12,000.50", 12_000_50, "12000.50", "CNY 12,000.50"),
    ("JPY", "¥3,000", 3_000, "3000", "JPY 3,000"),
    ("KWD", "1.234", 1_234, "1.234", "KWD 1.234"),
]
each_currency = pytest.mark.parametrize(
    ("currency", "typed", "minor", "again", "shown"), TYPED
)


@each_currency
def test_a_payment_is_in_the_currency_chosen_beside_it(
    administrator: Client,
    people: People,
    currency: str,
    typed: str,
    minor: int,
    again: str,
    shown: str,
) -> None:
    new = f"{shelf(Payment)}add/"
    facts = a_payment(people.customer, currency=currency, amount=typed)
    saved(administrator, new, facts)
    payment = Payment.objects.get()
    assert (payment.amount, payment.currency) == (minor, currency)
    assert page(administrator, place(payment)).values["amount"] == again
    assert shown in reads(administrator, shelf(payment))
    saved(administrator, place(payment), {})
    payment.refresh_from_db()
    assert payment.amount == minor


@each_currency
def test_the_sums_of_a_service_are_in_its_contracts_currency(
    administrator: Client,
    people: People,
    currency: str,
    typed: str,
    minor: int,
    again: str,
    shown: str,
) -> None:
    facts = {
        **a_service(contract_in(currency)),
        **row("items", 0, name="Region", value=typed),
        **row("fees", 0, name="Set-up", amount=typed, refundable="0.5"),
        **row("usage", 0, consumed=typed),
    }
    saved(administrator, f"{shelf(Service)}add/", facts)
    service = Service.objects.get()
    assert ServiceItem.objects.get().value == minor
    assert Fee.objects.get().amount == minor
    assert Usage.objects.get().consumed == minor
    assert f"Amount ({currency})" in reads(administrator, place(service))
    saved(administrator, place(service), {})
    assert Fee.objects.get().amount == minor


@each_currency
def test_a_contracts_commitment_and_cap_are_in_its_currency(
    administrator: Client,
    people: People,
    currency: str,
    typed: str,
    minor: int,
    again: str,
    shown: str,
) -> None:
    sums = {"minimum_commitment": typed, "refund_cap": typed, "currency": currency}
    facts = a_contract(people.customer, **sums)
    saved(administrator, f"{shelf(Contract)}add/", facts)
    contract = Contract.objects.get()
    assert (contract.minimum_commitment, contract.refund_cap) == (minor, minor)
    assert page(administrator, place(contract)).values["refund_cap"] == again


@each_currency
def test_an_invoice_is_in_the_currency_of_the_contract_chosen_in_it(
    administrator: Client,
    people: People,
    currency: str,
    typed: str,
    minor: int,
    again: str,
    shown: str,
) -> None:
    facts = {
        "contract": contract_in(currency).pk,
        "number": "I-1",
        "kind": "digital",
        "issued_on": "2026-11-02",
        "amount": typed,
        "tax": "0",
    }
    saved(administrator, f"{shelf(Invoice)}add/", facts)
    invoice = Invoice.objects.get()
    assert (invoice.amount, invoice.tax, invoice.reversed) == (minor, 0, 0)
    assert shown in reads(administrator, shelf(invoice))


def test_a_fee_may_be_nothing_but_not_less(
    administrator: Client, people: People
) -> None:
    service = service_in("CNY")
    free = row("fees", 0, name="Support", amount="0", refundable="never")
    saved(administrator, place(service), free)
    assert Fee.objects.get().amount == 0
    less = row("fees", 1, name="Access", amount="-1", refundable="never")
    words = refused(administrator, place(service), less)
    assert "The amount can't be below zero." in words


def test_an_empty_cap_is_no_cap(administrator: Client, people: People) -> None:
    saved(administrator, f"{shelf(Contract)}add/", a_contract(people.customer))
    assert Contract.objects.get().refund_cap is None


@pytest.mark.parametrize(
    ("currency", "typed", "words"),
    [
        ("CNY", "1.234", "Write the amount in CNY with 2 decimals at most."),
        ("JPY", "1.5", "Write the amount in JPY with 0 decimals at most."),
        ("CNY", "0", "The amount has to be above zero."),
        ("CNY", "12,50", "Write the amount in CNY with 2 decimals at most."),
        ("CNY", "", "This field is required."),
    ],
)
def test_a_payment_of_a_wrong_sum_is_refused(
    administrator: Client, people: People, currency: str, typed: str, words: str
) -> None:
    facts = a_payment(people.customer, currency=currency, amount=typed)
    assert words in refused(administrator, f"{shelf(Payment)}add/", facts)
    assert not Payment.objects.exists()


def test_who_only_reads_sees_sums_with_their_currency(
    auditor: Client, people: People
) -> None:
    customer = CustomerFactory.create()
    service = service_in("JPY", customer)
    Fee.objects.create(service=service, name="Set-up", amount=3_000)
    Usage.objects.create(service=service, consumed=1_500)
    payment = payment_of(customer, amount=12_000, currency="KWD")
    payment.allocations.create(service=service, amount=1_234)
    assert "JPY 3,000" in reads(auditor, place(service))
    assert "JPY 1,500" in reads(auditor, place(service))
    assert "KWD 12.000" in reads(auditor, place(payment))
    assert "KWD 1.234" in reads(auditor, place(payment))
