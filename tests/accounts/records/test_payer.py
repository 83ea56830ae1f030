"""The account that a transfer came from: typed once, shown by its last four."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import Payment
from tests.accounts.records.desk import (
    a_payment,
    page,
    payment_of,
    place,
    refused,
    saved,
    shelf,
)
from tests.people import People
from tests.refunds.pages.visits import reads

NUMBER = "DE89370400440532013000"
PAYER = {
    "route": "bank_transfer",
    "merchant": "sandbox-bank",
    "payer_name": "Xinghe Media",
    "payer_number": "DE89 3704 0044 0532 0130 00",
    "payer_bank_code": "COBADEFF",
}


def test_it_is_typed_and_kept_where_it_is_left_empty(
    administrator: Client, people: People
) -> None:
    new = f"{shelf(Payment)}add/"
    saved(administrator, new, a_payment(people.customer, **PAYER))
    payment = Payment.objects.get()
    assert payment.payer_number == NUMBER
    html = administrator.get(place(payment)).content.decode()
    assert page(administrator, place(payment)).values["payer_number"] == ""
    assert "****3000. Leave it empty to keep it" in html
    assert NUMBER not in html
    saved(administrator, place(payment), {"payer_name": "Xinghe"})
    payment.refresh_from_db()
    assert (payment.payer_name, payment.payer_number) == ("Xinghe", NUMBER)
    saved(administrator, place(payment), {"payer_number": "6222 0202 0011"})
    payment.refresh_from_db()
    assert payment.payer_number == "622202020011"
    assert NUMBER not in str(list(LogEntry.objects.values_list("change_message")))


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("payer_number", "DE88370400440532013000", "no account number"),
        ("payer_number", "****3000", "no account number"),
        ("payer_bank_code", "12", "BIC"),
    ],
)
def test_what_is_none_is_refused(
    administrator: Client, people: People, field: str, typed: str, words: str
) -> None:
    payment = payment_of(people.customer, amount=100)
    told = refused(administrator, place(payment), {field: typed})
    assert words in told
    assert typed not in told or field != "payer_number"
    payment.refresh_from_db()
    assert payment.payer_number == payment.payer_bank_code == ""


def test_a_reader_sees_the_last_four(auditor: Client, people: People) -> None:
    payment = payment_of(people.customer, amount=100)
    Payment.objects.filter(pk=payment.pk).update(payer_number=NUMBER)
    shown = reads(auditor, place(payment))
    assert "****3000" in shown
    assert NUMBER not in auditor.get(place(payment)).content.decode()
