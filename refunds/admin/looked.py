"""How a sheet was asked for."""

from dataclasses import dataclass

from refunds.admin.door_forms import DoorForm


@dataclass(frozen=True)
class Looked:
    """With what forms opened, by the door's name; of the history, before what event."""

    bound: dict[str, DoorForm]
    before: int | None = None
