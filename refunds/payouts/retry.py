"""Going on after a payout was held up: ask first, then the same key again; a new key
only where the old attempt is proven to have moved nothing."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import PaymentAllocation, User
from refunds.errors import RefundError
from refunds.gateways.base import Reason
from refunds.gateways.registry import gateway_of
from refunds.models import LegState, PayoutAccount, PayoutLeg, RefundRequest
from refunds.nudge import nudge
from refunds.payouts.attempts import FINGERPRINT, attempt, instruction_of, obstacles
from refunds.payouts.balances import free, lock_accounts
from refunds.payouts.follow import stuck_legs
from refunds.payouts.split import Part
from refunds.step import step


def retry(request: RefundRequest, *, by: User | None, at: datetime) -> None:
    """Raises RefundError where a route is closed and no other account is approved, or
    where only people can find out what became of the money. `by` None: the system,
    once an account is approved."""
    with step(request, "retry_payout", by=by, at=at) as taken:
        keys = []
        for stuck in stuck_legs(taken.request):
            leg = PayoutLeg.objects.select_for_update().get(pk=stuck.pk)
            if _says_nothing(leg):
                _abandon(leg, at=at)
                keys.append(_anew(leg, at=at).key)
            elif leg.state == LegState.NEEDS_ACTION:
                _ask_again(leg, at=at)
                keys.append(leg.key)
            else:
                keys.append(_anew(leg, at=at).key)
        if not keys:
            raise RefundError(_("There is nothing to try again on this payout."))
        taken.data["keys"] = keys
        nudge("send_payouts")


def _says_nothing(leg: PayoutLeg) -> bool:
    """Prepared while no merchant was in use: there is nothing in it to send."""
    return (
        leg.state == LegState.NEEDS_ACTION
        and not leg.sendings
        and not set(leg.parameters) - {FINGERPRINT}
    )


def _abandon(leg: PayoutLeg, *, at: datetime) -> None:
    leg.state, leg.settled_at, leg.next_at = LegState.ABANDONED, at, None
    leg.save()
    free(leg)


def _ask_again(leg: PayoutLeg, *, at: datetime) -> None:
    """What was unknown too long is unknown anew; what was never sent may go."""
    gateway = gateway_of(leg.merchant)
    if not leg.sendings:
        leg.state, leg.next_at = LegState.HELD, at
    elif gateway and gateway.capabilities.by_file:
        raise RefundError(
            _(
                "The bank can't be asked about %(key)s from here. Look at the account, "
                "then record what you found."
            ),
            key=leg.key,
        )
    else:
        leg.state, leg.next_at, leg.queries = LegState.UNKNOWN, at, 0
        leg.unknown_since = at if leg.unknown_since else None
    leg.save()


def _anew(leg: PayoutLeg, *, at: datetime) -> PayoutLeg:
    """The old attempt moved nothing, or came back: another one, under another key."""
    account = _destination(leg)
    shut = leg.state == LegState.ROUTE_CLOSED or leg.account_id
    if shut and account is None and not _reopened(leg, at):
        raise RefundError(
            _("The original route is closed. Another account has to be named.")
        )
    rows = PaymentAllocation.objects.select_related("payment")
    (locked,) = lock_accounts(rows.filter(pk=leg.allocation_id))
    prepared = attempt(
        leg.payout,
        locked,
        Part(leg.allocation_id, leg.amount),
        leg=_number_of(leg),
        attempt=leg.attempt + 1,
        to=account,
        at=at,
    )
    prepared.save(force_insert=True)
    return prepared


def _destination(leg: PayoutLeg) -> PayoutAccount | None:
    """The approved account, where this money can't go back or went to one before; never
    the one that it came back from. What merely failed tries its own route again."""
    account = approved_account(leg.payout.request)
    if account is None or not (leg.needs_account or leg.account_id):
        return None
    came_back = leg.needs_account and leg.account_id == account.pk
    return None if came_back else account


def _reopened(leg: PayoutLeg, at: datetime) -> bool:
    """Never sent, because our own records said closed; and they don't any more."""
    payment = leg.allocation.payment
    shut = obstacles(payment, instruction_of(leg), at=at)
    return not leg.sendings and Reason.ROUTE_CLOSED not in shut


def approved_account(request: RefundRequest) -> PayoutAccount | None:
    return request.payout_accounts.filter(state=PayoutAccount.State.APPROVED).first()


def _number_of(leg: PayoutLeg) -> int:
    """The L of its key, which stays through all attempts on the same payment."""
    return int(leg.key.rpartition("L")[2].partition("A")[0])
