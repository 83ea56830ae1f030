"""How an event's hash is made. Pure: the same fields always give the same digest.

Each digest covers the one before it, so an event that is altered, removed, inserted
or moved breaks the chain at that place.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

CHAINED = (
    "request_id",
    "position",
    "kind",
    "actor_id",
    "at",
    "from_state",
    "to_state",
    "reason",
    "data",
)
POLICY_CHAINED = (
    "policy_id",
    "position",
    "kind",
    "version",
    "actor_id",
    "at",
    "data",
)
_written = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":")
).encode


def digest(
    previous: str, fields: Mapping[str, Any], names: tuple[str, ...] = CHAINED
) -> str:
    """SHA-256, in hex, over the previous digest and the fields that are named."""
    line = {name: _plain(fields[name]) for name in names}
    return hashlib.sha256(_written([previous, line]).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
