"""The money goes to another account, once that is approved: what WeChat Pay still holds
as the same refund, all else anew, as bank transfers."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Route
from refunds.errors import RefundError
from refunds.gateways.base import Gateway, Instruction, Payee
from refunds.gateways.registry import gateway_of, merchant_for
from refunds.models import LegState, PayoutAccount, PayoutLeg, RefundRequest
from refunds.nudge import nudge
from refunds.payouts.follow import stuck_legs
from refunds.payouts.retry import retry
from refunds.step import step


def send_there(request: RefundRequest, account: PayoutAccount, *, at: datetime) -> None:
    """Under the request's lock. Raises RefundError where it can't be sent there."""
    stuck = stuck_legs(request)
    closed = [leg for leg in stuck if leg.needs_account]
    held = [leg for leg in closed if leg.state == LegState.NEEDS_ACTION]
    for leg in closed:
        if leg in held:
            _check_route(leg, account, at=at)
        else:
            _check_bank(leg, account, at=at)
    redirected = [redirect(leg, account, at=at) for leg in held]
    if len(redirected) < len(stuck):
        retry(request, by=None, at=at)
        return
    with step(request, "retry_payout", by=None, at=at) as taken:
        if not redirected:
            raise RefundError(_("There is nothing to try again on this payout."))
        taken.data["keys"] = [leg.key for leg in redirected]
        nudge("send_payouts")


def redirect(leg: PayoutLeg, account: PayoutAccount, *, at: datetime) -> PayoutLeg:
    """The same refund, under its own key, to the account instead of the payer's card.
    Under the request's lock. How it is asked for is the route's."""
    locked = PayoutLeg.objects.select_for_update().get(pk=leg.pk)
    locked.account, locked.state, locked.next_at = account, LegState.HELD, at
    locked.save(update_fields=["account", "state", "next_at"])
    return locked


def _check_route(leg: PayoutLeg, account: PayoutAccount, *, at: datetime) -> None:
    """Before the leg has it for good: that the route sends what it parked there."""
    gateway = gateway_of(leg.merchant)
    if gateway is None or not _reaches(gateway, leg, account, at=at):
        raise RefundError(
            _(
                "%(merchant)s can't send to an account at this bank. Refuse it, and "
                "ask for one at another bank, with its bank code."
            ),
            merchant=leg.merchant or "–",
        )


def _reaches(
    gateway: Gateway, leg: PayoutLeg, account: PayoutAccount, *, at: datetime
) -> bool:
    payment = leg.allocation.payment
    instruction = Instruction(
        key="",
        trade_number=payment.trade_number,
        amount=leg.amount,
        currency=leg.currency,
        reason="",
        paid=payment.amount,
        payee=Payee(
            account.holder, account.number, account.bank_name, account.bank_code
        ),
    )
    return not gateway.check(instruction, paid_at=payment.paid_at, now=at)


def _check_bank(leg: PayoutLeg, account: PayoutAccount, *, at: datetime) -> None:
    """Before anything is reserved: that our bank would take the transfer."""
    gateway = gateway_of(merchant_for(Route.BANK_TRANSFER, ""))
    if gateway is None:
        raise RefundError(
            _(
                "There is no bank account of ours in use to send this from. An "
                "administrator sets one up among the merchants; then approve it again."
            )
        )
    if not _reaches(gateway, leg, account, at=at):
        raise RefundError(
            _(
                "Our bank can't send %(currency)s to this account. Refuse it and ask "
                "for one that takes it (for EUR one with an IBAN), or have our own "
                "bank account corrected among the merchants."
            ),
            currency=leg.currency,
        )
