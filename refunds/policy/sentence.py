"""A sentence for people: English text with named placeholders, and their raw values."""

from collections.abc import Mapping
from dataclasses import dataclass

from refunds.policy.plain import Value


def gettext_noop(message: str) -> str:
    """Marks a text for extraction; pages translate it when they show it."""
    return message


@dataclass(frozen=True)
class Sentence:
    """Pages translate `text`, format `values`, then fill them in."""

    text: str
    values: Mapping[str, Value]
