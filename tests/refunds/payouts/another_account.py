"""A refund that can't go back the way it came, and an account that its owner names."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Payment, User
from refunds.gateways.base import Outcome, Reason, Result
from refunds.models import (
    Evidence,
    PayoutAccount,
    PayoutCall,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.accounts import approve_account, check_account, name_account
from refunds.payouts.outcome import conclude
from refunds.payouts.release import release
from refunds.payouts.send import MAY_SEND, enter, log_call, send_due
from refunds.step import lock
from tests.people import Case, People

NUMBER = "6222 0202 0011 2233 445"
PLAIN = NUMBER.replace(" ", "")
IBAN = "DE89 3704 0044 0532 0130 00"
TYPED = {
    "holder": "Xinghe Media",
    "number": NUMBER,
    "bank_name": "ICBC, Haidian",
    "bank_code": "102100099996",
}


@dataclass
class Blocked:
    """10 000.00 for a payment whose route is closed by our own records."""

    case: Case
    at: datetime

    @property
    def request(self) -> RefundRequest:
        return self.case.request

    @property
    def people(self) -> People:
        return self.case.people

    @property
    def account(self) -> PayoutAccount:
        return PayoutAccount.objects.latest("pk")

    def proof(self) -> Evidence:
        """The file that came with the request."""
        return self.request.evidence.earliest("pk")

    def named(self, *, by: User | None = None, **typed: Any) -> PayoutAccount:
        return name_account(
            self.request,
            by=by or self.people.owner,
            at=self.at,
            **{**TYPED, "proof": self.proof(), **typed},
        )

    def checked(self) -> PayoutAccount:
        self.named()
        check_account(
            self.account, by=self.people.finance, at=self.at, words="Holder fits."
        )
        return self.account

    def approved(self) -> PayoutAccount:
        self.checked()
        approve_account(self.account, by=self.people.approver, at=self.at)
        return self.account


def blocked(case: Case) -> Blocked:
    case.agreed()
    Payment.objects.update(route_open=False)
    release(case.request, by=case.people.finance, at=case.at)
    while case.request.state == "paying":
        assert send_due(clock=lambda: case.at), "nothing is due any more"
    return Blocked(case, case.at)


CLOSED = Result(Outcome.FAILED, Reason.ROUTE_CLOSED, code="AC04")
ABNORMAL = Result(Outcome.REJECTED, Reason.NEEDS_PERSON, code="ABNORMAL")
REVERSED = Result(Outcome.REVERSED, code="dback_F")


def hears(leg: PayoutLeg, result: Result, *, at: datetime) -> None:
    """What a route says of a leg, which was sent if it was not."""
    with transaction.atomic():
        request = lock(leg.payout.request)
        locked = PayoutLeg.objects.select_for_update().get(pk=leg.pk)
        if locked.state in MAY_SEND:
            enter(request, locked, at=at)
        call = log_call(locked, PayoutCall.Kind.QUERY, result, at=at)
        conclude(request, locked, result, call=call, at=at)


def succeeds(leg: PayoutLeg) -> Result:
    return Result(
        Outcome.SUCCEEDED,
        provider_number=f"T{leg.pk}",
        amount=leg.amount,
        currency=leg.currency,
        key=leg.key,
        trade_number=leg.allocation.payment.trade_number,
    )
