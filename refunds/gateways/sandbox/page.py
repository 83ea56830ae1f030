"""The control port's one page: what the sandbox holds, for people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape

from refunds.gateways.sandbox.faults import FaultBoard
from refunds.gateways.sandbox.ledger import Ledger

LATEST_CALLS = 50
PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Sandbox gateway</title></head>
<body>
<h1>Sandbox gateway</h1>
<p>No real money moves here. Amounts are in the smallest unit.
The sandbox's clock shows {now}.</p>
{tables}
</body>
</html>
"""


def overview(ledger: Ledger, *, faults: FaultBoard, now: datetime) -> bytes:
    calls = ledger.calls()[: -LATEST_CALLS - 1 : -1]
    tables = [
        _table(
            "Trades",
            ("Route", "Trade", "Our order", "Total", "Currency", "Paid at", "Traits"),
            (
                (
                    *(t.route, t.trade_no, t.out_trade_no, t.total_minor),
                    *(t.currency, t.paid_at, _listed(t.traits)),
                )
                for t in ledger.trades()
            ),
        ),
        _table(
            "Refunds",
            ("Route", "Trade", "Key", "Amount", "At", "Status", "Moved"),
            (
                (
                    *(r.route, r.trade_no, r.key, r.amount_minor),
                    *(r.at, r.status, r.moved),
                )
                for r in ledger.refunds()
            ),
        ),
        _table(
            "Notifications",
            ("Id", "Route", "To", "Due at", "Tries", "Answered"),
            (
                (d.id, d.route, d.url, d.due_at or "–", d.tries, d.answered)
                for d in ledger.deliveries()[: -LATEST_CALLS - 1 : -1]
            ),
        ),
        _table(
            "Faults that wait",
            ("Method", "Fault", "Times", "Skips"),
            ((f.method, f, f.times or "always", f.skip) for f in faults.waiting()),
        ),
        _table(
            "Latest calls",
            ("At", "Method", "Key", "Fault", "Answered"),
            ((c.at, c.method, c.key, c.fault, c.answered) for c in calls),
        ),
    ]
    return PAGE.format(now=_cell(now), tables="\n".join(tables)).encode()


def _table(
    title: str, names: tuple[str, ...], rows: Iterable[tuple[object, ...]]
) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "\n".join(
        f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>"
        for row in rows
    )
    return (
        f"<table>\n<caption>{escape(title)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _listed(traits: Mapping[str, object]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in traits.items())


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        value = value.astimezone().isoformat(" ", "seconds")
    return escape(str(value))
