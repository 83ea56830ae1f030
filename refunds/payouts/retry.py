"""Going on after a payout was held up: asks first, then the same key again."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from refunds.errors import RefundError
from refunds.models import LegState, PayoutLeg, RefundRequest
from refunds.nudge import nudge
from refunds.step import step


def retry(request: RefundRequest, *, by: User, at: datetime) -> None:
    """Raises RefundError where a route is closed: then another account is needed."""
    with step(request, "retry_payout", by=by, at=at) as taken:
        legs = PayoutLeg.objects.select_for_update().filter(
            payout__request=taken.request
        )
        if legs.filter(state=LegState.ROUTE_CLOSED).exists():
            raise RefundError(
                _("The original route is closed. Another account has to be named.")
            )
        stuck = legs.filter(state=LegState.NEEDS_ACTION)
        keys = list(stuck.values_list("key", flat=True))
        if not keys:
            raise RefundError(_("There is nothing to try again on this payout."))
        # What was unknown too long is unknown anew; all are asked about first.
        stuck.filter(unknown_since__isnull=False).update(unknown_since=at)
        stuck.update(state=LegState.UNKNOWN, queries=0, next_at=at)
        taken.data["keys"] = keys
        nudge("send_payouts")
