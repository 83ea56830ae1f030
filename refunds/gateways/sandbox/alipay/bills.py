"""Alipay's bill of a day: an address that is good for 30 seconds, and there a zip of
two CSV files in GBK. Ready at nine the next morning."""

import secrets
from datetime import date, datetime, time, timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from refunds.gateways.sandbox.alipay.codes import Fields, Refused
from refunds.gateways.sandbox.alipay.rules import BEIJING, SUCCESS, TIME_FORMAT, yuan
from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.rows import Refund, Trade

PATH = "/alipay/bill/"
GOOD_FOR = timedelta(seconds=30)
READY_AT = time(9, tzinfo=BEIJING)
ACCOUNT = "20880000000000010156"
# What may be wrong with the list of refunds, beside the faults of the wire.
FAULTS = ("row_missing", "row_twice", "row_amount")
SUBJECT = '"服务费，""退款"""'
COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,"
    "商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)


def address(business: Fields, *, books: Books, now: datetime) -> Fields:
    if business.get("bill_type") != "trade":
        raise Refused("ACQ.INVALID_PARAMETER")
    try:
        day = date.fromisoformat(str(business.get("bill_date", "")))
    except ValueError:
        raise Refused("ACQ.INVALID_PARAMETER") from None
    if now < datetime.combine(day + timedelta(days=1), READY_AT):
        raise Refused("bill_not_exist")
    token = secrets.token_urlsafe(16)
    books.keep_reply("alipay", PATH + token, day.isoformat(), at=now)
    return {**SUCCESS, "bill_download_url": f"http://{business['host']}{PATH}{token}"}


def day_at(token: str, *, books: Books, now: datetime) -> date | None:
    """The day whose bill lies there; None where there is none any more."""
    kept = books.kept_reply("alipay", PATH + token)
    if kept is None or now - kept[0] > GOOD_FOR:
        return None
    return date.fromisoformat(kept[1])


def file_of(day: date, *, books: Books, fault: str = "") -> bytes:
    trades = {t.trade_no: t for t in books.trades() if t.route == "alipay"}
    refunds = [r for r in books.refunds("alipay") if _day(r.at) == day]
    payments = [t for t in trades.values() if _day(t.paid_at) == day]
    rows = [_row(trades[r.trade_no], r) for r in _listed(refunds, fault)]
    if fault == "row_amount" and rows:
        first = refunds[0]
        more = f"-{yuan(first.amount_minor + 1)}"
        rows[0] = rows[0].replace(f",-{yuan(first.amount_minor)},", f",{more},")
    details = _details(day, [*map(_payment, payments), *rows], len(payments), len(rows))
    sums = f"#支付宝业务汇总查询\r\n#账号：[{ACCOUNT}]\r\n"
    return _zip(
        {
            f"{ACCOUNT}_{day:%Y%m%d}_业务明细.csv": details,
            f"{ACCOUNT}_{day:%Y%m%d}_业务明细(汇总).csv": sums,
        }
    )


def _listed(refunds: list[Refund], fault: str) -> list[Refund]:
    if fault == "row_missing":
        return refunds[1:]
    return [*refunds[:1], *refunds] if fault == "row_twice" else refunds


def _details(day: date, rows: list[str], payments: int, refunds: int) -> str:
    span = f"[{day:%Y年%m月%d日} 00:00:00]"
    return "\r\n".join(
        [
            "#支付宝业务明细查询",
            f"#账号：[{ACCOUNT}]",
            f"#起始日期：{span}   终止日期：{span}",
            f"#{'-' * 41}业务明细列表{'-' * 40}",
            COLUMNS,
            *rows,
            f"#{'-' * 41}业务明细列表结束{'-' * 36}",
            f"#交易合计：{payments}笔，商家实收共0.00元，商家优惠共0.00元",
            f"#退款合计：{refunds}笔，商家实收退款共0.00元，商家优惠退款共0.00元",
            "",
        ]
    )


def _payment(trade: Trade) -> str:
    return _line(trade, "交易", trade.paid_at, yuan(trade.total_minor), "")


def _row(trade: Trade, refund: Refund) -> str:
    amount = f"-{yuan(refund.amount_minor)}"
    return _line(trade, "退款", refund.at, amount, refund.key)


def _line(trade: Trade, kind: str, at: datetime, amount: str, key: str) -> str:
    """Numbers have a tab behind them, so that a spreadsheet leaves them alone."""
    moment = at.astimezone(BEIJING).strftime(TIME_FORMAT)
    head = [
        f"{trade.trade_no}\t",
        f"{trade.out_trade_no}\t",
        kind,
        '"服务费，""退款"""',
    ]
    middle = [moment, moment, "", "", "", "", "王**(138****0000)\t", amount, amount]
    rest = ["0.00"] * 5 + ["", "0.00", "0.00", f"{key}\t", "0.00", "0.00", ""]
    return ",".join([*head, *middle, *rest])


def _zip(files: dict[str, str]) -> bytes:
    """Names in GBK without the mark for UTF-8, as Alipay writes them; Python's own
    module can't, so they are put in afterwards, letter for letter as long."""
    out = BytesIO()
    names = {
        str(nth).rjust(len(name.encode("gbk")), "@"): name
        for nth, name in enumerate(files)
    }
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for stand_in, name in names.items():
            archive.writestr(stand_in, files[name].encode("gbk"))
    content = out.getvalue()
    for stand_in, name in names.items():
        content = content.replace(stand_in.encode(), name.encode("gbk"))
    return content


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()
