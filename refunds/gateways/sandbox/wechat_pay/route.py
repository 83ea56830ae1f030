"""WeChat Pay's wire: verifies who calls, signs what is answered."""

import itertools
import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.faults import Fault
from refunds.gateways.sandbox.keys import strangers_key
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.rows import Delivery, Refund
from refunds.gateways.sandbox.wechat_pay import bills, door, rules, signing
from refunds.gateways.sandbox.wechat_pay.codes import Refused, refusal_of
from refunds.gateways.sandbox.wechat_pay.keys import (
    NEXT_SERIAL,
    SERIAL,
    Keys,
    ensure_wechat_keys,
)
from refunds.gateways.sandbox.wechat_pay.notices import announce
from refunds.gateways.sandbox.wechat_pay.refunds import (
    CLOSED,
    OUTCOMES,
    PROCESSING,
    ROUTE,
    begun,
    ended,
    give_back,
    go_on,
    shown,
)
from refunds.gateways.sandbox.wire import Order, Reply, Request

LIVE_HOSTS = ("api.mch.weixin.qq.com", "api2.mch.weixin.qq.com")
# Faults in an answer, and whether they need an argument.
SIGNATURES = dict.fromkeys(
    (
        *("bad_signature", "missing_signature", "wrong_key_signature"),
        *("unknown_serial", "stale_signature", "next_key"),
    ),
    False,
)
FAULTS = SIGNATURES | {"code": True, "code_after": True, "429_after": False}
METHODS: Mapping[str, Mapping[str, bool]] = {
    door.REFUND: FAULTS,
    door.QUERY: FAULTS | {"wrong_amount": False, "not_yet": False},
    door.ABNORMAL: FAULTS,
    door.BILL: FAULTS | {"wrong_hash": False},
    door.DOWNLOAD: dict.fromkeys(bills.FAULTS, False) | {"code": True},
}
UNSIGNED = (401, 404, 429)


class WeChatPay:
    """`traits` of a trade: `payer` gone; `short_of_funds` waits; `payer_refund`,
    `channel` and `account` as its refunds will show them."""

    name = ROUTE
    prefixes: Collection[str] = ("/v3/refund/", "/v3/bill/", "/wechat/")
    methods: Mapping[str, Mapping[str, bool]] = METHODS

    def __init__(
        self,
        *,
        state_dir: Path,
        ledger: Ledger,
        clock: Clock,
        notify: Mapping[str, str],
    ) -> None:
        self._state_dir = state_dir
        self._ledger = ledger
        self._clock = clock
        self._notify = notify
        self._turns = itertools.count()

    @cached_property
    def keys(self) -> Keys:
        """Made when first needed: many a test has nothing to do with this route."""
        return ensure_wechat_keys(self._state_dir)

    def read(self, request: Request) -> Order:
        method, number = door.called(request)
        try:
            signed_at = door.check(request, self.keys, clocks=self._clocks())
            content = door.content_of(request)
        except Refused as refused:
            return Order(method=method, key=number, refusal=str(refused))
        key = str(content.get("out_refund_no", "")) or number
        business: Mapping[str, object] = {
            "content": content,
            "number": number,
            "query": dict(parse_qsl(request.query)),
            "host": request.headers.get("host", ""),
            "serial": request.headers.get("wechatpay-serial", ""),
            "at": signed_at,
        }
        return Order(method=method, key=key, business=business)

    def answer(self, order: Order, fault: Fault | None) -> Reply:
        name = fault.name if fault else ""
        try:
            fields = self._execute(order, fault)
        except Refused as refused:
            return self._refusal(order, refused, name)
        if isinstance(fields, bytes):
            return Reply(body=fields, content_type="text/plain", told="200")
        body = write(changed(fields, name), turn=next(self._turns))
        headers = self._headers(body, order, name)
        told = f"200 {fields.get('status', '')}".strip()
        return Reply(
            body=body, content_type="application/json", headers=headers, told=told
        )

    def turn(self, refund: Refund, outcome: str, *, books: Books) -> Refund:
        """One of its statuses: what the bank or WeChat Pay says of it now."""
        if outcome not in OUTCOMES:
            raise ValueError(
                f"WeChat Pay knows {', '.join(OUTCOMES)}, got {outcome!r}."
            )
        now = self._clock.now()
        if outcome == CLOSED and refund.moved:
            give_back(books, refund.amount_minor)
        if outcome == PROCESSING:
            turned = begun(refund, at=now)
        else:
            turned = ended(refund, outcome, at=now)
        self._announce(books, turned)
        return turned

    def sign(self, delivery: Delivery, *, now: datetime) -> Mapping[str, str]:
        return {
            "Content-Type": "application/json",
            **signing.signed_headers(
                delivery.body, key=self.keys.platform[SERIAL], serial=SERIAL, at=now
            ),
        }

    def _execute(self, order: Order, fault: Fault | None) -> dict[str, Any] | bytes:
        """Raises Refused; after booking where the fault says so."""
        name = fault.name if fault else ""
        if order.refusal:
            raise refusal_of(order.refusal)
        if fault and name == "code":
            raise refusal_of(fault.argument, by=":")
        now = self._clock.now()
        with self._ledger.transaction() as books:
            for refund in go_on(books, now=now):
                if refund.status == PROCESSING:  # The money for it has come.
                    self._announce(books, refund)
            fields = self._doors()[order.method](order, books, now, name)
        if name == "429_after":
            raise Refused(429, "FREQUENCY_LIMITED")
        if fault and name == "code_after":
            raise refusal_of(fault.argument, by=":")
        return fields

    def _doors(
        self,
    ) -> Mapping[str, Callable[[Order, Books, datetime, str], dict[str, Any] | bytes]]:
        return {
            door.REFUND: self._refund,
            door.QUERY: self._query,
            door.ABNORMAL: self._abnormal,
            door.BILL: self._bill,
            door.DOWNLOAD: self._download,
        }

    def _refund(
        self, order: Order, books: Books, now: datetime, _fault: str
    ) -> dict[str, Any]:
        known = books.refund(ROUTE, key=order.key)
        trade, refund = rules.refund(door.content(order), books=books, now=now)
        if known is None:
            self._announce(books, refund)
        return shown(trade, refund)

    def _query(
        self, order: Order, books: Books, _now: datetime, _fault: str
    ) -> dict[str, Any]:
        return shown(*rules.query(order.key, books=books))

    def _abnormal(
        self, order: Order, books: Books, now: datetime, _fault: str
    ) -> dict[str, Any]:
        content = door.opened(order, self.keys)
        number = str(order.business["number"])
        trade, refund = rules.abnormal(number, content, books=books, now=now)
        self._announce(books, refund)
        return shown(trade, refund)

    def _bill(
        self, order: Order, books: Books, now: datetime, fault: str
    ) -> dict[str, Any]:
        query: Any = order.business["query"]
        found = bills.place(
            query, host=str(order.business["host"]), books=books, now=now
        )
        if fault == "wrong_hash":
            found["hash_value"] = "0" * 40
        return found

    def _download(
        self, order: Order, books: Books, _now: datetime, fault: str
    ) -> bytes:
        query: Any = order.business["query"]
        return bills.file_of(bills.day_of(query), books=books, fault=fault)

    def _announce(self, books: Books, refund: Refund) -> None:
        url = self._notify.get(ROUTE, "")
        announce(books, refund, url=url, key=self.keys.api_v3)

    def _refusal(self, order: Order, refused: Refused, fault: str) -> Reply:
        """Some errors are signed, some are not."""
        body = write(dict(refused.fields), turn=next(self._turns))
        unsigned = refused.http in UNSIGNED or refused.http >= 500
        return Reply(
            body=body,
            status=refused.http,
            content_type="application/json",
            headers={} if unsigned else self._headers(body, order, fault),
            told=str(refused),
        )

    def _headers(self, body: bytes, order: Order, fault: str) -> Mapping[str, str]:
        if fault == "missing_signature":
            return {}
        serial = NEXT_SERIAL if fault == "next_key" else SERIAL
        key = self.keys.platform[serial]
        at = order.business.get("at")
        signed_at = at if isinstance(at, datetime) else self._clock.now()
        headers = signing.signed_headers(
            body + b" " if fault == "bad_signature" else body,
            key=strangers_key() if fault == "wrong_key_signature" else key,
            serial="PUB_KEY_ID_NOBODY" if fault == "unknown_serial" else serial,
            at=signed_at - door.FRESH * 2 if fault == "stale_signature" else signed_at,
        )
        return {"Request-ID": f"sandbox-{next(self._turns)}", **headers}

    def _clocks(self) -> tuple[datetime, datetime]:
        return self._clock.now(), datetime.now(UTC)


def changed(fields: dict[str, Any], fault: str) -> dict[str, Any]:
    """The answer with a fault in its content; what was booked stays booked."""
    match fault:
        case "not_yet":
            rest = {n: v for n, v in fields.items() if n != "success_time"}
            return {**rest, "status": PROCESSING}
        case "wrong_amount":
            amount = {**fields["amount"], "refund": fields["amount"]["refund"] + 1}
            return {**fields, "amount": amount}
        case _:
            return fields


def write(fields: Mapping[str, object], *, turn: int) -> bytes:
    """JSON in the spellings that a caller must cope with, one after the other: as it
    is; with escaped slashes; everything escaped and spread out."""
    text = json.dumps(
        fields, ensure_ascii=turn % 3 == 2, indent=2 if turn % 3 == 2 else None
    )
    return (text.replace("/", r"\/") if turn % 3 == 1 else text).encode()
