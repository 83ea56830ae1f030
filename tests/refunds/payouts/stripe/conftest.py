from datetime import datetime

import pytest

from accounts.models import Payment
from tests.people import Case, People, make_case
from tests.refunds.payouts.stripe.desk import PAYMENT


@pytest.fixture
def case(people: People, now: datetime) -> Case:
    """Paid through Stripe."""
    case = make_case(people, at=now)
    Payment.objects.update(route="stripe", trade_number=PAYMENT)
    return case
