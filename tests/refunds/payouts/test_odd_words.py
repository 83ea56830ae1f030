"""What a route says may hold half a sign: Java cuts words in the middle of an emoji,
and JSON carries that along. No database takes it."""

from datetime import datetime

import pytest

from refunds.gateways.alipay import Alipay
from refunds.gateways.base import Outcome, Parameters, Result
from refunds.models import LegState
from refunds.payouts.release import release
from refunds.states import State
from tests.people import make_case, make_people
from tests.refunds.payouts.till import Till, leg_of, state_of

HALF_A_SIGN = "系统繁忙\ud83d"
pytestmark = pytest.mark.postgres


def test_half_a_sign_in_an_answer_comes_to_a_person_all_the_same(
    committed: None, till: Till, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(self: Alipay, parameters: Parameters, *, now: datetime) -> Result:
        return Result(Outcome.UNKNOWN, code="ACQ.SYSTEM_ERROR", message=HALF_A_SIGN)

    people = make_people()
    request = make_case(people, at=now).agreed()
    release(request, by=people.finance, at=now)
    monkeypatch.setattr(Alipay, "submit", stumbles)
    monkeypatch.setattr(Alipay, "query", stumbles)
    till.work_for(rounds=14, hours=3)
    assert leg_of(request).state == LegState.NEEDS_ACTION
    assert state_of(request) is State.PAYOUT_BLOCKED
