"""How the money of a told life goes back: at once, by the bank's next file, after
somebody had to look, or not until the customer names another account."""

from datetime import timedelta
from typing import Any

from accounts.models import Invoice, Role, Route
from refunds.clock.deadlines import local_day
from refunds.demo.many.life import Life
from refunds.demo.many.tables import written
from refunds.gateways.base import Outcome
from refunds.models import (
    AllocationBalance,
    InvoiceReversal,
    LegState,
    PaymentBalance,
    Payout,
    PayoutCall,
    PayoutLeg,
)
from refunds.payouts.send import WAITS_FOR_BATCH
from refunds.states import State

NOT_ENOUGH = "ACQ.SELLER_BALANCE_NOT_ENOUGH"
CLOSED = "route_closed"
# What hangs at the customer, or at the bank's file, is from these days.
STILL_HANGS = timedelta(days=14)
# Both calls and the end follow each other: nothing stands between them today.
MINUTES = timedelta(minutes=2)


def pay(life: Life, *, beside: bool = False, below: int) -> None:
    """From agreed to the end. `below`: what goes without finance."""
    amount = life.columns["agreed_amount"]
    if amount >= 20_000_00 and life.dice.random() < 0.4:
        _invoice_first(life, amount)
    itself = amount < below
    if itself:
        life.passes(0.02)
    else:
        life.works(10)
    by = None if itself else life.staff.one(Role.FINANCE, life.dice)
    life.needs(MINUTES)
    leg = _Leg(life, amount)
    legs = [{"key": leg.key, "amount": amount}]
    life.move("pay", State.PAYING, by=by, amount=amount, legs=legs)
    leg.released(by)
    try:
        _goes(life, leg, beside=beside)
    finally:
        leg.keep()


def _goes(life: Life, leg: "_Leg", *, beside: bool) -> None:
    recent = life.at > life.until - STILL_HANGS
    if life.paid.route == Route.BANK_TRANSFER:
        leg.columns["code"] = WAITS_FOR_BATCH
        return
    if recent and life.dice.random() < 0.04:
        _closed(life, leg)
        return
    if life.dice.random() < 0.03:
        _held_up(life, leg)
    _arrives(life, leg)
    numbers: dict[str, Any] = {
        "amount": leg.amount,
        "provider_numbers": [leg.provider_number],
    }
    if not beside:
        life.move("settle", State.REFUNDED, **numbers)
        return
    life.move("carry_out", State.FULFILLING, **numbers)


def _arrives(life: Life, leg: "_Leg") -> None:
    leg.sent()
    life.passes(0.003)
    leg.answered(LegState.PROCESSING, Outcome.PROCESSING, PayoutCall.Kind.SUBMIT)
    life.passes(0.006)
    leg.provider_number = leg.columns["provider_number"] = leg.trade
    leg.answered(LegState.SUCCEEDED, Outcome.SUCCEEDED, PayoutCall.Kind.QUERY)


def _held_up(life: Life, leg: "_Leg") -> None:
    """Until finance has filled the merchant's balance."""
    leg.sent()
    leg.columns["code"] = NOT_ENOUGH
    leg.answered(LegState.NEEDS_ACTION, Outcome.REJECTED, PayoutCall.Kind.SUBMIT)
    life.move("block_payout", State.PAYOUT_BLOCKED, reason=NOT_ENOUGH)
    life.works(40)
    by = life.staff.one(Role.FINANCE, life.dice)
    life.needs(MINUTES)
    life.move("retry_payout", State.PAYING, by=by, keys=[leg.key])
    leg.columns["code"] = ""


def _closed(life: Life, leg: "_Leg") -> None:
    leg.columns["code"] = CLOSED
    leg.answered(LegState.ROUTE_CLOSED, Outcome.REJECTED, None)
    life.waits_for_account = True
    life.move("block_payout", State.PAYOUT_BLOCKED, reason=CLOSED)


def _invoice_first(life: Life, amount: int) -> None:
    """A red-letter invoice for what goes back."""
    invoice, reversal = life.ids.next(Invoice), life.ids.next(InvoiceReversal)
    number = f"FP{invoice:010d}"
    what: dict[str, Any] = {
        "reversal": reversal,
        "invoice": number,
        "kind": str(InvoiceReversal.Kind.RED_LETTER),
        "amount": amount,
    }
    planned: dict[str, Any] = {
        "id": reversal,
        "request_id": life.pk,
        "invoice_id": invoice,
        "kind": what["kind"],
        "amount": amount,
        "planned_at": life.at,
    }
    done: dict[str, Any] = {"state": "planned", "number": "", "done_at": None}
    done["done_by_id"] = None
    life.passes(0.01)
    try:
        life.move("correct_invoice", State.INVOICING)
        life.event("reversal_planned", **what)
        life.works(20)
        by = life.staff.one(Role.FINANCE, life.dice)
        red = f"HZ{reversal:010d}"
        life.event("reversal_done", by=by, **what, number=red)
        done = {"state": "done", "number": red, "done_at": life.at, "done_by_id": by}
    finally:
        _keep_invoice(life, invoice, number, amount if done["done_at"] else 0)
        if life.state != State.AGREED:
            life.rows.add(InvoiceReversal, **planned, **done)


def _keep_invoice(life: Life, pk: int, number: str, gone: int) -> None:
    life.rows.add(
        Invoice,
        id=pk,
        number=number,
        contract_id=life.paid.contract,
        kind=str(Invoice.Kind.DIGITAL),
        issued_on=life.answered.facts.contract.signed_on,
        amount=life.paid.amount,
        tax=life.paid.amount * 6 // 106,
        reversed=gone,
    )


class _Leg:
    """The one leg of a payout, and its balances."""

    def __init__(self, life: Life, amount: int) -> None:
        self.life, self.amount = life, amount
        self.pk, self.payout = life.ids.next(PayoutLeg), life.ids.next(Payout)
        self.key = f"{life.number.replace('-', '')}L1A1"
        self.trade = f"R{life.paid.trade_number}"
        self.provider_number = ""
        self.columns: dict[str, Any] = {
            "state": str(LegState.PREPARED),
            "code": "",
            "provider_number": "",
            "sendings": 0,
            "sent_at": None,
            "settled_at": None,
            "settled_by_id": None,
        }
        self.prepared_at = life.at

    def released(self, by: int | None) -> None:
        life = self.life
        self.prepared_at = life.at
        clock = next(c for c in life.clocks.running() if c.kind == "payout")
        life.rows.add(
            Payout,
            id=self.payout,
            request_id=life.pk,
            amount=self.amount,
            currency="CNY",
            released_by_id=by,
            released_at=life.at,
            expected_on=local_day(life.clocks.calendar, clock.due_at),
        )

    def sent(self) -> None:
        self.columns["sendings"] += 1
        self.columns["sent_at"] = self.life.at
        self.columns["state"] = str(LegState.SENDING)
        route = self.life.paid.route
        self.life.event("payout_sent", key=self.key, amount=self.amount, route=route)

    def answered(
        self, state: LegState, outcome: Outcome, kind: PayoutCall.Kind | None
    ) -> None:
        """`kind` None: nothing was called."""
        self.columns["state"] = str(state.value)
        self.life.event(
            f"payout_{state.value}",
            key=self.key,
            amount=self.amount,
            outcome=str(outcome.value),
            code=self.columns["code"],
            provider_number=self.columns["provider_number"],
        )
        if kind is None:
            return
        call = self._keep_call(outcome, kind)
        if state == LegState.SUCCEEDED:
            self.columns["settled_at"] = self.life.at
            self.columns["settled_by_id"] = call

    def _keep_call(self, outcome: Outcome, kind: PayoutCall.Kind) -> int:
        call = self.life.ids.next(PayoutCall)
        self.life.rows.add(
            PayoutCall,
            id=call,
            leg_id=self.pk,
            kind=str(kind.value),
            at=self.life.at,
            outcome=str(outcome.value),
            code=self.columns["code"],
            http_status=200,
            signature_ok=True,
        )
        return call

    def keep(self) -> None:
        life = self.life
        life.rows.add(
            PayoutLeg,
            id=self.pk,
            payout_id=self.payout,
            allocation_id=life.paid.allocation,
            route=life.paid.route,
            amount=self.amount,
            currency="CNY",
            key=self.key,
            parameters=written({"key": self.key, "trade": life.paid.trade_number}),
            prepared_at=self.prepared_at,
            **self.columns,
        )
        state = self.columns["state"]
        gone = self.amount if state == LegState.SUCCEEDED else 0
        moved_nothing = state == LegState.ROUTE_CLOSED
        reserved = 0 if gone or moved_nothing else self.amount
        sums = {"captured": life.paid.amount, "reserved": reserved, "refunded": gone}
        life.rows.add(PaymentBalance, payment_id=life.paid.payment, **sums)
        life.rows.add(AllocationBalance, allocation_id=life.paid.allocation, **sums)
