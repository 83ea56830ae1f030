"""Services, known by contract and name; `number` tells apart those who share one.

A renewal names a service that is there already: the older ones come in a file before.
"""

from accounts.models import Service
from accounts.resources.columns import Column, Within
from accounts.resources.links import ContractLink, Link, ServiceLink
from accounts.resources.resource import RecordsResource
from accounts.resources.values import Code, Data, Day, Moment


class ServiceResource(RecordsResource):
    table = "services"
    model = Service
    identity = ("contract_id", "name")
    named_by = "name"
    numbered_by = "number"
    related = ("contract", "continues__contract")

    number = Column("编号", attribute="pk", kept=False)
    contract = Column("合同", attribute="contract__number", needed=True, kept=False)
    name = Column("名称")
    billing = Column("计费方式", Code(Service.Billing.values))
    activated_at = Column("开通时间", Moment(), within=Within.ZONE)
    ends_on = Column("到期日", Day())
    course_started_at = Column("课程开始时间", Moment(), within=Within.ZONE)
    delivery_due_on = Column("应交付日", Day())
    promised = Column("承诺水平", Data())
    product_version = Column("产品版本")
    continues_contract = Column(
        "续接的合同", attribute="continues__contract__number", kept=False
    )
    continues_number = Column("续接的服务编号", attribute="continues__pk", kept=False)
    continues = Column("续接的服务", attribute="continues__name", kept=False)

    def make_links(self) -> tuple[Link, ...]:
        renewal = ServiceLink(
            "continues",
            column="continues",
            contract="continues_contract",
            number="continues_number",
            needed=False,
        )
        return ContractLink(), renewal
