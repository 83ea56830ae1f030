"""What is decided at once stays below what one person may decide."""

from datetime import datetime

import pytest

from accounts.models import ContractClause
from refunds.filing.automatic import decide_waiting
from refunds.models import Threshold
from refunds.states import State
from tests.people import People
from tests.refunds.claims import Desk
from tests.refunds.payouts.till import state_of

pytestmark = pytest.mark.postgres


def test_what_needs_a_second_person_is_not_decided_by_nobody(
    people: People, now: datetime
) -> None:
    desk = Desk(people, now)
    service = desk.service("live_streaming", days=2, activated_at=None, ends_on=None)
    ContractClause.objects.create(
        contract=service.contract,
        rule="live.before_activation",
        field="auto_approve_limit",
        value="50000.00",
        wording="Up to 50,000.00 is decided at once.",
    )
    asked = 11_000_00
    assert asked > Threshold.for_currency("CNY").second_person_above
    request = desk.file(service, "change_of_mind", keep=False, amount=asked)
    decide_waiting(at=desk.at)
    assert state_of(request) is State.SUBMITTED
