"""What every route answers, whatever its wire format. The interface of an adapter."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

Parameters = dict[str, Any]


class Outcome(StrEnum):
    """What one call proves. Everything that is not proven is `UNKNOWN`."""

    SUCCEEDED = "succeeded"
    PROCESSING = "processing"
    NOT_SEEN = "not_seen"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a call was rejected; each has its own way on."""

    NOT_SENT = "not_sent"
    BALANCE = "balance"
    RATE = "rate"
    DATA = "data"
    CONFIG = "config"
    ROUTE_CLOSED = "route_closed"
    ALREADY_DONE = "already_done"
    NEEDS_PERSON = "needs_person"
    UNLISTED = "unlisted"


@dataclass(frozen=True)
class Instruction:
    """What is to go back: minor units of `currency`, of one captured payment."""

    key: str
    trade_number: str
    amount: int
    currency: str
    reason: str


@dataclass(frozen=True)
class Result:
    """One exchange. `amount` (minor units), `currency`, `key` and `trade_number` are
    as the provider reported them, for comparison with our own."""

    outcome: Outcome
    reason: Reason | None = None
    code: str = ""
    message: str = ""
    http_status: int | None = None
    provider_number: str = ""
    amount: int | None = None
    currency: str = ""
    key: str = ""
    trade_number: str = ""
    signature_ok: bool | None = None
    answer: str = ""


@dataclass(frozen=True)
class Capabilities:
    """`polls` are the pauses before each query, the last one repeating."""

    currencies: tuple[str, ...]
    window: timedelta
    spacing: timedelta
    polls: tuple[timedelta, ...]


class Gateway(Protocol):
    capabilities: Capabilities

    def check(
        self, instruction: Instruction, *, paid_at: datetime, now: datetime
    ) -> list[Reason]:
        """Without a network: what makes this impossible to send, if anything."""

    def parameters(self, instruction: Instruction) -> Parameters:
        """What will be sent, as JSON; frozen with the key before the first call."""

    def submit(self, parameters: Parameters, *, now: datetime) -> Result:
        """Exactly one network call, with explicit time-outs and no retry."""

    def query(self, parameters: Parameters, *, now: datetime) -> Result:
        """Asks by our own key; changes nothing at the provider."""
