"""Special agreements, known by contract, rule and field. A file changes none."""

from collections.abc import Sequence

from accounts.models import ContractClause
from accounts.resources.columns import Column
from accounts.resources.links import ContractLink, Link
from accounts.resources.resource import Existing, RecordsResource
from accounts.resources.rows import Record
from accounts.resources.values import Data, Text


class ClauseResource(RecordsResource):
    table = "clauses"
    model = ContractClause
    identity = ("contract_id", "rule", "field")
    named_by = "field"
    existing = Existing.AGREES
    parent = "contract"
    related = ("contract",)

    contract = Column("合同", attribute="contract__number", needed=True, kept=False)
    rule = Column("规则")
    field = Column("字段")
    value = Column("取值", Data(bare=True))
    wording = Column("条款原文", Text(lines=True))

    def settle(self, batch: Sequence[Record]) -> None:
        """What a rule can't take is an error of its row."""
        super().settle(batch)
        self.ask_who_knows(batch, column="value")

    def make_links(self) -> tuple[Link, ...]:
        return (ContractLink(),)
