"""Who may not, reads that first: not what the case would allow to others."""

from datetime import datetime

import pytest

from refunds.errors import NotAllowedAnyMore, NotPermitted
from refunds.review.answers import withdraw
from refunds.review.offer import offer
from tests.people import Case

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("who", ["stranger", "auditor", "second_evaluator"])
def test_who_may_not_offer_learns_nothing_of_what_is_owed(
    who: str, case: Case, now: datetime
) -> None:
    request = case.in_evaluation()
    by = getattr(case.people, who)
    with pytest.raises(NotPermitted):
        offer(request, by=by, at=now, amount=999_999_00, reason="Try.")


def test_who_offers_too_much_too_late_reads_who_was_first(
    case: Case, now: datetime
) -> None:
    request, people = case.in_evaluation(), case.people
    withdraw(request, by=people.owner, at=now)
    with pytest.raises(NotAllowedAnyMore, match="owner was first"):
        offer(request, by=people.evaluator, at=now, amount=999_999_00, reason="Try.")
