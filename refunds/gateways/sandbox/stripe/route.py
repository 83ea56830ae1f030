"""Stripe's wire: bearer key, forms, and the store of answers by idempotency key."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.faults import Fault
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.rows import Delivery, Refund
from refunds.gateways.sandbox.stripe import lists, rules
from refunds.gateways.sandbox.stripe.credentials import (
    ensure_credentials,
    signed_header,
)
from refunds.gateways.sandbox.stripe.errors import Refused
from refunds.gateways.sandbox.stripe.forms import Form, only, read_form
from refunds.gateways.sandbox.stripe.objects import refund_object, seconds, write
from refunds.gateways.sandbox.stripe.telling import tell
from refunds.gateways.sandbox.wire import Order, Reply, Request

CREATE, LIST = "stripe.refunds.create", "stripe.refunds.list"
RETRIEVE, CANCEL = "stripe.refunds.retrieve", "stripe.refunds.cancel"
TRANSACTIONS = "stripe.balance_transactions.list"
PATHS = (
    ("POST", re.compile(r"/v1/refunds"), CREATE),
    ("GET", re.compile(r"/v1/refunds"), LIST),
    ("GET", re.compile(r"/v1/refunds/([\w#]+)"), RETRIEVE),
    ("POST", re.compile(r"/v1/refunds/([\w#]+)/cancel"), CANCEL),
    ("GET", re.compile(r"/v1/balance_transactions"), TRANSACTIONS),
)
KEPT_FOR = timedelta(hours=24)
STORED = ("stored_500_before", "stored_500_after")
# Faults in the content of an answer, and whether they need an argument.
ERROR = {"error": True}


class Stripe:
    name = rules.ROUTE
    prefixes: Collection[str] = ("/v1/",)
    methods: Mapping[str, Mapping[str, bool]] = {
        CREATE: ERROR | dict.fromkeys(STORED, False),
        LIST: ERROR | {"wrong_amount": False, "not_yet": False, "not_listed": False},
        RETRIEVE: ERROR,
        CANCEL: ERROR,
        TRANSACTIONS: ERROR,
    }

    def __init__(
        self,
        state_dir: Path,
        *,
        ledger: Ledger,
        clock: Clock,
        notify: Mapping[str, str],
    ) -> None:
        self._state_dir = state_dir
        self._ledger = ledger
        self._clock = clock
        self._notify = notify
        self._secret_key = ensure_credentials(state_dir).secret_key
        self._runs_until: dict[str, float] = {}

    def read(self, request: Request) -> Order:
        method, key = "", request.headers.get("idempotency-key", "")
        try:
            method, number = _method(request)
            self._authorize(request.headers.get("authorization", ""))
            form = read_form(request.query if request.verb == "GET" else _text(request))
        except Refused as refused:
            business = {"error": refused}
            return Order(
                method=method, key=key, business=business, refusal=_told(refused)
            )
        return Order(method=method, key=key, business={"form": form, "number": number})

    def answer(self, order: Order, fault: Fault | None) -> Reply:
        refused = order.business.get("error")
        if isinstance(refused, Refused):
            return _refusal(refused)
        if fault and fault.name == "error":
            return _refusal(_asked_for(fault))
        form: Any = order.business["form"]
        now = self._clock.now()
        with self._ledger.transaction() as books:
            self._settle(books, now=now)
            if order.method == CREATE:
                return self._create(form, order.key, fault, books=books, now=now)
            try:
                content = self._look(order, form, books=books, now=now)
            except Refused as refusal:
                return _refusal(refusal)
        return _reply(changed(content, fault.name if fault else ""))

    def turn(self, refund: Refund, outcome: str, *, books: Books) -> Refund:
        """succeeded, failed:REASON, requires_action, canceled, pending."""
        now = self._clock.now()
        later = rules.turned(refund, outcome, books=books, now=now)
        self._tell_change(later, refund.status, books=books, now=now)
        return later

    def sign(self, delivery: Delivery, *, now: datetime) -> Mapping[str, str]:
        header = signed_header(
            delivery.body,
            at=seconds(now),
            webhook_secrets=ensure_credentials(self._state_dir).webhook_secrets,
        )
        return {**delivery.headers, "Stripe-Signature": header}

    def _create(
        self, form: Form, key: str, fault: Fault | None, *, books: Books, now: datetime
    ) -> Reply:
        """What was answered under the key before is answered again, a 500 too."""
        asked = sha256(repr(sorted(form.items())).encode()).hexdigest()
        kept = books.kept_reply(self.name, key) if key else None
        if self._runs_until.get(key, 0.0) > monotonic():
            return _refusal(Refused(409, "idempotency_key_in_use"))
        if kept and now - kept[0] < KEPT_FOR:
            return _again(kept[1], asked)
        reply, keeps = self._book(form, key, fault, books=books, now=now)
        if key and keeps:
            content = {"asked": asked, "status": reply.status, "told": reply.told}
            content["body"] = reply.body.decode()
            books.keep_reply(self.name, key, content, at=now)
        if fault and fault.name == "slow":
            self._runs_until[key] = monotonic() + fault.seconds
        return reply

    def _book(
        self, form: Form, key: str, fault: Fault | None, *, books: Books, now: datetime
    ) -> tuple[Reply, bool]:
        """The answer, and whether it stays under the key."""
        name = fault.name if fault else ""
        broken = _refusal(Refused(500, "api_error"))
        if name == "stored_500_before":
            return broken, True
        try:
            refund = rules.new_refund(form, key=key, books=books, now=now)
        except Refused as refused:
            return _refusal(refused), refused.kept
        _found, trade = lists.one_refund(refund.number, books)
        url = self._notify.get(self.name, "")
        tell(("refund.created",), refund, trade, url=url, books=books, now=now)
        if name == "stored_500_after":
            return broken, True
        return _reply(refund_object(refund, trade, now=now)), True

    def _look(
        self, order: Order, form: Form, *, books: Books, now: datetime
    ) -> dict[str, Any]:
        if order.method == LIST:
            return lists.refunds(form, books=books, now=now)
        if order.method == TRANSACTIONS:
            return lists.transactions(form, books=books, now=now)
        refund, trade = lists.one_refund(str(order.business["number"]), books)
        only(form, "expand")
        if order.method == CANCEL:
            if refund.status != "requires_action":
                raise Refused(400, message="This refund can't be canceled any more.")
            refund = self.turn(refund, "canceled", books=books)
            books.change(refund)
        return refund_object(refund, trade, now=now)

    def _settle(self, books: Books, *, now: datetime) -> None:
        for refund in rules.moves_on(books, now=now):
            self._tell_change(refund, "pending", books=books, now=now)

    def _tell_change(
        self, refund: Refund, before: str, *, books: Books, now: datetime
    ) -> None:
        _found, trade = lists.one_refund(refund.number, books)
        failed = refund.status == "failed"
        tell(
            ("refund.updated", "refund.failed") if failed else ("refund.updated",),
            refund,
            trade,
            url=self._notify.get(self.name, ""),
            books=books,
            now=now,
            before={"status": before},
        )

    def _authorize(self, header: str) -> None:
        key = header.removeprefix("Bearer ")
        if key == header or not key:
            raise Refused(401, message="You did not provide an API key.")
        if "_live_" in key:
            raise Refused(401, message="A live key has nothing to do in a sandbox.")
        if key != self._secret_key:
            raise Refused(401, message=f"Invalid API Key provided: {key[:8]}****")


def changed(content: dict[str, Any], fault: str) -> dict[str, Any]:
    """The answer with a fault in its content; what was booked stays booked."""
    rows = content.get("data", [])
    match fault:
        case "not_listed":
            return {**content, "data": [], "has_more": False}
        case "not_yet":
            pending = {"status": "pending", "pending_reason": "processing"}
            return {**content, "data": [{**row, **pending} for row in rows]}
        case "wrong_amount":
            more = [{**row, "amount": row["amount"] + 1} for row in rows]
            return {**content, "data": more}
        case _:
            return content


def _method(request: Request) -> tuple[str, str]:
    """Raises Refused for what is none."""
    for verb, pattern, method in PATHS:
        match = pattern.fullmatch(request.path)
        if match and verb == request.verb:
            return method, match[1] if match.groups() else ""
    raise Refused(404, message=f"Unrecognized request URL: {request.path}")


def _text(request: Request) -> str:
    try:
        return request.body.decode()
    except UnicodeDecodeError:
        raise Refused(400, message="Invalid request: not UTF-8.") from None


def _again(kept: Mapping[str, Any], asked: str) -> Reply:
    if kept["asked"] != asked:
        return _refusal(Refused(400, "idempotency_error"))
    reply = _json(int(kept["status"]), kept["body"].encode(), told=kept["told"])
    return replace(reply, headers={**reply.headers, "Idempotent-Replayed": "true"})


def _asked_for(fault: Fault) -> Refused:
    """`error:HTTP:code`."""
    status, _, code = fault.argument.partition(":")
    return Refused(int(status) if status.isdecimal() else 400, code)


def _refusal(refused: Refused) -> Reply:
    return _json(refused.status, write(refused.content), told=_told(refused))


def _told(refused: Refused) -> str:
    return f"{refused.status} {refused.code}".strip()


def _reply(content: Mapping[str, Any]) -> Reply:
    return _json(200, write(content), told=f"200 {content.get('status', '')}".strip())


def _json(status: int, body: bytes, *, told: str) -> Reply:
    return Reply(
        status=status,
        body=body,
        content_type="application/json",
        told=told,
        headers={"Request-Id": f"req_{sha256(body).hexdigest()[:14]}"},
    )
