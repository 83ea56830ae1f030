"""Sweepers for `test_reminders_survive_kills.py`, to be killed.

    python -m tests.refunds.clock.sweeper BATCH COUNTRY...

Every line that it reads names a moment and makes one more sweeper of that moment, a
process of its own; it answers with its number. So the next one is at work at once when
one is killed. Its settings come from the environment.
"""

import os
import signal
import sys
import time
from datetime import datetime

import django

django.setup()

from django.db import connection  # noqa: E402

from refunds.clock.calendars import working_days  # noqa: E402
from refunds.clock.sweep import sweep  # noqa: E402


def sweep_for_ever(*, at: datetime, batch: int) -> None:
    while True:
        if not sweep(at=at, batch=batch):
            time.sleep(0.02)


def main(batch: int, *countries: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for country in countries:  # Built once, or each of them takes a second to do it.
        working_days(country=country, time_zone="UTC")
    connection.close()
    for line in sys.stdin:
        if not (number := os.fork()):
            sweep_for_ever(at=datetime.fromisoformat(line.strip()), batch=batch)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
