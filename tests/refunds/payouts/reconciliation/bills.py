"""Statements as Alipay writes them, made by hand; and what came of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from accounts.models import Payment
from refunds.models import Discrepancy, Merchant, PayoutLeg
from refunds.payouts.statements import upload
from tests.people import People
from tests.refunds.payouts.till import Till

BEIJING = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)
TUESDAY = MONDAY + timedelta(days=1)
HEAD = "支付宝交易号,业务类型,完成时间,订单金额（元）,退款批次号/请求号"


@dataclass(frozen=True)
class Row:
    """A refund on the bill, in fen; `back` came back to us."""

    trade: str
    key: str
    amount: int
    day: date = MONDAY
    clock: str = "10:00:07"
    back: bool = False

    def __str__(self) -> str:
        sign = "" if self.back else "-"
        yuan = f"{sign}{self.amount // 100}.{self.amount % 100:02d}"
        return f"{self.trade}\t,退款,{self.day} {self.clock},{yuan},{self.key}\t"


def bill(rows: Iterable[Row] = (), *, remark: str = "") -> bytes:
    """`remark` makes it another file that says the same."""
    text = "\n".join([f"#{remark}", HEAD, *map(str, rows), "#业务明细列表结束", ""])
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr(ZipInfo("bill_业务明细.csv"), text.encode("gb18030"))
    return out.getvalue()


def row_of(leg: PayoutLeg, **other: object) -> Row:
    trade = leg.allocation.payment.trade_number
    plain = {"trade": trade, "key": leg.key, "amount": leg.amount, **other}
    return Row(**plain)  # type: ignore[arg-type]


def portal_row(amount: int = 500_00, **other: object) -> Row:
    """Refunded in the portal: of a payment of ours, under no key of ours."""
    trade = Payment.objects.get().trade_number
    plain = {"trade": trade, "key": "HD2026", "amount": amount, **other}
    return Row(**plain)  # type: ignore[arg-type]


def alipay() -> Merchant:
    return Merchant.objects.get(route="alipay")


def brings(
    people: People, till: Till, *rows: Row, day: date = MONDAY, remark: str = ""
) -> None:
    """Finance uploads the day's statement."""
    upload(
        alipay(),
        day,
        name="bill.zip",
        content=bill(rows, remark=remark),
        by=people.finance,
        at=till.at,
    )


def open_ones() -> list[tuple[str, str]]:
    found = Discrepancy.objects.filter(outcome="").order_by("pk")
    return list(found.values_list("kind", "subject"))


def all_of_them() -> list[tuple[object, ...]]:
    columns = ("kind", "subject", "outcome", "words", "ours", "theirs", "due_at")
    return list(Discrepancy.objects.order_by("pk").values_list(*columns))


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=BEIJING)
