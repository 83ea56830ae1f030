"""One payout that can't leave keeps no other waiting."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Payment
from refunds.gateways.sandbox.server import Sandbox
from refunds.payouts.release import move_agreed_on
from refunds.states import State
from tests.people import People
from tests.refunds.claims import CLAIMS, Desk
from tests.refunds.payouts.till import state_of

pytestmark = pytest.mark.postgres
PART = 100_00


def test_payments_in_dispute_don_t_hold_up_the_next_customers_money(
    people: People, now: datetime, sandbox: Sandbox
) -> None:
    requests = []
    for later in range(2):
        desk = Desk(people, now + timedelta(minutes=later))
        service = CLAIMS["outage_share"].happen(desk)
        request = desk.evaluate(desk.file(service, "outage", amount=PART))
        requests.append(desk.accept(desk.offer(request, PART)))
    stuck, free = requests
    Payment.objects.filter(allocations__service=stuck.service).update(disputed=True)
    move_agreed_on(at=now + timedelta(hours=1))
    assert state_of(stuck) is State.AGREED
    assert state_of(free) is State.PAYING
