"""Where a payout leg stands, and where it may go from there."""

from django.db import models
from django.utils.translation import pgettext_lazy


class LegState(models.TextChoices):
    PREPARED = "prepared", pgettext_lazy("leg", "Prepared")
    SENDING = "sending", pgettext_lazy("leg", "Being sent")
    PROCESSING = "processing", pgettext_lazy("leg", "Under way")
    UNKNOWN = "unknown", pgettext_lazy("leg", "Being checked")
    HELD = "held", pgettext_lazy("leg", "Waiting")
    NEEDS_ACTION = "needs_action", pgettext_lazy("leg", "Needs a person")
    SUCCEEDED = "succeeded", pgettext_lazy("leg", "Refunded")
    REVERSED = "reversed", pgettext_lazy("leg", "Came back")
    FAILED = "failed", pgettext_lazy("leg", "Failed")
    ROUTE_CLOSED = "route_closed", pgettext_lazy("leg", "Route closed")
    ABANDONED = "abandoned", pgettext_lazy("leg", "Never sent")


# Where no money moved and none can: the reservation is free again.
MOVED_NOTHING = (
    LegState.FAILED,
    LegState.ROUTE_CLOSED,
    LegState.REVERSED,
    LegState.ABANDONED,
)
IN_FLIGHT = (
    LegState.PREPARED,
    LegState.SENDING,
    LegState.PROCESSING,
    LegState.UNKNOWN,
    LegState.HELD,
    LegState.NEEDS_ACTION,
)
L = LegState
# Where a leg may go from each state; the database refuses the rest by trigger.
LEG_MOVES: dict[str, tuple[str, ...]] = {
    L.PREPARED: (
        L.SENDING,
        L.PROCESSING,
        L.HELD,
        L.NEEDS_ACTION,
        L.ROUTE_CLOSED,
        L.ABANDONED,
    ),
    L.SENDING: (
        L.PROCESSING,
        L.UNKNOWN,
        L.HELD,
        L.NEEDS_ACTION,
        L.FAILED,
        L.ROUTE_CLOSED,
    ),
    L.PROCESSING: (
        L.SUCCEEDED,
        L.UNKNOWN,
        L.HELD,
        L.NEEDS_ACTION,
        L.FAILED,
        L.ROUTE_CLOSED,
    ),
    L.UNKNOWN: (
        L.SUCCEEDED,
        L.PROCESSING,
        L.HELD,
        L.NEEDS_ACTION,
        L.FAILED,
        L.ROUTE_CLOSED,
    ),
    L.HELD: (L.SENDING, L.NEEDS_ACTION, L.ROUTE_CLOSED, L.ABANDONED),
    L.NEEDS_ACTION: (
        L.SENDING,
        L.PROCESSING,
        L.UNKNOWN,
        L.HELD,
        L.SUCCEEDED,
        L.FAILED,
        L.ROUTE_CLOSED,
        L.ABANDONED,
    ),
    L.SUCCEEDED: (L.REVERSED, L.NEEDS_ACTION),
    L.REVERSED: (),
    L.FAILED: (),
    L.ROUTE_CLOSED: (),
    L.ABANDONED: (),
}
