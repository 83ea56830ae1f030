"""The payment of every case here came by WeChat Pay."""

from datetime import datetime

import pytest

from accounts.models import Payment, Route
from tests.people import Case, People, make_case
from tests.refunds.payouts.wechat_pay.counter import TRADE


@pytest.fixture
def case(people: People, now: datetime) -> Case:
    case = make_case(people, at=now)
    payments = Payment.objects.filter(allocations__service=case.service)
    payments.update(route=Route.WECHAT_PAY, trade_number=TRADE)
    return case
