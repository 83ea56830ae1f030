"""WeChatPay."""

from datetime import datetime, timedelta
from typing import ClassVar

from refunds.gateways.base import (
    Access,
    Capabilities,
    Instruction,
    Line,
    Parameters,
    Reason,
    Setting,
)


class WeChatPay:
    capabilities: ClassVar[Capabilities] = Capabilities(
        currencies=(), window=None, spacing=timedelta(0), polls=(), arrival=2
    )
    settings: ClassVar[tuple[Setting, ...]] = ()

    def __init__(self, access: Access) -> None:
        self._access = access

    def check(
        self, instruction: Instruction, *, paid_at: datetime, now: datetime
    ) -> list[Reason]:
        return [Reason.NEEDS_PERSON]

    def parameters(self, instruction: Instruction) -> Parameters:
        return {}

    def read_statement(self, content: bytes) -> list[Line]:
        return []
