"""Reminders: 10 000 due of 1 000 000 open deadlines, against the one SQL statement that
writes the same rows; and sweeps that find nothing, at 10 000 and at 1 000 000 open.

Each run takes deadlines of its own, on every rung of the ladder, and really commits.
The statement is given the ladder as a table; that it writes the same rows is checked.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from django.db import connection, transaction

from refunds.clock.sweep import sweep
from refunds.models import Deadline
from tests.bench.open_deadlines import (
    AT,
    DUE,
    EVERY,
    MANY,
    make_records,
    open_deadlines,
)

FEW, RUNS, IDLE = 10_000, 5, 1_000
# Flat: a hundred times as many open, and less than twice the time.
ALLOWED, IDLE_SECONDS, FLAT = 2.5, 0.005, 2.0

BECOMES_DUE = """
UPDATE refunds_deadline d
SET warn_at = l.warn_at, due_at = l.due_at, stage = l.told, next_at = l.reached_at
FROM bench_ladder l
WHERE d.id %% %(every)s = %(nth)s AND l.n = d.id / %(every)s / 10 %% 8
"""
ONE_STATEMENT = """
WITH due AS MATERIALIZED (
    SELECT d.id, d.request_id, d.kind, d.owner, d.user_id, d.stage AS told,
        r.customer_id, r.event_count + 1 AS position, r.event_head AS previous,
        l.stage, l.next_at, l.stage LIKE 'overdue%%' AS late
    FROM refunds_deadline d
    JOIN refunds_refundrequest r ON r.id = d.request_id
    JOIN bench_ladder l ON l.warn_at = d.warn_at AND l.due_at = d.due_at
    WHERE d.next_at <= %(at)s
), owners AS (
    SELECT due.id, u.id AS person, u.superior_id FROM due
    JOIN accounts_membership m ON m.customer_id = due.customer_id AND m.role = 'owner'
    JOIN accounts_user u ON u.id = m.user_id AND u.is_active
), owing AS (
    SELECT o.* FROM owners o JOIN due ON due.id = o.id WHERE due.owner = 'customer'
    UNION ALL
    SELECT due.id, u.id, u.superior_id FROM due
    JOIN auth_group g ON g.name = due.owner
    JOIN accounts_lead lead ON lead.role_id = g.id
    JOIN accounts_user u ON u.id = coalesce(due.user_id, lead.user_id)
), hearing AS (
    SELECT id, person FROM owing
    UNION
    SELECT o.id, o.superior_id FROM owing o
    JOIN due ON due.id = o.id AND due.late AND due.owner <> 'customer'
    JOIN accounts_user u ON u.id = o.superior_id AND u.is_active
), notices AS (
    INSERT INTO refunds_notice (key, kind, request_id, deadline_id, recipient_id, data,
        written_at, next_try_at, tries, fault)
    SELECT 'deadline:' || due.id || ':' || due.stage || ':' || h.person,
        CASE WHEN due.owner = 'customer' THEN 'customer' ELSE 'staff' END
            || CASE WHEN due.late THEN '_overdue' ELSE '_reminder' END,
        due.request_id, due.id, h.person, jsonb_build_object('stage', due.stage),
        %(at)s, %(at)s, 0, ''
    FROM hearing h JOIN due ON due.id = h.id
    UNION ALL
    SELECT 'deadline:' || due.id || ':customer_delayed:' || o.person,
        'customer_delayed', due.request_id, due.id, o.person,
        jsonb_build_object('stage', due.stage), %(at)s, %(at)s, 0, ''
    FROM owners o JOIN due ON due.id = o.id
    WHERE due.kind = 'evaluation' AND due.told = ''
    ON CONFLICT DO NOTHING
), lines AS MATERIALIZED (
    SELECT *, encode(sha256(convert_to(
        '["' || previous || '",{"actor_id":null,"at":"'
        || to_char(%(at)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
        || '","data":{"deadline":"' || kind || '","stage":"' || stage
        || '"},"from_state":"","kind":"reminded","position":' || position
        || ',"reason":"","request_id":' || request_id || ',"to_state":""}]',
        'UTF8')), 'hex') AS digest
    FROM due
), events AS (
    INSERT INTO refunds_event (request_id, position, kind, at, from_state, to_state,
        reason, data, previous, digest)
    SELECT request_id, position, 'reminded', %(at)s, '', '', '',
        jsonb_build_object('deadline', kind, 'stage', stage), previous, digest
    FROM lines
), deadlines AS (
    UPDATE refunds_deadline d SET stage = due.stage, next_at = due.next_at
    FROM due WHERE d.id = due.id
)
UPDATE refunds_refundrequest r SET event_count = position, event_head = digest
FROM lines WHERE r.id = lines.request_id
"""
# Everything a sweep writes, but for the numbers of new rows.
WRITTEN = """
SELECT 'notice ' || concat_ws('|', key, kind, request_id, deadline_id, recipient_id,
    data, written_at, next_try_at, tries, sent_at, fault)
FROM refunds_notice
UNION ALL
SELECT 'event ' || concat_ws('|', request_id, position, kind, actor_id, at, from_state,
    to_state, reason, data, previous, digest) FROM refunds_event WHERE position > 1
UNION ALL
SELECT 'deadline ' || concat_ws('|', d.id, d.stage, d.next_at, r.event_count,
    r.event_head)
FROM refunds_deadline d JOIN refunds_refundrequest r ON r.id = d.request_id
WHERE d.id %% %(every)s = %(nth)s
ORDER BY 1
"""


def figures() -> list[dict[str, Any]]:
    make_records()
    open_deadlines(first=1, last=FEW)
    few = _idle_sweeps()
    open_deadlines(first=FEW + 1, last=MANY)
    many = _idle_sweeps()
    _check_same_rows()
    ours, theirs = [], []
    for run in range(RUNS):
        theirs.append(_seconds(_one_statement, nth=2 * run))
        ours.append(_seconds(_our_sweep, nth=2 * run + 1))
    return [_of_due(median(ours), median(theirs)), _of_idle(many, few)]


def _of_due(ours: float, theirs: float) -> dict[str, Any]:
    return {
        "what": f"sweep, {DUE:,} due of {MANY:,} open deadlines, "
        f"with reminders and audit rows ({DUE / ours:,.0f} a second)",
        "ours_seconds": ours,
        "reference": "one SQL statement that writes the same rows",
        "reference_seconds": theirs,
        "ratio": ours / theirs,
        "target": f"<= {ALLOWED:g} x",
        "reached": ours / theirs <= ALLOWED,
    }


def _of_idle(many: float, few: float) -> dict[str, Any]:
    return {
        "what": f"{IDLE:,} sweeps with nothing due, of {MANY:,} open",
        "ours_seconds": many * IDLE,
        "reference": f"the same, of {FEW:,} open",
        "reference_seconds": few * IDLE,
        "ratio": many / few,
        "target": f"<= {IDLE_SECONDS * 1000:g} ms each and <= {FLAT:g} x",
        "reached": many <= IDLE_SECONDS and many / few <= FLAT,
    }


def _seconds(act: Callable[[], None], *, nth: int) -> float:
    _make_due(nth=nth)
    began = time.perf_counter()
    act()
    taken = time.perf_counter() - began
    assert not Deadline.objects.filter(next_at__lte=AT).exists()
    return taken


def _idle_sweeps() -> float:
    """The median of single sweeps."""
    taken = []
    for _n in range(IDLE):
        began = time.perf_counter()
        assert sweep(at=AT) == 0
        taken.append(time.perf_counter() - began)
    return median(taken)


def _our_sweep() -> None:
    assert sweep(at=AT) == DUE


def _one_statement() -> None:
    with connection.cursor() as cursor:
        cursor.execute(ONE_STATEMENT, {"at": AT})
        assert cursor.rowcount == DUE


def _check_same_rows() -> None:
    nth = EVERY - 1
    ours, theirs = _written(_our_sweep, nth=nth), _written(_one_statement, nth=nth)
    assert ours == theirs, sorted(set(ours) ^ set(theirs))[:4]


def _written(act: Callable[[], None], *, nth: int) -> list[str]:
    with transaction.atomic(), connection.cursor() as cursor:
        _make_due(nth=nth)
        act()
        cursor.execute(WRITTEN, {"every": EVERY, "nth": nth})
        rows = [row for (row,) in cursor.fetchall()]
        transaction.set_rollback(True)
    return rows


def _make_due(*, nth: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BECOMES_DUE, {"every": EVERY, "nth": nth})
        assert cursor.rowcount == DUE
