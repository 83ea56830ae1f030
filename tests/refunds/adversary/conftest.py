from tests.refunds.payouts.conftest import key_dir as key_dir
from tests.refunds.payouts.conftest import released as released
from tests.refunds.payouts.conftest import same_keys as same_keys
from tests.refunds.payouts.conftest import till as till
