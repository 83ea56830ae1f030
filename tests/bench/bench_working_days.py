"""Ten working days on, against workalendar's `add_working_days`, on days both know.

Ours gives a moment in a time zone, theirs a day: it has the more to do. Theirs knows
mainland China until 2023; ours is asserted right about every day made up since.
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from workalendar.asia import China
from workalendar.europe import Germany

from refunds.clock.calendars import working_days
from refunds.clock.deadlines import due_after, local_day
from refunds.policy.calendar import WorkingDays

DAYS, ROUNDS, RUNS, TARGET = 10, 40, 5, 2.0
MADE_UP = [
    date.fromisoformat(day)
    for day in (
        "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11",
        "2024-09-14", "2024-09-29", "2024-10-12",
        "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20",
        "2026-10-10",
    )
]  # fmt: skip


def figures() -> list[dict[str, Any]]:
    china = working_days(country="CN", time_zone="Asia/Shanghai")
    wrong = [day for day in MADE_UP if not china.is_working(day)]
    assert not wrong, wrong
    assert len(MADE_UP) == 19
    return [
        _figure("mainland China, 2023", china, China(), date(2023, 1, 1), 330),
        _figure(
            "Germany, 2026",
            working_days(country="DE", time_zone="Europe/Berlin"),
            Germany(),
            date(2026, 1, 1),
            330,
        ),
    ]


def _figure(
    where: str, ours: WorkingDays, theirs: Any, first: date, number: int
) -> dict[str, Any]:
    """Medians of alternating runs; every answer of both is compared first."""
    days = [first + timedelta(days=n) for n in range(number)]
    moments = [datetime(day.year, day.month, day.day, 4, tzinfo=UTC) for day in days]
    for day, moment in zip(days, moments, strict=True):
        due = local_day(ours, due_after(ours, moment, days=DAYS))
        assert due == theirs.add_working_days(day, DAYS), (where, day, due)
    taken_by_us, taken_by_them = [], []
    for _run in range(RUNS):
        taken_by_us.append(
            _seconds(moments, lambda moment: due_after(ours, moment, days=DAYS))
        )
        taken_by_them.append(
            _seconds(days, lambda day: theirs.add_working_days(day, DAYS))
        )
    seconds, reference = median(taken_by_us), median(taken_by_them)
    return {
        "what": f"{number * ROUNDS:,} deadlines of {DAYS} working days, {where}",
        "ours_seconds": seconds,
        "reference": "workalendar's add_working_days",
        "reference_seconds": reference,
        "ratio": reference / seconds,
        "target": f">= {TARGET:g} x",
        "reached": reference / seconds >= TARGET,
    }


def _seconds(asked: list[Any], answer: Callable[[Any], object]) -> float:
    began = time.perf_counter()
    for _round in range(ROUNDS):
        for each in asked:
            answer(each)
    return time.perf_counter() - began
