"""The sandbox's money: trades, what was refunded of them, and every call that came.

One SQLite file that survives restarts. Amounts are minor units, times are UTC.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from refunds.gateways.sandbox.books import Books, text_of
from refunds.gateways.sandbox.rows import Call, Delivery, Refund, Trade

LEDGER_FILE = "ledger.sqlite3"

SCHEMA = """
CREATE TABLE IF NOT EXISTS trades (
    route TEXT NOT NULL,
    trade_no TEXT NOT NULL,
    out_trade_no TEXT NOT NULL,
    total_minor INTEGER NOT NULL CHECK (total_minor > 0),
    currency TEXT NOT NULL,
    paid_at TEXT NOT NULL,
    traits TEXT NOT NULL,
    PRIMARY KEY (route, trade_no),
    UNIQUE (route, out_trade_no)
) STRICT;
CREATE TABLE IF NOT EXISTS refunds (
    id INTEGER PRIMARY KEY,
    route TEXT NOT NULL,
    trade_no TEXT NOT NULL,
    key TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    at TEXT NOT NULL,
    status TEXT NOT NULL,
    number TEXT NOT NULL,
    moved INTEGER NOT NULL,
    traits TEXT NOT NULL,
    UNIQUE (route, trade_no, key),
    FOREIGN KEY (route, trade_no) REFERENCES trades (route, trade_no)
) STRICT;
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    method TEXT NOT NULL,
    key TEXT NOT NULL,
    fault TEXT NOT NULL,
    answered TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS replies (
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    at TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (route, key)
) STRICT;
CREATE TABLE IF NOT EXISTS funds (
    route TEXT PRIMARY KEY,
    minor INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY,
    route TEXT NOT NULL,
    event TEXT NOT NULL,
    url TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    due_at TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    answered TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS clock (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    seconds_ahead REAL NOT NULL
) STRICT;
INSERT OR IGNORE INTO clock VALUES (1, 0.0);
"""
TABLES = ("refunds", "trades", "calls", "replies", "funds", "deliveries")


class Ledger:
    """The file. Safe between threads and processes: a connection per transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as connection:
            if _is_older(connection):
                connection.executescript("DROP TABLE refunds; DROP TABLE trades;")
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
        route: str = "alipay",
        currency: str = "CNY",
        **traits: Any,
    ) -> Trade:
        """Creates or replaces a paid trade; its refunds stay. `traits` are the route's
        own: what else it knows, or how refunds of it will fare.

        Raises ValueError for a naive time or an `out_trade_no` of another trade.
        """
        trade = Trade(
            route=route,
            trade_no=trade_no,
            out_trade_no=out_trade_no,
            total_minor=total_minor,
            currency=currency,
            paid_at=paid_at,
            traits=traits,
        )
        try:
            with self.transaction() as books:
                books.put_trade(trade)
        except sqlite3.IntegrityError as error:
            raise ValueError(f"The ledger refuses trade {trade_no}: {error}.") from None
        return trade

    def trades(self) -> list[Trade]:
        with self._reading() as books:
            return books.trades()

    def refunds(self, route: str = "") -> list[Refund]:
        with self._reading() as books:
            return books.refunds(route)

    def calls(self) -> list[Call]:
        with self._reading() as books:
            return books.calls()

    def deliveries(self) -> list[Delivery]:
        with self._reading() as books:
            return books.deliveries()

    def seconds_ahead(self) -> float:
        with self._reading() as books:
            return books.seconds_ahead()

    def moved_minor(self) -> int:
        """All the money that left and did not come back, over all trades."""
        return sum(refund.amount_minor for refund in self.refunds() if refund.moved)

    def record_call(self, call: Call) -> None:
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO calls (at, method, key, fault, answered)"
                " VALUES (:at, :method, :key, :fault, :answered)",
                {**vars(call), "at": text_of(call.at)},
            )

    def move_ahead(self, seconds: float) -> None:
        with self._transaction() as connection:
            connection.execute(
                "UPDATE clock SET seconds_ahead = seconds_ahead + ?", (seconds,)
            )

    def reset(self) -> None:
        """Forgets everything that happened, and sets the clock right."""
        with self._transaction() as connection:
            for table in TABLES:
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


def _is_older(connection: sqlite3.Connection) -> bool:
    """A ledger of before there were several routes: it starts anew."""
    rows = connection.execute("PRAGMA table_info(trades)").fetchall()
    return bool(rows) and "route" not in {row["name"] for row in rows}
