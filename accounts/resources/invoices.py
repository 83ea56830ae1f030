"""Invoices, known by number. Every row is a new one."""

from accounts.models import Invoice
from accounts.resources.columns import Column, Within
from accounts.resources.links import ContractLink, Link
from accounts.resources.resource import Existing, RecordsResource
from accounts.resources.values import Code, Day, Money


class InvoiceResource(RecordsResource):
    table = "invoices"
    model = Invoice
    identity = ("number",)
    named_by = "number"
    existing = Existing.REFUSED
    related = ("contract",)

    number = Column("发票号码")
    contract = Column("合同", attribute="contract__number", needed=True, kept=False)
    kind = Column("类型", Code(Invoice.Kind.values))
    issued_on = Column("开具日", Day())
    amount = Column("金额", Money(), within=Within.CURRENCY)
    tax = Column("税额", Money(), within=Within.CURRENCY)
    reversed = Column("已冲销", Money(), within=Within.CURRENCY)

    def make_links(self) -> tuple[Link, ...]:
        return (ContractLink(),)
