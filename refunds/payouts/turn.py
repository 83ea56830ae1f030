"""Whose turn it is while a payout is held up: what another leg brings may change it."""

from datetime import datetime

from refunds.clock.board import move_deadlines
from refunds.models import Deadline, RefundRequest
from refunds.notices.outbox import tell_owners


def look_whose_turn(request: RefundRequest, *, at: datetime) -> None:
    """Under the request's lock. The customer hears of it where it has come to them."""
    theirs = request.deadlines.filter(
        kind=Deadline.Kind.PAYOUT_BLOCKED,
        owner=Deadline.Owner.CUSTOMER,
        closed_at=None,
    )
    were_asked = theirs.exists()
    move_deadlines(request, at=at)
    if not were_asked and request.waits_for_account():
        event = request.events.latest("position")
        tell_owners(request, event, "customer_payout_blocked")
