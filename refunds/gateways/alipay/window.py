"""Until when Alipay takes a refund: twelve calendar months by the date in Beijing."""

from datetime import datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


def window_end(paid_at: datetime) -> datetime:
    """A payment of a leap day can be refunded until the 28th."""
    paid = paid_at.astimezone(BEIJING)
    if (paid.month, paid.day) == (2, 29):
        paid = paid.replace(day=28)
    return paid.replace(year=paid.year + 1)


def moment_of(text: str) -> datetime:
    """As Alipay writes it, in Beijing's time; raises ValueError."""
    return datetime.strptime(text.strip(), TIME_FORMAT).replace(tzinfo=BEIJING)
