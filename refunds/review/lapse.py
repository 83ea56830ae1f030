"""What ends because the customer's time is over. A job asks; the row is the promise."""

from datetime import datetime

from refunds.errors import RefundError
from refunds.models import Deadline
from refunds.states import State
from refunds.step import step

MOVES = {
    State.AWAITING_INFORMATION: "lapse",
    State.OFFERED: "lapse",
    State.REJECTED: "close",
}
BATCH = 200


def lapse_overdue(*, at: datetime) -> int:
    """Ends every request whose customer's deadline has passed; returns how many."""
    overdue = Deadline.objects.filter(
        owner=Deadline.Owner.CUSTOMER,
        closed_at=None,
        left=None,
        due_at__lt=at,
        request__state__in=MOVES,
    ).select_related("request")
    return sum(_end(deadline, at) for deadline in overdue[:BATCH])


def _end(deadline: Deadline, at: datetime) -> bool:
    request = deadline.request
    still_overdue = Deadline.objects.filter(
        pk=deadline.pk, closed_at=None, left=None, due_at__lt=at
    )
    try:
        with step(request, MOVES[State(request.state)], by=None, at=at):
            still_overdue.get()
    except (RefundError, Deadline.DoesNotExist):
        return False  # The customer answered at the last moment, and was first.
    return True
