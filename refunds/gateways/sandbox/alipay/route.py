"""Alipay's wire: reads and verifies a call, signs the answer exactly as it is sent."""

import itertools
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from refunds.gateways.sandbox.alipay import bills, notices, rsa2, rules
from refunds.gateways.sandbox.alipay.codes import Fields, Refused, refusal
from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.faults import Fault
from refunds.gateways.sandbox.keys import Keys, strangers_key
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.rows import Refund
from refunds.gateways.sandbox.wire import Order, Reply, Request

APP_ID = "2021000000000001"
BILL = "alipay.data.dataservice.bill.downloadurl.query"
DOWNLOAD = "alipay.bill"
METHODS = {
    "alipay.trade.refund": rules.refund,
    "alipay.trade.fastpay.refund.query": rules.query,
    BILL: bills.address,
}
# Faults in the content of an answer, and whether they need an argument.
FAULTS = {
    "system_error_after": False,
    "code_20000_after": False,
    "bad_signature": False,
    "missing_signature": False,
    "wrong_key_signature": False,
    "sub_code": True,
}
TOLERANCE = timedelta(minutes=15)
REQUIRED = {
    "method": "isv.missing-method",
    "app_id": "isv.missing-app-id",
    "sign": "isv.missing-signature",
    "sign_type": "isv.missing-signature-type",
    "timestamp": "isv.missing-timestamp",
    "version": "isv.missing-version",
}
LONG_SUCCESS = '接口调用成功，结果请见 {"文档": "https://opendocs.alipay.com/"}'


class Alipay:
    name = "alipay"
    prefixes: Collection[str] = ("/gateway.do", bills.PATH)
    methods: Mapping[str, Mapping[str, bool]] = {
        "alipay.trade.refund": FAULTS | {"ignores_key": False},
        "alipay.trade.fastpay.refund.query": FAULTS
        | {"wrong_amount": False, "not_yet": False},
        BILL: FAULTS,
        DOWNLOAD: dict.fromkeys(bills.FAULTS, False),
    }

    def __init__(
        self, *, keys: Keys, ledger: Ledger, clock: Clock, notify: Mapping[str, str]
    ) -> None:
        self._keys = keys
        self._notify = notify
        self._ledger = ledger
        self._clock = clock
        self._turns = itertools.count()

    def read(self, request: Request) -> Order:
        if request.path.startswith(bills.PATH):
            return Order(method=DOWNLOAD, key=request.path.removeprefix(bills.PATH))
        method = ""
        try:
            parameters = read_parameters(request)
            method = parameters.get("method", "")
            self._check(parameters)
            business = read_business(parameters.get("biz_content", ""))
        except Refused as refused:
            return Order(method=method, refusal=refused.sub_code)
        key = str(business.get("out_request_no", ""))
        if method == BILL:
            business = {**business, "host": request.headers.get("host", "")}
        return Order(method=method, key=key, business=business)

    def answer(self, order: Order, fault: Fault | None) -> Reply:
        name = fault.name if fault else ""
        if order.method == DOWNLOAD:
            return self._download(order, name)
        if order.refusal:
            fields = refusal(order.refusal)
        elif fault and name == "sub_code":
            fields = refusal(fault.argument)
        else:
            if name == "ignores_key":
                order = self._forgotten(order)
            fields = changed(self._execute(order), name)
        told = " ".join(str(fields[n]) for n in ("code", "sub_code") if n in fields)
        return Reply(body=self._envelope(order.method, fields, name), told=told)

    def _forgotten(self, order: Order) -> Order:
        """As a gateway that knows no keys would see it: another refund every time."""
        with self._ledger.transaction() as books:
            known = [r for r in books.refunds(self.name) if _is_one_of(r, order.key)]
        if not known:
            return order
        key = f"{order.key}#{len(known)}"
        business = {**order.business, "out_request_no": key}
        return Order(method=order.method, key=key, business=business)

    def turn(self, refund: Refund, outcome: str, *, books: Books) -> Refund:
        """S or F: how the second leg, to the bank card, ends."""
        if outcome not in ("S", "F"):
            raise ValueError(f"Alipay knows S and F, got {outcome!r}.")
        return replace(refund, traits={**refund.traits, "card_return": outcome})

    def _execute(self, order: Order) -> Fields:
        now = self._clock.now()
        try:
            with self._ledger.transaction() as books:
                fields = METHODS[order.method](order.business, books=books, now=now)
                if fields.get("fund_change") == "Y":
                    self._notify_of(order, fields, books=books, now=now)
                return fields
        except Refused as refused:
            return refusal(refused.sub_code)

    def _notify_of(
        self, order: Order, fields: Fields, *, books: Books, now: datetime
    ) -> None:
        """Due when a query knows of the refund; the control port makes it earlier."""
        url = self._notify.get(self.name)
        if not url:
            return
        key = order.key or str(fields["out_trade_no"])
        trade = books.trade(trade_no=str(fields["trade_no"]))
        refund = books.refund(self.name, key=key)
        assert trade
        assert refund
        notice = notices.of_refund(trade, refund, str(fields["refund_fee"]), now=now)
        body = notices.signed({**notice, "app_id": APP_ID}, self._keys.gateway_private)
        books.post(
            self.name,
            event=notice["notify_id"],
            url=url,
            headers={"Content-Type": notices.CONTENT_TYPE},
            body=body,
            due_at=now + rules.QUERY_DELAY,
        )

    def _download(self, order: Order, fault: str) -> Reply:
        with self._ledger.transaction() as books:
            day = bills.day_at(order.key, books=books, now=self._clock.now())
            if day is None:
                return Reply(status=403, body=b"expired", told="403")
            content = bills.file_of(day, books=books, fault=fault)
        return Reply(body=content, content_type="application/zip", told=day.isoformat())

    def _envelope(self, method: str, fields: Fields, fault: str) -> bytes:
        name = method.replace(".", "_") + "_response"
        inner = write(fields, turn=next(self._turns))
        parts = [f'"{name if method in METHODS else "error_response"}":{inner}']
        if fault != "missing_signature":
            parts.append(f'"sign":"{self._sign(inner, fault)}"')
        return ("{" + ",".join(parts) + "}").encode()

    def _sign(self, inner: str, fault: str) -> str:
        key: RSAPrivateKey = self._keys.gateway_private
        if fault == "wrong_key_signature":
            key = strangers_key()
        return rsa2.sign("another text" if fault == "bad_signature" else inner, key)

    def _check(self, parameters: Mapping[str, str]) -> None:
        for name, sub_code in REQUIRED.items():
            if not parameters.get(name):
                raise Refused(sub_code)
        checks = {
            "isv.invalid-method": parameters["method"] in METHODS,
            "isv.invalid-app-id": parameters["app_id"] == APP_ID,
            "isv.invalid-signature-type": parameters["sign_type"] == "RSA2",
            "isv.invalid-charset": parameters.get("charset", "").lower() == "utf-8",
            "isv.invalid-format": parameters.get("format", "JSON").upper() == "JSON",
            "isv.invalid-parameter": parameters["version"] == "1.0",
            "isv.invalid-timestamp": self._is_now(parameters["timestamp"]),
            "isv.invalid-signature": self._is_signed(parameters),
        }
        for sub_code, is_met in checks.items():
            if not is_met:
                raise Refused(sub_code)

    def _is_signed(self, parameters: Mapping[str, str]) -> bool:
        text = rsa2.string_to_sign(parameters)
        return rsa2.verify(text, parameters["sign"], self._keys.merchant_public)

    def _is_now(self, timestamp: str) -> bool:
        """By the machine's clock or by the moved one: a caller may follow either."""
        try:
            sent = datetime.strptime(timestamp, rules.TIME_FORMAT).replace(
                tzinfo=rules.BEIJING
            )
        except ValueError:
            return False
        clocks = (datetime.now(UTC), self._clock.now())
        return any(abs(now - sent) <= TOLERANCE for now in clocks)


def _is_one_of(refund: Refund, key: str) -> bool:
    return refund.key.partition("#")[0] == key


def read_parameters(request: Request) -> dict[str, str]:
    """From the URL, the form, or both; a name that comes twice is refused."""
    try:
        pairs = [
            pair
            for text in (request.query, request.body.decode())
            for pair in parse_qsl(text, keep_blank_values=True, errors="strict")
        ]
    except ValueError:
        raise Refused("isv.invalid-charset") from None
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Refused("isv.invalid-parameter")
    return parameters


def read_business(content: str) -> Fields:
    """Numbers stay as they were written: an amount never becomes a float."""
    try:
        business = json.loads(content, parse_float=str, parse_int=str)
    except ValueError:
        raise Refused("isv.invalid-parameter") from None
    if not isinstance(business, dict):
        raise Refused("isv.invalid-parameter")
    return business


def changed(fields: Fields, fault: str) -> Fields:
    """The answer with a fault in its content; what was booked stays booked."""
    match fault:
        case "system_error_after":
            return refusal("ACQ.SYSTEM_ERROR")
        case "code_20000_after":
            return refusal("isp.unknow-error")
        case "not_yet":
            return rules.SUCCESS
        case "wrong_amount" if "refund_amount" in fields:
            amount = Decimal(str(fields["refund_amount"]))
            return {**fields, "refund_amount": str(amount + Decimal("0.01"))}
        case _:
            return fields


def write(fields: Fields, *, turn: int) -> str:
    """JSON in the spellings that a caller must cope with, one after the other:
    plain; Chinese, quotes and braces with escaped slashes; everything escaped."""
    if turn % 3 and fields["code"] == "10000":
        fields = {**fields, "msg": LONG_SUCCESS}
    text = json.dumps(fields, ensure_ascii=turn % 3 == 2, separators=(",", ":"))
    return text.replace("/", r"\/") if turn % 3 else text
