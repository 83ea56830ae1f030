"""Draws the states of a request and every move between them, from lifecycle.py."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand

from refunds.models import RefundRequest
from refunds.states import ENDED, WITH_THE_CUSTOMER, State

HEAD = """# The states of a request

Drawn by `manage.py states > docs/states.md`; a test compares. Yellow waits on the
customer, grey has ended, the rest is ours.

```mermaid
stateDiagram-v2
    direction TB
"""
FOOT = """    classDef customer fill:#fdf3d0,stroke:#b78a00,color:#16211f
    classDef ended fill:#e6eae8,stroke:#74827e,color:#16211f
"""


class Command(BaseCommand):
    help = "Print the states and moves as Markdown with a Mermaid diagram."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(drawing(), ending="")


def drawing() -> str:
    lines = [HEAD, f"    [*] --> {State.DRAFT}\n"]
    lines += [f"    {a} --> {b}: {move}\n" for a, b, move in moves()]
    lines += [f"    {state} --> [*]\n" for state in ENDED]
    lines += [FOOT, *_classes("customer", WITH_THE_CUSTOMER), *_classes("ended", ENDED)]
    return "".join([*lines, "```\n"])


def moves() -> list[tuple[str, str, str]]:
    """(from, to, move), each way once, in the order of the states."""
    order = list(State.values)
    fields = RefundRequest._meta.get_field("state")
    found = {
        (str(move.source), str(target), move.name)
        for move in fields.get_all_transitions(RefundRequest)
        for target in _targets(move.target)
    }
    return sorted(found, key=lambda m: (order.index(m[0]), order.index(m[1]), m[2]))


def _targets(target: Any) -> Iterable[str]:
    return getattr(target, "allowed_states", None) or [target]


def _classes(name: str, states: Iterable[str]) -> list[str]:
    return [f"    class {','.join(states)} {name}\n"]
