"""Stripe's adapter: one refund call, and every question by the metadata we sent along.

There is no look-up by our key: the refunds of a payment are listed, and ours is the one
whose metadata has the key. What succeeded may fail days later.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, cast

import stripe
from django.utils.translation import gettext_lazy as _

from accounts.minor_units import minor_digits
from refunds.gateways.base import (
    Access,
    Acknowledgement,
    Capabilities,
    Hint,
    Instruction,
    Line,
    Outcome,
    Parameters,
    Reason,
    Result,
    Setting,
    StatementMissing,
)
from refunds.gateways.stripe import statement, webhooks
from refunds.gateways.stripe.answers import NO_ANSWER, key_of, of_error, of_refund
from refunds.gateways.stripe.lists import Row, pages
from refunds.gateways.stripe.wire import STUMBLES, Transport, Unusable, client_for

# docs.stripe.com/currencies, less those whose minor units there are not ISO's: ISK and
# UGX (two digits at Stripe, none in ISO) and MGA (none at Stripe, two in ISO).
TAKEN = (
    "AED AUD BGN BHD BRL CAD CHF CLP CNY CZK DKK EGP EUR GBP GEL HKD HUF IDR ILS INR"
    " JOD JPY KES KRW KWD KZT LKR MAD MOP MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR"
    " RON RSD SAR SEK SGD THB TND TRY TWD USD VND XAF XOF ZAR"
)
CURRENCIES = tuple(TAKEN.split())
NAMED_BY = {"pi_": "payment_intent", "ch_": "charge", "py_": "charge"}
WATCHED_ON_DAYS = (*range(1, 8), 9, 11, 13, 15, 18, 21, 25, 30, 35, 40)
SEVERAL = "several_refunds"


class Stripe:
    """One account's access: `number` is the account's id."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        currencies=CURRENCIES,
        window=None,
        spacing=timedelta(seconds=1),
        polls=(
            timedelta(minutes=1),
            timedelta(minutes=5),
            timedelta(minutes=30),
            timedelta(hours=6),
            timedelta(days=1),
        ),
        arrival=10,
        watch=tuple(timedelta(days=day) for day in WATCHED_ON_DAYS),
        same_key=False,
        quiet=timedelta(minutes=1),
    )
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("secret_key", _("Secret key (sk_… or rk_…)"), secret=True),
        Setting(
            "webhook_secret", _("Signing secret of the webhook (whsec_…)"), secret=True
        ),
        Setting(
            "webhook_secret_next",
            _("Second signing secret, while it changes"),
            secret=True,
            required=False,
            help=_("Both are accepted until this one is emptied again."),
        ),
    )

    def __init__(self, access: Access) -> None:
        self._access = access
        self._transport = Transport(access.timeout)

    def check(
        self, instruction: Instruction, *, paid_at: datetime, now: datetime
    ) -> list[Reason]:
        if instruction.currency not in CURRENCIES:
            return [Reason.DATA]
        # Networks behind it take no third digit: docs.stripe.com/currencies.
        broken = minor_digits(instruction.currency) == 3 and instruction.amount % 10
        if broken or not _named_by(instruction.trade_number):
            return [Reason.DATA]
        return []

    def parameters(self, instruction: Instruction) -> Parameters:
        return {
            _named_by(instruction.trade_number) or "charge": instruction.trade_number,
            "amount": instruction.amount,
            "reason": "requested_by_customer",
            "metadata": {"key": instruction.key, "request": instruction.reason},
        }

    def submit(self, parameters: Parameters, *, now: datetime) -> Result:
        """At best PROCESSING: success is judged by the query."""
        key = parameters["metadata"]["key"]
        try:
            answer = self._client.v1.refunds.create(
                cast("Any", parameters), options={"idempotency_key": key}
            )
        except Unusable as fault:
            return _unusable(fault)
        except stripe.StripeError as error:
            return of_error(error)
        except STUMBLES as fault:
            return _no_answer(fault)
        result = _of_answer(answer, parameters)
        if result.outcome is Outcome.SUCCEEDED:
            return replace(result, outcome=Outcome.PROCESSING)
        return result

    def query(self, parameters: Parameters, *, now: datetime) -> Result:
        named, key = _named_in(parameters), parameters["metadata"]["key"]
        asked = {named: parameters[named]}
        base = Result(Outcome.UNKNOWN)
        found: list[Row] = []
        try:
            for page in pages(self._client.v1.refunds.list, asked):
                ours = [row for row in page.rows if key_of(row) == key]
                if ours or not found:
                    status = page.http_status
                    base = replace(base, http_status=status, answer=page.text)
                found += ours
        except Unusable as fault:
            return _undecided(_unusable(fault))
        except stripe.StripeError as error:
            return _undecided(of_error(error))
        except STUMBLES as fault:
            return _no_answer(fault)
        return _the_one(found, base, named=named)

    def probe(self, *, now: datetime) -> Result:
        """Asks for one refund of any payment: the right that a refund needs too."""
        try:
            next(pages(self._client.v1.refunds.list, {"limit": 1}))
        except Unusable as fault:
            return _unusable(fault)
        except stripe.StripeError as error:
            return of_error(error)
        except STUMBLES as fault:
            return _no_answer(fault)
        return Result(Outcome.NOT_SEEN)

    def parse_notification(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Hint | None:
        return webhooks.hint_in(self._access, headers, body, now=now)

    def acknowledge(self) -> Acknowledgement:
        return Acknowledgement(200, "")

    def fetch_statement(self, day: date, *, now: datetime) -> bytes:
        try:
            return statement.fetch(self._client, day, now=now)
        except Unusable as fault:
            raise StatementMissing(str(fault)) from fault

    def read_statement(self, content: bytes) -> list[Line]:
        return statement.read(content)

    @cached_property
    def _client(self) -> stripe.StripeClient:
        return client_for(self._access, self._transport)


def _of_answer(answer: Any, parameters: Parameters) -> Result:
    response = getattr(answer, "last_response", None)
    if response is None:
        return Result(Outcome.UNKNOWN, message=NO_ANSWER)
    base = Result(Outcome.UNKNOWN, http_status=response.code, answer=str(response.body))
    refund = response.data
    if not isinstance(refund, dict) or key_of(refund) != parameters["metadata"]["key"]:
        return replace(base, message=NO_ANSWER)
    return of_refund(refund, base, named=_named_in(parameters))


def _the_one(found: list[Row], base: Result, *, named: str) -> Result:
    """The key may have been forgotten after a day and used anew: what failed before
    counts only where nothing else is there, and two that live need a person."""
    results = [of_refund(refund, base, named=named) for refund in found]
    alive = [result for result in results if result.outcome is not Outcome.FAILED]
    if len(alive) > 1:
        numbers = ", ".join(result.provider_number for result in alive)
        return replace(
            base,
            outcome=Outcome.REJECTED,
            reason=Reason.NEEDS_PERSON,
            code=SEVERAL,
            message=numbers,
        )
    not_seen = replace(base, outcome=Outcome.NOT_SEEN)
    return next(iter((*alive, *results)), not_seen)


def _undecided(result: Result) -> Result:
    """A query that fails says nothing of the refund, only of the query."""
    if result.reason in (Reason.CONFIG, Reason.NOT_SENT, Reason.RATE):
        return replace(result, outcome=Outcome.UNKNOWN)
    return replace(result, outcome=Outcome.UNKNOWN, reason=None)


def _no_answer(fault: Exception) -> Result:
    return Result(Outcome.UNKNOWN, message=f"{NO_ANSWER}: {fault!r}")


def _unusable(fault: Unusable) -> Result:
    return Result(Outcome.REJECTED, Reason.CONFIG, message=str(fault))


def _named_by(trade_number: str) -> str:
    """Which parameter names a payment of this number; empty for none of Stripe's."""
    return NAMED_BY.get(trade_number[:3], "")


def _named_in(parameters: Parameters) -> str:
    return "payment_intent" if "payment_intent" in parameters else "charge"
