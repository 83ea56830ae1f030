"""A payout worker for `test_crash.py`, to be killed: works until it is.

    python -m tests.refunds.crash_worker SANDBOX_FOLDER

Its settings come from the environment, its time from the sandbox's clock.
"""

import sys
import time
from pathlib import Path

import django

django.setup()

from refunds.gateways.sandbox.clock import Clock  # noqa: E402
from refunds.gateways.sandbox.ledger import LEDGER_FILE, Ledger  # noqa: E402
from refunds.payouts.send import send_due  # noqa: E402


def work_for_ever(folder: Path) -> None:
    clock = Clock(Ledger(folder / LEDGER_FILE))
    sys.stdout.write("at work\n")
    sys.stdout.flush()
    while True:
        if not send_due(clock=clock.now):
            time.sleep(0.01)


if __name__ == "__main__":
    work_for_ever(Path(sys.argv[1]))
