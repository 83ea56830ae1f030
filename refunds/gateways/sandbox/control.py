"""The control port: what tests and developers ask of the sandbox, in JSON over HTTP."""

import json
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from refunds.gateways.sandbox.alipay.rules import trade_status
from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.faults import Fault, FaultBoard
from refunds.gateways.sandbox.gateway import Route
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.notifier import Notifier
from refunds.gateways.sandbox.page import overview
from refunds.gateways.sandbox.rows import Call, Delivery, Refund, Trade
from refunds.gateways.sandbox.wire import Reply, Request

LOCAL_NAMES = ("127.0.0.1", "localhost")
FARTHEST_SECONDS = 10 * 366 * 86_400
Json = Mapping[str, object]


class Unusable(ValueError):
    """The request's content can't be used; the message says why."""


class Control:
    def __init__(
        self,
        routes: Iterable[Route],
        *,
        ledger: Ledger,
        clock: Clock,
        faults: FaultBoard,
        notifier: Notifier,
        notify: MutableMapping[str, str],
    ) -> None:
        self._notify = notify
        self._routes = {route.name: route for route in routes}
        self._notifier = notifier
        self._ledger = ledger
        self._clock = clock
        self._faults = faults
        self._doors: dict[tuple[str, str], Callable[[Json], Json]] = {
            ("PUT", "/trades"): self._put_trade,
            ("GET", "/ledger"): self._show_ledger,
            ("POST", "/refunds"): self._turn_refund,
            ("PUT", "/funds"): self._set_funds,
            ("GET", "/deliveries"): self._show_deliveries,
            ("POST", "/deliveries"): self._deliver,
            ("PATCH", "/deliveries"): self._reschedule,
            ("PUT", "/notify"): self._set_notify,
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
        known = ("route", "trade_no", "out_trade_no", "total_minor", "paid_at")
        trade = self._ledger.put_trade(
            route=self._route(content),
            trade_no=_word(content, "trade_no"),
            out_trade_no=_word(content, "out_trade_no"),
            total_minor=_number(content, "total_minor"),
            currency=_word(content, "currency", default="CNY"),
            paid_at=datetime.fromisoformat(_word(content, "paid_at")),
            **{
                name: _word(content, name)
                for name in content
                if name not in (*known, "currency")
            },
        )
        return _trade(trade, [])

    def _route(self, content: Json) -> str:
        name = _word(content, "route", default="alipay")
        if name not in self._routes:
            raise Unusable(f"route: expected one of {', '.join(self._routes)}.")
        return name

    def _turn_refund(self, content: Json) -> Json:
        """What the provider finds out later: `route`, `key`, `outcome`."""
        route, key = self._route(content), _word(content, "key")
        with self._ledger.transaction() as books:
            refund = books.refund(route, key=key)
            if refund is None:
                raise Unusable(f"key: {route} has no refund {key!r}.")
            outcome = _word(content, "outcome")
            changed = self._routes[route].turn(refund, outcome, books=books)
            books.change(changed)
        return _dated(changed)

    def _set_funds(self, content: Json) -> Json:
        """`minor` null: more than anybody asks for."""
        minor = content.get("minor")
        if minor is not None and type(minor) is not int:
            raise Unusable(f"minor: expected a whole number or null, got {minor!r}.")
        with self._ledger.transaction() as books:
            books.set_funds(self._route(content), minor)
        return {"route": self._route(content), "minor": minor}

    def _show_deliveries(self, _content: Json) -> Json:
        return {"deliveries": [_delivery(d) for d in self._ledger.deliveries()]}

    def _deliver(self, _content: Json) -> Json:
        """Sends what is due now; `make run` has a thread that does it."""
        return {"tried": self._notifier.deliver_due()}

    def _reschedule(self, content: Json) -> Json:
        """`due` null holds or drops it; two with their dues changed are reordered."""
        number = _number(content, "id")
        if "due" not in content:
            raise Unusable("due: expected a moment with its time zone, or null.")
        held = content["due"] is None
        due = None if held else datetime.fromisoformat(_word(content, "due"))
        if due and due.tzinfo is None:
            raise Unusable(f"due: {content['due']!r} has no time zone.")
        with self._ledger.transaction() as books:
            found = next((d for d in books.deliveries() if d.id == number), None)
            if found is None:
                raise Unusable(f"id: there is no delivery {number}.")
            books.reschedule(found, due_at=due)
        return _delivery(replace(found, due_at=due))

    def _set_notify(self, content: Json) -> Json:
        """Where `route` sends its notifications; `url` empty: nowhere any more."""
        route, url = self._route(content), _word(content, "url", default="")
        if not url:
            self._notify.pop(route, None)
        elif not is_loopback(url):
            raise Unusable(f"url: expected http on this machine, got {url!r}.")
        else:
            self._notify[route] = url
            self._notifier.start()
        return {"notify": dict(self._notify)}

    def _show_ledger(self, _content: Json) -> Json:
        refunds = self._ledger.refunds()
        return {
            "trades": [_trade(trade, refunds) for trade in self._ledger.trades()],
            "refunds": [_dated(refund) for refund in refunds],
            "moved_minor": sum(r.amount_minor for r in refunds if r.moved),
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


def is_loopback(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in LOCAL_NAMES


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


def _delivery(delivery: Delivery) -> Json:
    return {
        "id": delivery.id,
        "route": delivery.route,
        "event": delivery.event,
        "url": delivery.url,
        "due_at": delivery.due_at.isoformat() if delivery.due_at else None,
        "tries": delivery.tries,
        "answered": delivery.answered,
    }


def _trade(trade: Trade, refunds: list[Refund]) -> Json:
    name = (trade.route, trade.trade_no)
    own = [refund for refund in refunds if (refund.route, refund.trade_no) == name]
    return {
        **vars(trade),
        **trade.traits,
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
