"""What Stripe does with a refund: what it takes, and how it goes on by itself."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.rows import Refund, Trade
from refunds.gateways.sandbox.stripe.errors import Refused, invalid
from refunds.gateways.sandbox.stripe.forms import Form, number, only, word, words
from refunds.gateways.sandbox.stripe.objects import seconds

ROUTE = "stripe"
REASONS = ("", "duplicate", "fraudulent", "requested_by_customer")
GONE = ("failed", "canceled")
# How long the networks take, unless the trade says otherwise.
SETTLES_AFTER_SECONDS = 5
THREE_DIGITS = ("BHD", "JOD", "KWD", "OMR", "TND")


def new_refund(form: Form, *, key: str, books: Books, now: datetime) -> Refund:
    """Checked and booked. Raises Refused."""
    only(form, "payment_intent", "charge", "amount", "reason", "metadata")
    if word(form, "reason") not in REASONS:
        raise invalid("reason")
    metadata = _metadata(form)
    trade = trade_of(form, books)
    asked = number(form, "amount")
    left = trade.total_minor - _taken(books.refunds_of(trade))
    amount = left if asked is None else asked
    _check(trade, amount, left)
    if trade.currency in THREE_DIGITS and amount % 10:
        raise invalid("amount", message="The last digit has to be 0.")
    refund = Refund(
        route=ROUTE,
        trade_no=trade.trade_no,
        key=_own_key(books, trade, key),
        amount_minor=amount,
        at=now,
        status="pending",
        number=f"re_{secrets.token_hex(12)}",
        moved=False,
        traits={"metadata": metadata, "reason": word(form, "reason") or None},
    )
    refund = _first_state(refund, trade, books=books, now=now)
    books.book(refund)
    return refund


def trade_of(form: Form, books: Books) -> Trade:
    """By `payment_intent` or `charge`, of which one is given. Raises Refused."""
    given = [name for name in ("payment_intent", "charge") if word(form, name)]
    if len(given) != 1:
        raise invalid(
            "charge",
            "parameter_missing",
            message="One of payment_intent and charge is needed.",
        )
    (name,) = given
    number_given = word(form, name)
    found = books.trade(route=ROUTE, trade_no=number_given)
    if found is None and name == "charge":
        intent = "pi_" + number_given.removeprefix("ch_")
        found = books.trade(route=ROUTE, trade_no=intent)
    if found is None or number_given.startswith("pi_") != (name == "payment_intent"):
        words_ = f"No such {name}: '{number_given}'"
        raise Refused(404, "resource_missing", message=words_, param=name)
    return found


def moves_on(books: Books, *, now: datetime) -> list[Refund]:
    """What is pending, and isn't any more by now; as it is then."""
    changed = []
    for refund in books.refunds(ROUTE):
        later = _by_now(refund, books=books, now=now)
        if later != refund:
            books.change(later)
            changed.append(later)
    return changed


def turned(refund: Refund, outcome: str, *, books: Books, now: datetime) -> Refund:
    """Raises ValueError."""
    status, _, why = outcome.partition(":")
    known = ("pending", "succeeded", "failed", "requires_action", "canceled")
    if status not in known or (why and status not in ("failed", "pending")):
        raise ValueError(
            f"Stripe knows {', '.join(known)} and failed:REASON, got {outcome!r}."
        )
    if refund.status in GONE:
        raise ValueError(f"This refund is {refund.status}, which is final.")
    traits = {
        name: value
        for name, value in refund.traits.items()
        if name not in ("pending_reason", "failure_reason", "settles_at")
    }
    if status == "failed":
        traits["failure_reason"] = why or "unknown"
    if status == "pending":
        traits["pending_reason"] = why or "processing"
    moved = status == "succeeded" or (status == "pending" and refund.moved)
    changed = replace(refund, status=status, traits=traits)
    return _moved(changed, moved, books=books, now=now)


def _metadata(form: Form) -> dict[str, str]:
    found = words(form, "metadata")
    too_long = any(len(k) > 40 or len(v) > 500 for k, v in found.items())
    if len(found) > 50 or too_long:
        raise invalid("metadata")
    return found


def _check(trade: Trade, amount: int, left: int) -> None:
    if trade.traits.get("disputed"):
        raise Refused(400, "charge_disputed", kept=True)
    if left <= 0:
        raise Refused(400, "charge_already_refunded", kept=True)
    if amount > left:
        raise Refused(
            400,
            message=f"Refund amount ({amount}) is greater than unrefunded amount on"
            f" charge ({left})",
            param="amount",
            kept=True,
        )


def _own_key(books: Books, trade: Trade, key: str) -> str:
    """A key that was forgotten after a day makes another refund."""
    times = sum(
        refund.key == key or refund.key.startswith(f"{key}#")
        for refund in books.refunds_of(trade)
    )
    return f"{key}#{times + 1}" if times else key


def _first_state(
    refund: Refund, trade: Trade, *, books: Books, now: datetime
) -> Refund:
    """By card it waits for money of ours; by other methods it is refused without."""
    funds = books.funds(ROUTE)
    if funds is not None and funds < refund.amount_minor:
        if trade.traits.get("method", "card") != "card":
            raise Refused(400, "balance_insufficient", kept=True)
        waits = {**refund.traits, "pending_reason": "insufficient_funds"}
        return replace(refund, traits=waits)
    after = int(trade.traits.get("settles_in", SETTLES_AFTER_SECONDS))
    settles = {"settles_at": (now + timedelta(seconds=after)).isoformat()}
    traits: dict[str, Any] = {**refund.traits, "pending_reason": "processing"}
    moved = replace(refund, traits={**traits, **settles})
    return _by_now(
        _moved(moved, True, books=books, now=now),  # noqa: FBT003
        books=books,
        now=now,
    )


def _by_now(refund: Refund, *, books: Books, now: datetime) -> Refund:
    if refund.status != "pending":
        return refund
    why = refund.traits.get("pending_reason")
    if why == "insufficient_funds":
        funds = books.funds(ROUTE)
        if funds is not None and funds < refund.amount_minor:
            return refund
        return turned(refund, "succeeded", books=books, now=now)
    settles_at = refund.traits.get("settles_at")
    if settles_at is None or now < datetime.fromisoformat(settles_at):
        return refund
    return turned(refund, "succeeded", books=books, now=now)


def _moved(refund: Refund, moved: bool, *, books: Books, now: datetime) -> Refund:  # noqa: FBT001
    """Books the balance transaction where the money leaves or comes back."""
    if moved == refund.moved:
        return refund
    sign = -1 if moved else 1
    funds = books.funds(ROUTE)
    if funds is not None:
        books.set_funds(ROUTE, funds + sign * refund.amount_minor)
    movement = {
        "id": f"txn_{secrets.token_hex(12)}",
        "type": "refund" if moved else "refund_failure",
        "amount": sign * refund.amount_minor,
        "created": seconds(now),
    }
    movements = [*refund.traits.get("movements", []), movement]
    return replace(
        refund, moved=moved, traits={**refund.traits, "movements": movements}
    )


def _taken(refunds: list[Refund]) -> int:
    return sum(r.amount_minor for r in refunds if r.status not in GONE)
