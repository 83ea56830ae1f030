"""What the bank does with a batch: takes it, settles it within the hour, returns it.

A transfer is a row of the ledger's refunds, its key its own trade. `status`: ACTC
taken, ACSC settled, RJCT refused, RTRN returned; the rest stands in its traits.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from refunds.gateways.sandbox.bank.batch import Batch, Transfer
from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.rows import Refund, Trade

ROUTE = "bank_transfer"
ACCOUNT = "1101040160000001234"
SETTLES_AFTER = timedelta(hours=1)


def take(batch: Batch, *, books: Books, now: datetime) -> str:
    """A reason to refuse all of it, or nothing; each transfer then has its status."""
    if books.kept_reply(ROUTE, batch.number):
        return "AM05"
    if batch.debtor != ACCOUNT:
        return "AC02"
    doubles = {}
    for transfer in batch.transfers:
        if books.refund(ROUTE, key=transfer.key):
            doubles[transfer.key] = [transfer.amount, transfer.currency]
        elif transfer.minor:
            _book(transfer, batch, books=books, now=now)
        else:
            doubles[transfer.key] = [transfer.amount, transfer.currency, "AM12"]
    kept: dict[str, Any] = {"encoding": batch.encoding, "doubles": doubles}
    books.keep_reply(ROUTE, batch.number, kept, at=now)
    return ""


def transfers_of(books: Books, number: str) -> list[Refund]:
    return [r for r in books.refunds(ROUTE) if r.traits["batch"] == number]


def bring_up(books: Books, *, now: datetime) -> None:
    """What was taken an hour ago is settled, as far as the account's funds go."""
    for transfer in books.refunds(ROUTE):
        due_at = transfer.at + SETTLES_AFTER
        if transfer.status == "ACTC" and now >= due_at:
            books.change(_settled(transfer, books, due_at))


def turned(transfer: Refund, outcome: str, *, now: datetime) -> Refund:
    """`RJCT:code` refuses what is not settled; `returned:code` sends back what is."""
    word, _colon, code = outcome.partition(":")
    if word == "RJCT" and code and transfer.status == "ACTC":
        return _refused(transfer, code)
    if word == "returned" and code and transfer.status == "ACSC":
        traits = {"reason": code, "returned_at": now.isoformat()}
        return replace(
            transfer, status="RTRN", moved=False, traits={**transfer.traits, **traits}
        )
    raise ValueError(
        f"A bank knows RJCT:code of what is taken and returned:code of what is "
        f"settled; this one is {transfer.status}, got {outcome!r}."
    )


def _book(transfer: Transfer, batch: Batch, *, books: Books, now: datetime) -> None:
    books.put_trade(
        Trade(
            route=ROUTE,
            trade_no=transfer.key,
            out_trade_no=transfer.key,
            total_minor=transfer.minor,
            currency=transfer.currency,
            paid_at=now,
        )
    )
    refund = Refund(
        route=ROUTE,
        trade_no=transfer.key,
        key=transfer.key,
        amount_minor=transfer.minor,
        at=now,
        status="ACTC",
        number=f"BK{transfer.key}",
        moved=False,
        traits={
            "batch": batch.number,
            "amount": transfer.amount,
            "currency": transfer.currency,
            "account": transfer.account,
            "holder": transfer.holder,
        },
    )
    books.book(_refused(refund, transfer.refusal) if transfer.refusal else refund)


def _settled(transfer: Refund, books: Books, at: datetime) -> Refund:
    funds = books.funds(ROUTE)
    if funds is not None:
        if funds < transfer.amount_minor:
            return _refused(transfer, "AM04")
        books.set_funds(ROUTE, funds - transfer.amount_minor)
    traits = {**transfer.traits, "settled_at": at.isoformat()}
    return replace(transfer, status="ACSC", moved=True, traits=traits)


def _refused(transfer: Refund, code: str) -> Refund:
    traits = {**transfer.traits, "reason": code}
    return replace(transfer, status="RJCT", moved=False, traits=traits)
