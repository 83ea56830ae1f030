"""Stripe's lists: newest first, page by page."""

from datetime import datetime
from typing import Any

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.rows import Refund, Trade
from refunds.gateways.sandbox.stripe.errors import Refused, invalid
from refunds.gateways.sandbox.stripe.forms import Form, number, only, word, words
from refunds.gateways.sandbox.stripe.objects import (
    list_object,
    refund_object,
    transaction_object,
)
from refunds.gateways.sandbox.stripe.rules import ROUTE, trade_of

REFUNDS_URL = "/v1/refunds"
TRANSACTIONS_URL = "/v1/balance_transactions"


def refunds(form: Form, *, books: Books, now: datetime) -> dict[str, Any]:
    only(form, "payment_intent", "charge", "limit", "starting_after", "expand")
    if word(form, "payment_intent") or word(form, "charge"):
        found = books.refunds_of(trade_of(form, books))
    else:
        found = books.refunds(ROUTE)
    trades = _trades(books)
    rows = [refund_object(r, trades[r.trade_no], now=now) for r in reversed(found)]
    return _page(REFUNDS_URL, rows, form)


def transactions(form: Form, *, books: Books, now: datetime) -> dict[str, Any]:
    only(form, "type", "created", "limit", "starting_after", "expand")
    trades, kind = _trades(books), word(form, "type")
    within = words(form, "created")
    first, end = number(within, "gte", least=0), number(within, "lt", least=0)
    expands = "data.source" in form.get("expand", [])
    rows = [
        transaction_object(
            movement,
            trades[refund.trade_no],
            source=_source(refund, trades, now=now) if expands else refund.number,
        )
        for refund in books.refunds(ROUTE)
        for movement in refund.traits.get("movements", [])
        if kind in ("", movement["type"])
        and (first is None or movement["created"] >= first)
        and (end is None or movement["created"] < end)
    ]
    rows.sort(key=lambda row: int(row["created"]), reverse=True)
    return _page(TRANSACTIONS_URL, rows, form)


def one_refund(number_given: str, books: Books) -> tuple[Refund, Trade]:
    refund = books.refund(ROUTE, number=number_given)
    if refund is None:
        words_ = f"No such refund: '{number_given}'"
        raise Refused(404, "resource_missing", message=words_, param="id")
    return refund, _trades(books)[refund.trade_no]


def _page(url: str, rows: list[dict[str, Any]], form: Form) -> dict[str, Any]:
    limit = number(form, "limit") or 10
    if limit > 100:
        raise invalid("limit", "parameter_invalid_integer")
    after = word(form, "starting_after")
    begin = 0
    if after:
        places = [place for place, row in enumerate(rows) if row["id"] == after]
        if not places:
            raise invalid("starting_after", "resource_missing")
        begin = places[0] + 1
    has_more = len(rows) > begin + limit
    return list_object(url, rows[begin : begin + limit], has_more=has_more)


def _source(
    refund: Refund, trades: dict[str, Trade], *, now: datetime
) -> dict[str, Any]:
    return refund_object(refund, trades[refund.trade_no], now=now)


def _trades(books: Books) -> dict[str, Trade]:
    return {trade.trade_no: trade for trade in books.trades() if trade.route == ROUTE}
