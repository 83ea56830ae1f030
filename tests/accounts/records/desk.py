"""The administrator's desk: a page's form as a browser would send it, filled in."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from accounts.models import Contract, Customer, Payment, Service
from tests.factories import (
    ContractFactory,
    CustomerFactory,
    PaymentFactory,
    ServiceFactory,
)
from tests.refunds.pages.visits import text_of

ON_THE_DAY = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


class Typed(HTMLParser):
    """What every field of a page holds; what is disabled is not sent."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.offered: dict[str, list[str]] = {}
        self._select = self._area = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name = said.get("name") or ""
        if tag == "option" and self._select:
            value = said.get("value") or ""
            self.offered[self._select].append(value)
            if "selected" in said:
                self.values[self._select] = value
        elif not name or "disabled" in said:
            return
        elif tag == "input" and (said.get("type") != "checkbox" or "checked" in said):
            self.values[name] = said.get("value") or ""
        elif tag == "select":
            self._select, self.offered[name] = name, []
            self.values[name] = ""
        elif tag == "textarea":
            self._area, self.values[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self.values[self._area] = self.values[self._area].strip("\r\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data


def page(client: Client, path: str) -> Typed:
    response = client.get(path)
    assert response.status_code == 200, f"{path}: {response.status_code}"
    return Typed(response.content.decode())


def send(client: Client, path: str, typed: Mapping[str, object]) -> Any:
    """The page's form with what was typed over it."""
    values = page(client, path).values
    values = {k: v for k, v in values.items() if not k.startswith("_")}
    return client.post(path, {**values, **typed})


def saved(client: Client, path: str, typed: Mapping[str, object]) -> None:
    response = send(client, path, typed)
    assert response.status_code == 302, text_of(response)


def refused(client: Client, path: str, typed: Mapping[str, object]) -> str:
    """What the page says instead of saving."""
    response = send(client, path, typed)
    assert response.status_code == 200, f"{path}: {response.status_code}, saved"
    return text_of(response)


def place(record: Any) -> str:
    return f"{shelf(record)}{record.pk}/change/"


def shelf(record: Any) -> str:
    """The list; also for a model."""
    return f"/admin/accounts/{record._meta.model_name}/"


def row(prefix: str, number: int, **typed: object) -> dict[str, object]:
    """A new row of an inline that has `number` rows already."""
    values = {f"{prefix}-{number}-{name}": value for name, value in typed.items()}
    return {f"{prefix}-TOTAL_FORMS": str(number + 1), **values}


def contract_in(currency: str, customer: Customer | None = None) -> Contract:
    owner = customer or CustomerFactory.create()
    made: Contract = ContractFactory.create(
        customer=owner, currency=currency, signed_on=date(2026, 10, 26)
    )
    return made


def service_in(currency: str, customer: Customer | None = None) -> Service:
    made: Service = ServiceFactory.create(contract=contract_in(currency, customer))
    return made


def payment_of(customer: Customer, *, amount: int, currency: str = "CNY") -> Payment:
    made: Payment = PaymentFactory.create(
        customer=customer, amount=amount, currency=currency, paid_at=ON_THE_DAY
    )
    return made


def a_payment(customer: Customer, **typed: object) -> dict[str, object]:
    return {
        "customer": customer.pk,
        "route": "alipay",
        "trade_number": "2026110222001",
        "currency": "CNY",
        "amount": "100.00",
        "paid_at_0": "2026-11-02",
        "paid_at_1": "12:00:00",
        **typed,
    }


def a_service(contract: Contract, **typed: object) -> dict[str, object]:
    return {"contract": contract.pk, "name": "Line", "billing": "term", **typed}


def a_contract(customer: Customer, **typed: object) -> dict[str, object]:
    return {
        "number": "C-9",
        "customer": customer.pk,
        "product_line": "live_streaming",
        "signed_on": "2026-10-26",
        "effective_on": "2026-10-26",
        **typed,
    }
