"""What was used, one row per service: the latest count replaces the one before."""

from collections.abc import Sequence

from accounts.models import Usage
from accounts.resources.columns import Column, Within
from accounts.resources.links import ContractLink, Link, ServiceLink
from accounts.resources.resource import RecordsResource
from accounts.resources.rows import Record
from accounts.resources.values import Money, Whole


class UsageResource(RecordsResource):
    table = "usage"
    model = Usage
    identity = ("service_id",)
    named_by = "service"
    parent = "service"
    related = ("service__contract",)

    contract = Column(
        "合同", attribute="service__contract__number", needed=True, kept=False
    )
    service_number = Column("服务编号", attribute="service__pk", kept=False)
    service = Column("服务", attribute="service__name", needed=True, kept=False)
    share_used = Column("已用比例")
    lessons_total = Column("总课时", Whole())
    lessons_used = Column("已上课时", Whole())
    ordered = Column("订购数量", Whole())
    delivered = Column("已交付数量", Whole())
    consumed = Column("已消耗余额", Money(), within=Within.CURRENCY)

    def make_links(self) -> tuple[Link, ...]:
        return ContractLink(kept=False), ServiceLink()

    def update(self, records: Sequence[Record]) -> None:
        """In bulk, Django does not set the moment by itself."""
        for record in records:
            record.instance.recorded_at = self.at
        super().update(records)

    def updated_fields(self, record: Record) -> list[str]:
        return [*super().updated_fields(record), "recorded_at"]
