"""The control port: what tests and developers ask of the sandbox, in JSON over HTTP."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from refunds.gateways.sandbox.alipay.rules import trade_status
from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.faults import Fault, FaultBoard
from refunds.gateways.sandbox.ledger import Call, Ledger, Refund, Trade
from refunds.gateways.sandbox.page import overview
from refunds.gateways.sandbox.wire import Reply, Request

LOCAL_NAMES = ("127.0.0.1", "localhost")
FARTHEST_SECONDS = 10 * 366 * 86_400
Json = Mapping[str, object]


class Unusable(ValueError):
    """The request's content can't be used; the message says why."""


class Control:
    def __init__(self, *, ledger: Ledger, clock: Clock, faults: FaultBoard) -> None:
        self._ledger = ledger
        self._clock = clock
        self._faults = faults
        self._doors: dict[tuple[str, str], Callable[[Json], Json]] = {
            ("PUT", "/trades"): self._put_trade,
            ("GET", "/ledger"): self._show_ledger,
            ("GET", "/calls"): self._show_calls,
            ("GET", "/faults"): self._show_faults,
            ("POST", "/faults"): self._add_fault,
            ("DELETE", "/faults"): self._clear_faults,
            ("POST", "/clock"): self._advance,
            ("POST", "/reset"): self._reset,
            ("GET", "/health"): self._health,
        }

    def answer(self, request: Request) -> Reply:
        if not _is_local(request):
            return _json(403, {"error": "Only this machine, and no page of another."})
        if (request.verb, request.path) == ("GET", "/"):
            return Reply(
                body=overview(self._ledger, faults=self._faults, now=self._clock.now())
            )
        door = self._doors.get((request.verb, request.path))
        if door is None:
            return _json(404, {"error": f"No {request.verb} {request.path} here."})
        try:
            return _json(200, door(_content(request)))
        except ValueError as error:
            return _json(400, {"error": str(error)})

    def _put_trade(self, content: Json) -> Json:
        trade = self._ledger.put_trade(
            trade_no=_word(content, "trade_no"),
            out_trade_no=_word(content, "out_trade_no"),
            total_minor=_number(content, "total_minor"),
            paid_at=datetime.fromisoformat(_word(content, "paid_at")),
            buyer_logon_id=_word(content, "buyer_logon_id", default="138****0000"),
            card_return=_word(content, "card_return", default=""),
        )
        return _trade(trade, [])

    def _show_ledger(self, _content: Json) -> Json:
        refunds = self._ledger.refunds()
        return {
            "trades": [_trade(trade, refunds) for trade in self._ledger.trades()],
            "refunds": [_dated(refund) for refund in refunds],
            "moved_minor": sum(refund.amount_minor for refund in refunds),
        }

    def _show_calls(self, _content: Json) -> Json:
        return {"calls": [_dated(call) for call in self._ledger.calls()]}

    def _show_faults(self, _content: Json) -> Json:
        return {"faults": [_fault(fault) for fault in self._faults.waiting()]}

    def _add_fault(self, content: Json) -> Json:
        times = content.get("times", 1)
        fault = self._faults.add(
            _word(content, "fault"),
            method=_word(content, "method"),
            times=None if times == "always" else _number({"times": times}, "times"),
            skip=_number(content, "skip", default=0),
        )
        return _fault(fault)

    def _clear_faults(self, _content: Json) -> Json:
        self._faults.clear()
        return {"faults": []}

    def _advance(self, content: Json) -> Json:
        seconds = content.get("advance_seconds")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise Unusable(f"advance_seconds: expected a number, got {seconds!r}.")
        if not 0 <= seconds <= FARTHEST_SECONDS:
            raise Unusable("advance_seconds: expected seconds, from 0 to ten years.")
        self._clock.advance(seconds)
        return self._health({})

    def _reset(self, _content: Json) -> Json:
        self._ledger.reset()
        self._faults.clear()
        return self._health({})

    def _health(self, _content: Json) -> Json:
        return {"status": "ok", "now": self._clock.now().isoformat()}


def _is_local(request: Request) -> bool:
    """A page elsewhere could make a browser on this machine send requests here."""
    host = request.headers.get("host", "").rpartition(":")[0]
    return host in LOCAL_NAMES and "origin" not in request.headers


def _content(request: Request) -> Json:
    content = json.loads(request.body or b"{}")
    if not isinstance(content, dict):
        raise Unusable("Expected a JSON object.")
    return content


def _word(content: Json, name: str, *, default: str | None = None) -> str:
    value = content.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise Unusable(f"{name}: expected text, got {value!r}.")
    return value


def _number(content: Json, name: str, *, default: int | None = None) -> int:
    value = content.get(name, default)
    if type(value) is not int or value < (1 if default is None else default):
        raise Unusable(f"{name}: expected a whole number, got {value!r}.")
    return value


def _trade(trade: Trade, refunds: list[Refund]) -> Json:
    own = [refund for refund in refunds if refund.trade_no == trade.trade_no]
    return {
        **vars(trade),
        "paid_at": trade.paid_at.isoformat(),
        "refunded_minor": sum(refund.amount_minor for refund in own),
        "status": trade_status(trade, own),
    }


def _dated(row: Refund | Call) -> Json:
    return {**vars(row), "at": row.at.astimezone(UTC).isoformat()}


def _fault(fault: Fault) -> Json:
    return {
        "method": fault.method,
        "fault": str(fault),
        "times": "always" if fault.times is None else fault.times,
        "skip": fault.skip,
    }


def _json(status: int, content: Json) -> Reply:
    return Reply(
        status=status,
        content_type="application/json",
        body=json.dumps(content, ensure_ascii=False).encode(),
    )
