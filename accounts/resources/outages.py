"""Outages, known by service and beginning."""

from accounts.models import Outage
from accounts.resources.columns import Column, Within
from accounts.resources.links import ContractLink, Link, ServiceLink, StaffLink
from accounts.resources.resource import RecordsResource
from accounts.resources.values import Code, Flag, Moment


class OutageResource(RecordsResource):
    table = "outages"
    model = Outage
    identity = ("service_id", "began_at")
    named_by = "began_at"
    related = ("service__contract", "verified_by")

    contract = Column(
        "合同", attribute="service__contract__number", needed=True, kept=False
    )
    service_number = Column("服务编号", attribute="service__pk", kept=False)
    service = Column("服务", attribute="service__name", needed=True, kept=False)
    began_at = Column("开始时间", Moment(), within=Within.ZONE)
    ended_at = Column("结束时间", Moment(), within=Within.ZONE)
    extent = Column("程度", Code(Outage.Extent.values))
    cause = Column("原因", Code(Outage.Cause.values))
    business_affected = Column("影响业务", Flag())
    verified_by = Column("核实人", attribute="verified_by__email", kept=False)

    def make_links(self) -> tuple[Link, ...]:
        return ContractLink(kept=False), ServiceLink(), StaffLink("verified_by")
