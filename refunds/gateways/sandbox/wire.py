"""What goes over a connection: the request as read, the reply as it will be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto


@dataclass(frozen=True, kw_only=True)
class Request:
    """`headers` has lower-case names; `query` is still percent-encoded."""

    verb: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Order:
    """A call as its route understood it. `key` is the caller's own number;
    `refusal` the code it is refused with at the door, or empty."""

    method: str
    key: str = ""
    business: Mapping[str, object] = field(default_factory=dict)
    refusal: str = ""


class Ending(Enum):
    COMPLETE = auto()
    SILENT = auto()
    RESET = auto()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """`told` is what the call log keeps; `ending` is how the connection ends.
    `headers`: beside those of every answer."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html;charset=utf-8"
    hold_seconds: float = 0.0
    ending: Ending = Ending.COMPLETE
    told: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
