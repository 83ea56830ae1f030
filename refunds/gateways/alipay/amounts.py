"""Yuan as Alipay writes them, fen as we keep them."""

from decimal import Decimal, InvalidOperation
from typing import Any


def yuan(fen: int) -> str:
    return f"{Decimal(fen) / 100:.2f}"


def fen_of(text: Any) -> int | None:
    """None for what is no sum of whole fen."""
    try:
        fen = Decimal(str(text)) * 100
        return int(fen) if fen == fen.to_integral_value() else None
    except (InvalidOperation, ValueError, OverflowError):
        return None
