"""The sandbox's ledger inside one transaction: reading and booking."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from refunds.gateways.sandbox.rows import Call, Delivery, Refund, Trade


class Books:
    """The ledger inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def trade(
        self, *, trade_no: str = "", out_trade_no: str = "", route: str = "alipay"
    ) -> Trade | None:
        """By `trade_no`, which wins if both are given."""
        column = "trade_no" if trade_no else "out_trade_no"
        found = self._trades(
            f"WHERE route = ? AND {column} = ?", route, trade_no or out_trade_no
        )
        return found[0] if found else None

    def trades(self) -> list[Trade]:
        return self._trades("ORDER BY route, trade_no")

    def put_trade(self, trade: Trade) -> None:
        self._connection.execute(
            "INSERT INTO trades VALUES (:route, :trade_no, :out_trade_no, :total_minor,"
            " :currency, :paid_at, :traits)"
            " ON CONFLICT (route, trade_no) DO UPDATE SET out_trade_no=:out_trade_no,"
            " total_minor=:total_minor, currency=:currency, paid_at=:paid_at,"
            " traits=:traits",
            _plain(trade),
        )

    def refunds_of(self, trade: Trade) -> list[Refund]:
        return self._refunds(
            "WHERE route = ? AND trade_no = ? ORDER BY id", trade.route, trade.trade_no
        )

    def refunds(self, route: str = "") -> list[Refund]:
        if not route:
            return self._refunds("ORDER BY id")
        return self._refunds("WHERE route = ? ORDER BY id", route)

    def refund(self, route: str, *, key: str = "", number: str = "") -> Refund | None:
        """The latest under the caller's key, or by the provider's number."""
        column = "key" if key else "number"
        found = self._refunds(
            f"WHERE route = ? AND {column} = ? ORDER BY id", route, key or number
        )
        return found[-1] if found else None

    def book(self, refund: Refund) -> None:
        self._connection.execute(
            "INSERT INTO refunds (route, trade_no, key, amount_minor, at, status,"
            " number, moved, traits) VALUES (:route, :trade_no, :key, :amount_minor,"
            " :at, :status, :number, :moved, :traits)",
            _plain(refund),
        )

    def change(self, refund: Refund) -> None:
        """Status, number, `moved` and traits of a booked refund become these."""
        self._connection.execute(
            "UPDATE refunds SET status = :status, number = :number, moved = :moved,"
            " traits = :traits"
            " WHERE route = :route AND trade_no = :trade_no AND key = :key",
            _plain(refund),
        )

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

    def kept_reply(self, route: str, key: str) -> tuple[datetime, Any] | None:
        """What was answered under this idempotency key, and when."""
        row = self._connection.execute(
            "SELECT at, content FROM replies WHERE route = ? AND key = ?", (route, key)
        ).fetchone()
        if row is None:
            return None
        return datetime.fromisoformat(row["at"]), json.loads(row["content"])

    def keep_reply(self, route: str, key: str, content: Any, *, at: datetime) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?)",
            (route, key, text_of(at), json.dumps(content)),
        )

    def funds(self, route: str) -> int | None:
        """What the merchant has there; None: more than anybody asks for."""
        row = self._connection.execute(
            "SELECT minor FROM funds WHERE route = ?", (route,)
        ).fetchone()
        return None if row is None else int(row["minor"])

    def set_funds(self, route: str, minor: int | None) -> None:
        self._connection.execute("DELETE FROM funds WHERE route = ?", (route,))
        if minor is not None:
            self._connection.execute("INSERT INTO funds VALUES (?, ?)", (route, minor))

    def post(
        self,
        route: str,
        *,
        event: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        due_at: datetime | None,
    ) -> None:
        """A notification that is to be delivered from `due_at` on; None: held."""
        self._connection.execute(
            "INSERT INTO deliveries (route, event, url, headers, body, due_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (route, event, url, json.dumps(dict(headers)), body, _optional(due_at)),
        )

    def deliveries(self) -> list[Delivery]:
        rows = self._connection.execute("SELECT * FROM deliveries ORDER BY id")
        return [_delivery(dict(row)) for row in rows]

    def delivered(
        self, delivery: Delivery, *, answered: str, due_at: datetime | None
    ) -> None:
        """One more try of it; `due_at` None: it is not sent again."""
        self._connection.execute(
            "UPDATE deliveries SET tries = tries + 1, answered = ?, due_at = ?"
            " WHERE id = ?",
            (answered, _optional(due_at), delivery.id),
        )

    def reschedule(self, delivery: Delivery, *, due_at: datetime | None) -> None:
        """Held, dropped, or before or after another one."""
        self._connection.execute(
            "UPDATE deliveries SET due_at = ? WHERE id = ?",
            (_optional(due_at), delivery.id),
        )

    def _trades(self, clause: str, *values: str) -> list[Trade]:
        rows = self._connection.execute(f"SELECT * FROM trades {clause}", values)
        return [
            Trade(
                **{
                    **row,
                    "paid_at": datetime.fromisoformat(row["paid_at"]),
                    "traits": json.loads(row["traits"]),
                }
            )
            for row in map(dict, rows)
        ]

    def _refunds(self, clause: str, *values: str) -> list[Refund]:
        rows = self._connection.execute(
            "SELECT route, trade_no, key, amount_minor, at, status, number, moved,"
            f" traits FROM refunds {clause}",
            values,
        )
        return [
            Refund(
                **{
                    **row,
                    "at": datetime.fromisoformat(row["at"]),
                    "moved": bool(row["moved"]),
                    "traits": json.loads(row["traits"]),
                }
            )
            for row in map(dict, rows)
        ]


def _plain(row: Trade | Refund) -> dict[str, Any]:
    """As SQLite keeps it: moments as text, traits as JSON."""
    values = vars(row) | {"traits": json.dumps(dict(row.traits), ensure_ascii=False)}
    return {
        name: text_of(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _delivery(row: dict[str, Any]) -> Delivery:
    due_at = row["due_at"]
    return Delivery(
        **{
            **row,
            "headers": json.loads(row["headers"]),
            "due_at": datetime.fromisoformat(due_at) if due_at else None,
        }
    )


def _optional(moment: datetime | None) -> str | None:
    return None if moment is None else text_of(moment)


def text_of(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
