"""What reminders must be, counted day by day from the words of the workflow.

It shares no code with the clock: its days off are written out, its ladder is walked.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
OVERDUE = [f"overdue_{n}" for n in range(1, 6)]
STAGES = ["", "warn", "day_before", "due", *OVERDUE]
# September and October 2026: (days off in the week, days on at a weekend).
COUNTRIES = {
    "CN": (
        {date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))},
        {date(2026, 9, 20), date(2026, 10, 10)},
    ),
    "US": ({date(2026, 9, 7), date(2026, 10, 12)}, set()),
}


@dataclass(frozen=True)
class Clock:
    """One deadline: all that its reminders follow from, and how far they have come."""

    country: str
    zone: str
    warn_at: datetime
    due_at: datetime
    stage: str = ""
    next_at: datetime | None = None

    def started(self) -> "Clock":
        return replace(self, next_at=min(moment for moment, _stage in self.ladder()))

    def swept(self, at: datetime) -> "Clock":
        """After a sweep. Its stage is another one if, and only if, it was told of."""
        if self.next_at is None or self.next_at > at:
            return self
        if not self.is_working(self.local(at)):
            return replace(self, next_at=self.moment(self.step(at, +1), time(9)))
        last = [stage for moment, stage in self.ladder() if moment <= at][-1]
        ahead = [moment for moment, _stage in self.ladder() if moment > at]
        told = STAGES[max(STAGES.index(self.stage), STAGES.index(last))]
        return replace(self, stage=told, next_at=min(ahead, default=None))

    def ladder(self) -> list[tuple[datetime, str]]:
        before = self.moment(self.step(self.due_at, -1), time(17, 30))
        rungs = [
            (self.warn_at, "warn"),
            (before, "day_before"),
            (self.due_at, "due"),
        ]
        day = self.local(self.due_at)
        for stage in OVERDUE:
            day = self.next_working(day, +1)
            rungs.append((self.moment(day, time(9)), stage))
        # Of two at one moment the later rung speaks.
        return sorted(rungs, key=lambda rung: (rung[0], STAGES.index(rung[1])))

    def step(self, moment: datetime, way: int) -> date:
        return self.next_working(self.local(moment), way)

    def next_working(self, day: date, way: int) -> date:
        day += way * DAY
        while not self.is_working(day):
            day += way * DAY
        return day

    def is_working(self, day: date) -> bool:
        off, on = COUNTRIES[self.country]
        return day in on or (day.weekday() < 5 and day not in off)

    def local(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def moment(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True)
class Person:
    """Somebody of the staff: who is above them, who stands in for them."""

    pk: int
    superior: int | None = None
    deputy: int | None = None
    left: bool = False


def hearers(
    owing: list[int], *, overdue: bool, people: Callable[[int], Person]
) -> set[int]:
    """Of the staff that owe something: themselves, when late their superiors too; for
    who is away their deputy."""
    above = {people(pk).superior for pk in owing} if overdue else set()
    named = {pk for pk in (*owing, *above) if pk is not None and not people(pk).left}
    return {people(pk).deputy or pk for pk in named}
