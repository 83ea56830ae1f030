"""A leg as it is prepared: its merchant, key and parameters; never changed after."""

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime

from django.conf import settings

from accounts.models import Payment, Route
from refunds.gateways.base import Instruction, Payee, Reason
from refunds.gateways.registry import gateway_of, merchant_for
from refunds.models import (
    LegState,
    Payout,
    PayoutAccount,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.balances import Account, reserve
from refunds.payouts.split import Part

# What Instruction's parameters never carry: the account itself. Its fingerprint does.
FINGERPRINT = "payee"


def attempt(
    payout: Payout,
    account: Account,
    part: Part,
    *,
    leg: int,
    at: datetime,
    attempt: int = 1,
    to: PayoutAccount | None = None,
) -> PayoutLeg:
    """Reserves the money and prepares the row; the caller saves it. `leg` and `attempt`
    count from 1. `to`: an approved account, by bank transfer."""
    payment = account.allocation.payment
    reserve(account, part)
    route = Route.BANK_TRANSFER if to else payment.route
    merchant = merchant_for(route, "" if to else payment.merchant)
    prepared = PayoutLeg(
        payout=payout,
        allocation=account.allocation,
        attempt=attempt,
        route=route,
        merchant=merchant,
        account=to,
        amount=part.amount,
        currency=payout.currency,
        key=key_for(payout.request, leg=leg, attempt=attempt),
        state=LegState.PREPARED,
        prepared_at=at,
        next_at=at,
    )
    gateway = gateway_of(merchant)
    instruction = instruction_of(prepared)
    prepared.parameters = gateway.parameters(instruction) if gateway else {}
    if instruction.payee:
        prepared.parameters[FINGERPRINT] = fingerprint(instruction.payee.number)
    return prepared


def instruction_of(leg: PayoutLeg) -> Instruction:
    payment = leg.allocation.payment
    return Instruction(
        key=leg.key,
        trade_number=payment.trade_number,
        amount=leg.amount,
        currency=leg.currency,
        reason=str(leg.payout.request.number),
        paid=payment.amount,
        payee=_payee(payment, leg),
    )


def _payee(payment: Payment, leg: PayoutLeg) -> Payee | None:
    """The approved account; else, for a bank transfer, the one that it came from."""
    if leg.account:
        account = leg.account
        return Payee(
            account.holder, account.number, account.bank_name, account.bank_code
        )
    return _payer(payment) if leg.route == Route.BANK_TRANSFER else None


def _payer(payment: Payment) -> Payee | None:
    """The account that a bank transfer came from."""
    if payment.route != Route.BANK_TRANSFER or not payment.payer_number:
        return None
    return Payee(
        payment.payer_name, payment.payer_number, bank_code=payment.payer_bank_code
    )


def obstacles(payment: Payment, instruction: Instruction, *, at: datetime) -> list[str]:
    """What keeps the payment's own route from taking this back, as codes; found
    without a network."""
    if not payment.route_open:
        return [Reason.ROUTE_CLOSED]
    if payment.route == Route.BANK_TRANSFER and not payment.payer_number:
        return [Reason.ROUTE_CLOSED]
    gateway = gateway_of(merchant_for(payment.route, payment.merchant))
    if gateway is None:
        return ["no_merchant"]
    if instruction.payee is None:
        instruction = replace(instruction, payee=_payer(payment))
    return list(gateway.check(instruction, paid_at=payment.paid_at, now=at))


def key_for(request: RefundRequest, *, leg: int, attempt: int) -> str:
    """Letters and digits only, 32 at most: every route takes it as it is."""
    return f"{str(request.number).replace('-', '')}L{leg}A{attempt}"


def fingerprint(number: str) -> str:
    """Tells whether two account numbers are the same, and not which they are. Blanks
    don't count. Under the oldest sealing key, which stays as long as what it sealed."""
    plain = "".join(number.split()).upper()
    key = settings.SEALING_KEYS[-1].encode()
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()
