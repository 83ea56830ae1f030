import pytest

from refunds.models import RefundRequest
from tests.people import Case
from tests.refunds.payouts.bank.counter import Counter, released_by_bank
from tests.refunds.payouts.till import Till


@pytest.fixture
def counter(case: Case, till: Till) -> Counter:
    return Counter(till, case.people.finance)


@pytest.fixture
def owed(case: Case, counter: Counter) -> RefundRequest:
    """10 000.00 agreed on and released, to go back by bank transfer."""
    return released_by_bank(case, at=counter.at)
