"""Contracts, known by number. A file adds them; it changes none."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from accounts.models import Contract, ProductLine
from accounts.resources.columns import Column, Within
from accounts.resources.links import CustomerLink, Link
from accounts.resources.reading import Values
from accounts.resources.resource import Existing, RecordsResource
from accounts.resources.rows import Record, Row
from accounts.resources.values import Code, Day, Money, Whole


class ContractResource(RecordsResource):
    table = "contracts"
    model = Contract
    identity = ("number",)
    named_by = "number"
    existing = Existing.AGREES
    related = ("customer",)

    number = Column("合同编号")
    customer_number = Column("客户编号", attribute="customer__pk", kept=False)
    customer = Column("客户", attribute="customer__name", needed=True, kept=False)
    product_line = Column("产品线", Code(ProductLine.values))
    signed_on = Column("签订日", Day())
    effective_on = Column("生效日", Day())
    currency = Column("币种", needed=True)
    time_zone = Column("时区")
    calendar = Column("工作日历")
    minimum_commitment = Column("最低承诺额", Money(), within=Within.CURRENCY)
    refund_cap = Column("退款上限", Money(), within=Within.CURRENCY)
    policy_version = Column("固定的政策版本", Whole())

    def make_links(self) -> tuple[Link, ...]:
        return (CustomerLink(),)

    def settle(self, batch: Sequence[Record]) -> None:
        """A policy version that is not published is an error of its row."""
        super().settle(batch)
        self.ask_who_knows(batch, column="policy_version")

    def zone_of(self, row: Row, values: Values) -> str:
        return ""

    def currency_of(self, row: Row, values: Values) -> str | None:
        """None: there the column itself is complained about."""
        read = self.columns["currency"].read(row.cells["currency"], "")
        return None if isinstance(read, ValidationError) else read

    def frames_of(self, instance: Contract) -> tuple[str, str]:
        return instance.time_zone, instance.currency
