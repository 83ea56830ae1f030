"""Finding what is due by an index, and writing each reminder once.

1. Ids of due deadlines, a batch at a time, without locking.
2. Their requests are locked, in order; those somebody holds are left for next time.
3. The deadlines are read again under those locks: what moved on is no longer due.
4. On a day off nothing is said; the row moves to the next opening.
5. Else the last rung reached is told, once, however many were missed; the notice's
   key, the deadline's stage and an event say so, in the same transaction.
The cost grows with what is due, not with what exists. What can't be told, because a
record behind it makes no sense, is logged and set aside for an hour.
"""

import logging
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction

from accounts.models import User
from refunds.clock.reminders import Round
from refunds.models import Deadline, RefundRequest
from refunds.notices.outbox import write_notices
from refunds.rows import insert, rewrite

BATCH = 2_000
# Batches that one look takes: bounded in memory, however many are due after a stop.
LOOK = 10
SET_ASIDE = timedelta(hours=1)
# (deadline, request), the rows' keys.
Due = list[tuple[int, int]]
log = logging.getLogger(__name__)


def sweep(*, at: datetime, batch: int = BATCH) -> int:
    """Writes every reminder due by `at`; returns how many deadlines were told of."""
    told, before = 0, Due()
    while (due := _due(at=at, limit=LOOK * batch)) and due != before:
        for start in range(0, len(due), batch):
            told += _tell(due[start : start + batch], at=at)
        before = due
    return told


def _due(*, at: datetime, limit: int) -> Due:
    due = Deadline.objects.filter(next_at__lte=at).order_by("next_at")
    return list(due.values_list("pk", "request_id")[:limit])


def _tell(due: Due, *, at: datetime) -> int:
    """All of it in one transaction; where that fails, in halves, down to the one."""
    try:
        return _write(due, at=at)
    except (OperationalError, InterfaceError):
        raise  # It is the database that fails, not what stands in it.
    except Exception:
        if len(due) == 1:
            log.exception("deadline %s of request %s can't be told", *due[0])
            _set_aside(due[0][0], at=at)
            return 0
    half = len(due) // 2
    return _tell(due[:half], at=at) + _tell(due[half:], at=at)


def _set_aside(deadline: int, *, at: datetime) -> None:
    """Else it would be tried, and its batch cut in halves, in every sweep."""
    waiting = Deadline.objects.filter(pk=deadline, next_at__lte=at)
    waiting.update(next_at=at + SET_ASIDE)


@transaction.atomic
def _write(due: Due, *, at: datetime) -> int:
    requests = _lock({request for _deadline, request in due})
    deadlines = _read([deadline for deadline, _request in due], requests, at=at)
    round_ = Round(at, requests.values())
    for deadline in deadlines:
        round_.tell(deadline)
    write_notices(round_.notices)
    insert(round_.events)
    rewrite(deadlines, "stage", "next_at")
    rewrite(list(requests.values()), "event_count", "event_head")
    return len(round_.events)


def _lock(pks: set[int]) -> dict[int, RefundRequest]:
    locked = (
        RefundRequest.objects.filter(pk__in=pks)
        .select_related("contract")
        .only(
            "customer",
            "event_count",
            "event_head",
            "contract__calendar",
            "contract__time_zone",
        )
        .order_by("pk")
        .select_for_update(of=("self",), skip_locked=True)
    )
    return {request.pk: request for request in locked}


def _read(
    pks: list[int], requests: dict[int, RefundRequest], *, at: datetime
) -> list[Deadline]:
    found = Deadline.objects.filter(pk__in=pks, next_at__lte=at).order_by("pk")
    deadlines = [each for each in found if each.request_id in requests]
    people = _people({each.user_id for each in deadlines if each.user_id})
    for deadline in deadlines:
        deadline.request = requests[deadline.request_id]
        if deadline.user_id:
            deadline.user = people[deadline.user_id]
    return deadlines


def _people(pks: set[int]) -> dict[int, User]:
    """Each is read once, however many deadlines they owe."""
    return User.objects.select_related("superior").in_bulk(pks) if pks else {}
