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


def digest(previous: str, fields: Mapping[str, Any]) -> str:
    """SHA-256, in hex, over the previous digest and the fields named in CHAINED."""
    line = {name: _plain(fields[name]) for name in CHAINED}
    text = json.dumps(
        [previous, line], sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
