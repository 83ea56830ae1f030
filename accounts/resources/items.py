"""Service items, known by service and name."""

from accounts.models import ServiceItem
from accounts.resources.columns import Column, Within
from accounts.resources.links import ContractLink, Link, ServiceLink
from accounts.resources.resource import RecordsResource
from accounts.resources.values import Money


class ItemResource(RecordsResource):
    table = "items"
    model = ServiceItem
    identity = ("service_id", "name")
    named_by = "name"
    parent = "service"
    related = ("service__contract",)

    contract = Column(
        "合同", attribute="service__contract__number", needed=True, kept=False
    )
    service_number = Column("服务编号", attribute="service__pk", kept=False)
    service = Column("服务", attribute="service__name", needed=True, kept=False)
    name = Column("名称")
    value = Column("价值", Money(), within=Within.CURRENCY)

    def make_links(self) -> tuple[Link, ...]:
        return ContractLink(kept=False), ServiceLink()
