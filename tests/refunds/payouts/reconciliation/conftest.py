import pytest

from refunds.models import PayoutLeg, RefundRequest
from tests.refunds.payouts.till import Till, leg_of


@pytest.fixture
def paid(released: RefundRequest, till: Till) -> PayoutLeg:
    """10 000.00 went back by Alipay on Monday the 16th; it is Tuesday, 10:30."""
    till.work()
    till.later(seconds=30)
    till.work()
    leg = leg_of(released)
    assert leg.state == "succeeded"
    till.later(days=1, minutes=30)
    return leg
