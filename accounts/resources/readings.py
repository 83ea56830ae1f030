"""Quality readings, known by service, metric, period and source."""

from accounts.models import QualityReading
from accounts.resources.columns import Column, Within
from accounts.resources.links import ContractLink, Link, ServiceLink
from accounts.resources.resource import RecordsResource
from accounts.resources.values import Code, Flag, Moment


class ReadingsResource(RecordsResource):
    table = "readings"
    model = QualityReading
    identity = ("service_id", "metric", "period_from", "period_to", "source")
    named_by = "metric"
    related = ("service__contract",)

    contract = Column(
        "合同", attribute="service__contract__number", needed=True, kept=False
    )
    service_number = Column("服务编号", attribute="service__pk", kept=False)
    service = Column("服务", attribute="service__name", needed=True, kept=False)
    metric = Column("指标")
    period_from = Column("开始时间", Moment(), within=Within.ZONE)
    period_to = Column("结束时间", Moment(), within=Within.ZONE)
    promised = Column("承诺值")
    measured = Column("实测值")
    source = Column("来源", Code(QualityReading.Source.values))
    accepted = Column("是否采信", Flag())

    def make_links(self) -> tuple[Link, ...]:
        return ContractLink(kept=False), ServiceLink()
