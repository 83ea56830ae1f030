"""The sandbox's money: trades, what was refunded of them, and every call that came.

One SQLite file that survives restarts. Amounts are minor units (fen), times are UTC.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LEDGER_FILE = "ledger.sqlite3"

SCHEMA = """
CREATE TABLE IF NOT EXISTS trades (
    trade_no TEXT PRIMARY KEY,
    out_trade_no TEXT NOT NULL UNIQUE,
    total_minor INTEGER NOT NULL CHECK (total_minor > 0),
    paid_at TEXT NOT NULL,
    buyer_logon_id TEXT NOT NULL,
    card_return TEXT NOT NULL CHECK (card_return IN ('', 'S', 'F'))
) STRICT;
CREATE TABLE IF NOT EXISTS refunds (
    id INTEGER PRIMARY KEY,
    trade_no TEXT NOT NULL REFERENCES trades,
    out_request_no TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    at TEXT NOT NULL,
    status TEXT NOT NULL,
    UNIQUE (trade_no, out_request_no)
) STRICT;
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    method TEXT NOT NULL,
    key TEXT NOT NULL,
    fault TEXT NOT NULL,
    answered TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS clock (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    seconds_ahead REAL NOT NULL
) STRICT;
INSERT OR IGNORE INTO clock VALUES (1, 0.0);
"""


@dataclass(frozen=True, kw_only=True)
class Trade:
    """`card_return`: how the refund fares on its way to a bank card. "" means that
    it went to the Alipay balance, "S" that it arrives, "F" that the bank returns it."""

    trade_no: str
    out_trade_no: str
    total_minor: int
    paid_at: datetime
    buyer_logon_id: str = "138****0000"
    card_return: str = ""

    def __post_init__(self) -> None:
        if self.paid_at.tzinfo is None:
            raise ValueError("paid_at needs a time zone.")


@dataclass(frozen=True, kw_only=True)
class Refund:
    trade_no: str
    out_request_no: str
    amount_minor: int
    at: datetime
    status: str = "REFUND_SUCCESS"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One exchange: `key` is the caller's, `answered` a code, or how it was broken."""

    at: datetime
    method: str
    key: str
    fault: str
    answered: str


class Books:
    """The ledger inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def trade(self, *, trade_no: str, out_trade_no: str) -> Trade | None:
        """By `trade_no`, which wins if both are given."""
        if trade_no:
            found = self._trades("WHERE trade_no = ?", trade_no)
        else:
            found = self._trades("WHERE out_trade_no = ?", out_trade_no)
        return found[0] if found else None

    def trades(self) -> list[Trade]:
        return self._trades("ORDER BY trade_no")

    def refunds_of(self, trade: Trade) -> list[Refund]:
        return self._refunds("WHERE trade_no = ? ORDER BY id", trade.trade_no)

    def refunds(self) -> list[Refund]:
        return self._refunds("ORDER BY id")

    def calls(self) -> list[Call]:
        rows = self._connection.execute(
            "SELECT at, method, key, fault, answered FROM calls ORDER BY id"
        )
        return [
            Call(**{**row, "at": datetime.fromisoformat(row["at"])})
            for row in map(dict, rows)
        ]

    def seconds_ahead(self) -> float:
        row = self._connection.execute("SELECT seconds_ahead FROM clock").fetchone()
        return float(row["seconds_ahead"])

    def _trades(self, clause: str, *values: str) -> list[Trade]:
        rows = self._connection.execute(f"SELECT * FROM trades {clause}", values)
        return [
            Trade(**{**row, "paid_at": datetime.fromisoformat(row["paid_at"])})
            for row in map(dict, rows)
        ]

    def _refunds(self, clause: str, *values: str) -> list[Refund]:
        rows = self._connection.execute(
            "SELECT trade_no, out_request_no, amount_minor, at, status FROM refunds "
            + clause,
            values,
        )
        return [
            Refund(**{**row, "at": datetime.fromisoformat(row["at"])})
            for row in map(dict, rows)
        ]

    def book(self, refund: Refund) -> None:
        self._connection.execute(
            "INSERT INTO refunds (trade_no, out_request_no, amount_minor, at, status)"
            " VALUES (:trade_no, :out_request_no, :amount_minor, :at, :status)",
            {**vars(refund), "at": _text(refund.at)},
        )


class Ledger:
    """The file. Safe between threads and processes: a connection per transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as connection:
            connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Books]:
        with self._transaction() as connection:
            yield Books(connection)

    def put_trade(
        self,
        *,
        trade_no: str,
        out_trade_no: str,
        total_minor: int,
        paid_at: datetime,
        buyer_logon_id: str = "138****0000",
        card_return: str = "",
    ) -> Trade:
        """Creates or replaces a paid trade; its refunds stay.

        Raises ValueError for a naive time or an `out_trade_no` of another trade.
        """
        trade = Trade(
            trade_no=trade_no,
            out_trade_no=out_trade_no,
            total_minor=total_minor,
            paid_at=paid_at,
            buyer_logon_id=buyer_logon_id,
            card_return=card_return,
        )
        try:
            self._put(trade)
        except sqlite3.IntegrityError as error:
            raise ValueError(f"The ledger refuses trade {trade_no}: {error}.") from None
        return trade

    def _put(self, trade: Trade) -> None:
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO trades VALUES (:trade_no, :out_trade_no, :total_minor,"
                " :paid_at, :buyer_logon_id, :card_return)"
                " ON CONFLICT (trade_no) DO UPDATE SET out_trade_no=:out_trade_no,"
                " total_minor=:total_minor, paid_at=:paid_at,"
                " buyer_logon_id=:buyer_logon_id, card_return=:card_return",
                {**vars(trade), "paid_at": _text(trade.paid_at)},
            )

    def trades(self) -> list[Trade]:
        with self._reading() as books:
            return books.trades()

    def refunds(self) -> list[Refund]:
        with self._reading() as books:
            return books.refunds()

    def calls(self) -> list[Call]:
        with self._reading() as books:
            return books.calls()

    def seconds_ahead(self) -> float:
        with self._reading() as books:
            return books.seconds_ahead()

    def moved_minor(self) -> int:
        """All the money that left, over all trades."""
        return sum(refund.amount_minor for refund in self.refunds())

    def record_call(self, call: Call) -> None:
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO calls (at, method, key, fault, answered)"
                " VALUES (:at, :method, :key, :fault, :answered)",
                {**vars(call), "at": _text(call.at)},
            )

    def move_ahead(self, seconds: float) -> None:
        with self._transaction() as connection:
            connection.execute(
                "UPDATE clock SET seconds_ahead = seconds_ahead + ?", (seconds,)
            )

    def reset(self) -> None:
        """Forgets trades, refunds and calls, and sets the clock right."""
        with self._transaction() as connection:
            for table in ("refunds", "trades", "calls"):
                connection.execute(f"DELETE FROM {table}")
            connection.execute("UPDATE clock SET seconds_ahead = 0.0")

    @contextmanager
    def _reading(self) -> Iterator[Books]:
        with closing(self._connect()) as connection:
            yield Books(connection)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """IMMEDIATE: what is read inside can't change before it is written."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        return connection


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
