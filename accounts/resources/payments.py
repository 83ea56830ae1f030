"""Payments with their allocation, known by route and transaction number.

A row is a payment and what of it belongs to one service; rows with the same route and
number make one payment with several allocations. Every payment is a new one.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Contract, Customer, Payment, PaymentAllocation, Route
from accounts.resources.columns import Column, Within
from accounts.resources.links import ContractLink, CustomerLink, Link, ServiceLink
from accounts.resources.reading import BATCH, Values
from accounts.resources.resource import Existing, RecordsResource
from accounts.resources.rows import Record, Row
from accounts.resources.values import (
    AccountNumber,
    BankCode,
    Code,
    Flag,
    Moment,
    Money,
)


class PaymentResource(RecordsResource):
    table = "payments"
    model = Payment
    identity = ("route", "trade_number")
    named_by = "trade_number"
    existing = Existing.REFUSED
    related = ("customer",)
    passes = 2

    route = Column("支付渠道", Code(Route.values))
    trade_number = Column("交易号")
    customer_number = Column("客户编号", attribute="customer__pk", kept=False)
    customer = Column("客户", attribute="customer__name", kept=False)
    amount = Column("金额", Money(), within=Within.CURRENCY)
    currency = Column("币种")
    paid_at = Column("支付时间", Moment(), within=Within.ZONE)
    payer_account = Column("付款账号")
    merchant = Column("商户号")
    payer_name = Column("付款户名")
    payer_number = Column("付款账号(完整)", AccountNumber(), hidden=True)
    payer_bank_code = Column("付款行号", BankCode())
    route_open = Column("渠道可退", Flag())
    disputed = Column("争议中", Flag())
    contract = Column("合同", kept=False)
    service_number = Column("服务编号", kept=False)
    service = Column("服务", kept=False)
    allocated = Column("分摊金额", Money(), within=Within.CURRENCY, kept=False)

    def __init__(self) -> None:
        super().__init__()
        self.columns["allocated"].check_as(PaymentAllocation, "amount")
        self.at_number: dict[Any, Record] = {}

    def make_links(self) -> tuple[Link, ...]:
        return (
            CustomerLink(needed=False),
            ContractLink(needed=False),
            ServiceLink(needed=False),
        )

    def linked(self, row: Row) -> Values:
        """The customer, by name or as the contract's; and they agree."""
        before = self.complaints.count
        values: Values = {"customer": None, "contract": None, "service": None}
        values |= super().linked(row)
        if self.complaints.count != before:
            return values
        contract: Contract | None = values["contract"]
        if values["customer"] is None and contract is None:
            words = _("Name the customer, or the contract that was paid for.")
            self.complain(row.number, ValidationError({"customer": words}))
        elif contract is not None:
            self._check_customer(row, values["customer"], contract)
            values["customer_id"] = contract.customer_id
        else:
            values["customer_id"] = values["customer"].pk
        return values

    def _check_customer(
        self, row: Row, customer: Customer | None, contract: Contract
    ) -> None:
        if customer is not None and customer.pk != contract.customer_id:
            words = _("The contract belongs to another customer.")
            self.complain(row.number, ValidationError({"contract": words}))

    def zone_of(self, row: Row, values: Values) -> str:
        place: Contract | Customer = values["contract"] or values["customer"]
        return place.time_zone

    def currency_of(self, row: Row, values: Values) -> str | None:
        """The contract's where the row says none; None where it says no currency."""
        contract: Contract | None = values["contract"]
        text = row.cells.get("currency", "")
        if not text and contract is not None:
            return contract.currency
        read = self.columns["currency"].read(text, "")
        if isinstance(read, ValidationError):
            return None
        if contract is not None and read != contract.currency:
            words = _("The contract is in %(currency)s.") % {
                "currency": contract.currency
            }
            self.complain(row.number, ValidationError({"currency": words}))
        return str(read)

    def record(self, row: Row) -> Record | None:
        record = super().record(row)
        if record is None:
            return None
        values = record.values
        contract, service = values.pop("contract"), values.pop("service")
        del values["customer"]
        if contract is not None and not row.cells.get("currency"):
            values["currency"] = contract.currency
        allocated = self._allocated(row, service, str(values.get("currency", "CNY")))
        if allocated is not None:
            record.parts.append({"service_id": service.pk, "amount": allocated})
        return record if allocated is not None or service is None else None

    def _allocated(self, row: Row, service: Any, currency: str) -> int | None:
        """What belongs to the service; None without one, or with a complaint."""
        text = row.cells.get("allocated", "")
        if service is None:
            if text:
                words = _("Name the contract and the service that this belongs to.")
                self.complain(row.number, ValidationError({"service": words}))
            return None
        read = self.columns["allocated"].read(text, currency)
        if isinstance(read, ValidationError):
            self.complain(row.number, read, column="allocated")
            return None
        return int(read)

    def records(self) -> Iterator[list[Record]]:
        """All rows first: those of one payment may stand anywhere."""
        share = self.progress
        self.progress = lambda done: share(done / self.passes)
        for batch in super().records():
            for record in batch:
                self._gather(record)
        whole, done = iter(self.at_number.values()), 0
        while batch := list(islice(whole, BATCH)):
            yield [record for record in batch if self._within_amount(record)]
            done += len(batch)
            share((1 + done / len(self.at_number)) / self.passes)

    def _gather(self, record: Record) -> None:
        key = (record.values["route"], record.values["trade_number"])
        first = self.at_number.setdefault(key, record)
        if first is record:
            return
        for name, value in record.values.items():
            if first.values[name] != value:
                words = _("It differs from row %(row)s, which is of the same payment.")
                self.complain_of(record, words % {"row": first.number}, column=name)
        known = {part["service_id"] for part in first.parts}
        if not record.parts or not known or record.parts[0]["service_id"] in known:
            words = _("The payment for this service is in row %(row)s already.")
            self.complain_of(record, words % {"row": first.number})
        else:
            first.parts.extend(record.parts)

    def _within_amount(self, record: Record) -> bool:
        if sum(part["amount"] for part in record.parts) <= record.values["amount"]:
            return True
        words = _("More belongs to services than the payment is about.")
        self.complain_of(record, words, column="allocated")
        return False

    def comes_first(self, record: Record) -> bool:
        """Rows of one number were gathered."""
        return True

    def create(self, records: Sequence[Record]) -> None:
        super().create(records)
        PaymentAllocation.objects.bulk_create(
            [
                PaymentAllocation(payment_id=record.instance.pk, **part)
                for record in records
                for part in record.parts
            ],
            batch_size=BATCH,
        )

    def within(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        allocations = PaymentAllocation.objects.select_related("service__contract")
        parts = Prefetch("allocations", queryset=allocations.order_by("pk"))
        return super().within(listed).prefetch_related(parts)

    def lines_of(self, instance: Any) -> Iterator[dict[str, str]]:
        (line,) = super().lines_of(instance)
        allocations = instance.allocations.all()
        for each in allocations:
            yield line | {
                "contract": each.service.contract.number,
                "service_number": str(each.service_id),
                "service": each.service.name,
                "allocated": self.columns["allocated"].widget.render(
                    each.amount, within=instance.currency
                ),
            }
        if not allocations:
            yield line

    def frames_of(self, instance: Payment) -> tuple[str, str]:
        return instance.customer.time_zone, instance.currency
