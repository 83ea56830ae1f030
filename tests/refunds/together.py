"""Several people, or workers, at the same moment: a thread and a connection each.

The start is not left to luck. Somebody holds the lock that all of them need, until the
database itself says that each of them waits for it.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection, transaction
from django.db.models import Model

from refunds.errors import RefundError

LONGEST_WAIT = 10.0
WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
Act = Callable[[], object]


def at_once(*acts: Act) -> list[object]:
    """What each returned, or the RefundError that it met; any other error is raised."""
    barrier = Barrier(len(acts))
    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(lambda act: _alone(act, barrier.wait), acts))


def queued_behind(rows: Sequence[Model], *acts: Act) -> list[object]:
    """As `at_once`, but all of them wait for the rows' locks before one goes on."""

    def lock() -> None:
        for row in rows:
            type(row)._default_manager.select_for_update().get(pk=row.pk)

    return queued_while(lock, *acts)


def queued_while(hold: Act, *acts: Act) -> list[object]:
    """All of them wait for what `hold` did in a transaction that then ends."""
    with ThreadPoolExecutor(len(acts)) as pool:
        with transaction.atomic():
            hold()
            going = [pool.submit(_alone, act, int) for act in acts]
            _wait_until_waiting(len(acts))
        return [each.result() for each in going]


def _alone(act: Act, start: Callable[[], object]) -> object:
    try:
        start()
        return act()
    except RefundError as refusal:
        return refusal
    finally:
        connection.close()


def _wait_until_waiting(wanted: int) -> None:
    until = time.monotonic() + LONGEST_WAIT
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(WAITING)
            if cursor.fetchone() == (wanted,):
                return
            time.sleep(0.01)
    raise AssertionError(f"{wanted} should wait for the lock; they don't.")
