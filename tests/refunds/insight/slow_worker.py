"""A backtest worker for `test_slices.py`, to be killed: two requests at a time.

python -m tests.refunds.insight.slow_worker
"""

import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from refunds.insight import decided, trial  # noqa: E402
from refunds.insight.backtest import run_waiting  # noqa: E402
from refunds.insight.trial import Retried  # noqa: E402

judge = trial._retry


def slowly(*asked: object) -> Retried:
    time.sleep(0.02)
    return judge(*asked)  # type: ignore[arg-type]


if __name__ == "__main__":
    decided.BATCH = 2
    trial._retry = slowly  # type: ignore[assignment]
    run_waiting(clock=timezone.now)
