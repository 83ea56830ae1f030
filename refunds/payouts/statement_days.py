"""Which day a statement is about, in Beijing, and when it should be there."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Route

BEIJING = ZoneInfo("Asia/Shanghai")
READY = time(10, 0)
DAY = timedelta(days=1)
# Listed on the day it was asked for, whatever became of it: no proof that it moved.
BY_REQUEST = (Route.WECHAT_PAY,)


def day_of(route: str, moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def begins(route: str, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=BEIJING)


def is_there(route: str, day: date, *, at: datetime, after: int = 1) -> bool:
    """Whether the statement of `day` should have come: from ten in the morning of the
    next day, or of a later one by `after`."""
    ready = datetime.combine(day + after * DAY, READY, tzinfo=BEIJING)
    return at >= ready
