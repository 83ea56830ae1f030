"""The sandbox's clock: the machine's, moved ahead as far as somebody asked."""

from datetime import UTC, datetime, timedelta

from refunds.gateways.sandbox.ledger import Ledger


class Clock:
    """Kept in the ledger, or after a restart refunds would lie in the future."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ledger.seconds_ahead())

    def advance(self, seconds: float) -> None:
        self._ledger.move_ahead(seconds)
