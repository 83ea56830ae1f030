"""Two people at two doors of one service wait for each other, never both for ever."""

from contextlib import suppress
from datetime import datetime
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from refunds.agreement import agree
from refunds.filing.drafts import draft_for
from refunds.models import RefundRequest
from refunds.review import answers
from refunds.review.answers import accept
from tests.people import make_people
from tests.refunds.claims import CLAIMS, Desk
from tests.refunds.together import at_once

pytestmark = pytest.mark.postgres
WAIT_SECONDS = 3.0


def test_an_answer_that_ends_a_service_meets_a_new_draft_of_it(
    committed: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(make_people(), now)
    service = CLAIMS["unused_share"].happen(desk)
    ending = desk.file(service, "unavailable", keep=False, amount=100_00)
    ending = desk.offer(desk.evaluate(ending), 100_00)
    both_hold = Barrier(2)

    def first_met(act: Any) -> Any:
        def then(*given: Any, **named: Any) -> Any:
            with suppress(BrokenBarrierError):
                both_hold.wait(WAIT_SECONDS)
            return act(*given, **named)

        return then

    monkeypatch.setattr(answers, "agree", first_met(agree))
    begun = RefundRequest.objects
    monkeypatch.setattr(begun, "create", first_met(begun.create))
    at_once(
        partial(accept, ending, by=desk.people.owner, at=now),
        partial(draft_for, service, by=desk.people.member),
    )
    assert RefundRequest.objects.filter(service=service).count() == 2
