"""From which day on a version may be in force: it never reaches back."""

from datetime import UTC, date, datetime, timedelta

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from refunds.errors import RefundError
from refunds.models import PolicyVersion

FARTHEST_EAST = timedelta(hours=14)
FARTHEST_AHEAD = timedelta(days=5 * 366)


def check_date(draft: PolicyVersion, in_force_from: date, *, at: datetime) -> None:
    """Later than today everywhere on earth: contracts signed keep their version."""
    published = draft.policy.versions.filter(published_at__isnull=False)
    earliest = published.aggregate(earliest=Min("in_force_from"))["earliest"]
    if earliest is None:
        return
    first = (at.astimezone(UTC) + FARTHEST_EAST).date() + timedelta(days=1)
    # Contracts older than every policy have the first one; it stays the first.
    first = max(first, earliest)
    if in_force_from < first:
        raise RefundError(
            _(
                "Choose %(day)s or a later day: contracts that are signed already keep "
                "the version they were signed under."
            ),
            field="in_force_from",
            day=first,
        )
    if in_force_from > first + FARTHEST_AHEAD:
        raise RefundError(
            _("Choose %(day)s or an earlier day; further ahead nobody can plan."),
            field="in_force_from",
            day=first + FARTHEST_AHEAD,
        )
