"""Customers, known by name; `number` tells apart those who share one."""

from accounts.models import Customer
from accounts.resources.columns import Column
from accounts.resources.links import Link, StaffLink
from accounts.resources.reading import Values
from accounts.resources.resource import RecordsResource
from accounts.resources.rows import Row
from accounts.resources.values import Code, Text


class CustomerResource(RecordsResource):
    table = "customers"
    model = Customer
    identity = ("name",)
    named_by = "name"
    numbered_by = "number"
    related = ("account_manager",)

    number = Column("编号", attribute="pk", kept=False)
    name = Column("名称")
    kind = Column("类型", Code(Customer.Kind.values))
    tier = Column("等级", Code(Customer.Tier.values))
    language = Column("语言", Text())
    time_zone = Column("时区")
    account_manager = Column("客户经理", attribute="account_manager__email", kept=False)

    def make_links(self) -> tuple[Link, ...]:
        return (StaffLink("account_manager"),)

    def zone_of(self, row: Row, values: Values) -> str:
        return ""

    def currency_of(self, row: Row, values: Values) -> str | None:
        return ""

    def frames_of(self, instance: Customer) -> tuple[str, str]:
        return "", ""
