"""One exchange: a route reads the call, a fault may strike, the call log keeps it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.faults import (
    INSTEAD_OF_ANSWER,
    Fault,
    FaultBoard,
    damaged,
    instead_of_answer,
)
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.rows import Call, Delivery, Refund
from refunds.gateways.sandbox.wire import Order, Reply, Request


class Route(Protocol):
    """One vendor's wire format and rules.

    name      as our payments name the route
    prefixes  the paths it answers begin with one of these
    methods   what can be asked of it, each with the faults of its own: name to whether
              an argument is needed
    """

    name: str
    prefixes: Collection[str]
    methods: Mapping[str, Mapping[str, bool]]

    def read(self, request: Request) -> Order: ...

    def answer(self, order: Order, fault: Fault | None) -> Reply: ...

    def turn(self, refund: Refund, outcome: str, *, books: Books) -> Refund:
        """What the provider finds out later about a booked refund, as the control port
        asks for it: `refund` as it is then. Raises ValueError, naming what it knows.
        `books`: the same transaction, to post what the provider tells of it."""


@runtime_checkable
class SignsAnew(Protocol):
    """A route that signs a notification each time it is sent: what was signed when it
    first happened would be stale at the second try."""

    def sign(self, delivery: Delivery, *, now: datetime) -> Mapping[str, str]:
        """The headers that are sent along now."""


class Gateway:
    def __init__(
        self,
        routes: Iterable[Route],
        *,
        ledger: Ledger,
        clock: Clock,
        faults: FaultBoard,
    ) -> None:
        self._routes = list(routes)
        self._ledger = ledger
        self._clock = clock
        self._faults = faults

    def answer(self, request: Request) -> Reply:
        """The call is logged before it is answered: who waits for an answer that
        never comes can look it up."""
        route = self._route_of(request)
        if route is None:
            return Reply(status=404, body=b"No such gateway.")
        order = route.read(request)
        fault = None if order.refusal else self._faults.take(order.method)
        reply = _answer(route, order, fault)
        self._ledger.record_call(
            Call(
                at=self._clock.now(),
                method=order.method,
                key=order.key,
                fault=str(fault or ""),
                answered=reply.told,
            )
        )
        return reply

    def _route_of(self, request: Request) -> Route | None:
        return next(
            (
                route
                for route in self._routes
                if any(request.path.startswith(prefix) for prefix in route.prefixes)
            ),
            None,
        )


def _answer(route: Route, order: Order, fault: Fault | None) -> Reply:
    if fault is None:
        return route.answer(order, None)
    if fault.name in INSTEAD_OF_ANSWER:
        return instead_of_answer(fault)
    return damaged(route.answer(order, fault), fault)
