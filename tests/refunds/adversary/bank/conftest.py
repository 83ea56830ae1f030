from tests.refunds.payouts.bank.conftest import counter as counter
from tests.refunds.payouts.bank.conftest import owed as owed
