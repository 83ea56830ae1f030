"""After each attack: every chain holds, and what is open has somebody who owes it."""

from datetime import datetime

from refunds.clock.terms import terms_of
from refunds.models import Deadline, RefundRequest
from refunds.notices.recipients import Directory
from refunds.record.verify import find_breaks
from refunds.states import OPEN


def is_sound(*, at: datetime) -> None:
    assert list(find_breaks()) == []
    for request in RefundRequest.objects.all():
        running = Deadline.objects.filter(request=request, closed_at=None, left=None)
        wanted = sorted(term.kind for term in terms_of(request))
        assert sorted(running.values_list("kind", flat=True)) == wanted, request.state
        if request.state in OPEN:
            directory = Directory([request], at=at)
            for deadline in running.select_related("request", "user__superior"):
                assert directory.who_owes(deadline), f"nobody owes {deadline}"
