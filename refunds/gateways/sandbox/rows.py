"""What the sandbox's ledger keeps, a class per row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Trade:
    """A payment that was captured. `traits` are its route's own."""

    trade_no: str
    out_trade_no: str
    total_minor: int
    paid_at: datetime
    route: str = "alipay"
    currency: str = "CNY"
    traits: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.paid_at.tzinfo is None:
            raise ValueError("paid_at needs a time zone.")


@dataclass(frozen=True, kw_only=True)
class Refund:
    """`key` is the caller's, `number` the provider's own; `status` in the route's
    words; `moved` whether the money left and did not come back."""

    trade_no: str
    key: str
    amount_minor: int
    at: datetime
    route: str = "alipay"
    status: str = "REFUND_SUCCESS"
    number: str = ""
    moved: bool = True
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One exchange: `key` is the caller's, `answered` a code, or how it was broken."""

    at: datetime
    method: str
    key: str
    fault: str
    answered: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A notification on its way; `due_at` None: taken, given up, or held back."""

    id: int
    route: str
    event: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    due_at: datetime | None
    tries: int
    answered: str
