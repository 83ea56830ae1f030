"""Fees inside the price, known by service and name. A file changes none."""

from accounts.models import Fee
from accounts.resources.columns import Column, Within
from accounts.resources.links import ContractLink, Link, ServiceLink
from accounts.resources.resource import Existing, RecordsResource
from accounts.resources.values import Money


class FeeResource(RecordsResource):
    table = "fees"
    model = Fee
    identity = ("service_id", "name")
    named_by = "name"
    existing = Existing.AGREES
    parent = "service"
    related = ("service__contract",)

    contract = Column(
        "合同", attribute="service__contract__number", needed=True, kept=False
    )
    service_number = Column("服务编号", attribute="service__pk", kept=False)
    service = Column("服务", attribute="service__name", needed=True, kept=False)
    name = Column("名称")
    amount = Column("金额", Money(), within=Within.CURRENCY)
    refundable = Column("可退")

    def make_links(self) -> tuple[Link, ...]:
        return ContractLink(kept=False), ServiceLink()
