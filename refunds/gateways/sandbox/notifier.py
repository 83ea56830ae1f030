"""Delivers the routes' notifications, again and again as each vendor does, until we say
that we took them. By the sandbox's clock."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.gateway import Route, SignsAnew
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.rows import Delivery

TIMEOUT_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.2
M, H = 60, 3600
# Seconds until the next try, by vendor; after the last it is given up.
AGAIN = {
    "alipay": (4 * M, 10 * M, 10 * M, H, 2 * H, 6 * H, 15 * H),
    "wechat_pay": (
        *(15, 15, 30, 3 * M, 10 * M, 20 * M, 30 * M, 30 * M, 30 * M),
        *(60 * M, 3 * H, 3 * H, 3 * H, 6 * H, 6 * H),
    ),
    "stripe": (5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 12 * H, 12 * H, 12 * H),
}
# Past any proxy of the environment: it all stays on this machine.
DIRECT = build_opener(ProxyHandler({}))
logger = logging.getLogger(__name__)


class Notifier:
    """`deliver_due` by hand, or by its own thread between `start` and `stop`."""

    def __init__(
        self, ledger: Ledger, clock: Clock, routes: Iterable[Route] = ()
    ) -> None:
        self._signers = {r.name: r for r in routes if isinstance(r, SignsAnew)}
        self._ledger = ledger
        self._clock = clock
        self._stopping = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Again while it runs changes nothing."""
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def deliver_due(self) -> int:
        now = self._clock.now()
        due = [
            (delivery.due_at, delivery.id, delivery)
            for delivery in self._ledger.deliveries()
            if delivery.due_at and delivery.due_at <= now
        ]
        for _due_at, _id, delivery in sorted(due):
            self._deliver(delivery)
        return len(due)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            try:
                self.deliver_due()
            except Exception:
                logger.exception("notifications")

    def _deliver(self, delivery: Delivery) -> None:
        answered = send(self._signed(delivery))
        taken = answered in ("200", "201", "202", "204")
        waits = AGAIN[delivery.route]
        again = None
        if not taken and delivery.tries < len(waits):
            again = self._clock.now() + timedelta(seconds=waits[delivery.tries])
        with self._ledger.transaction() as books:
            books.delivered(delivery, answered=answered, due_at=again)

    def _signed(self, delivery: Delivery) -> Delivery:
        signer = self._signers.get(delivery.route)
        if signer is None:
            return delivery
        return replace(delivery, headers=signer.sign(delivery, now=self._clock.now()))


def send(delivery: Delivery) -> str:
    """One POST; the HTTP status, or what went wrong. Alipay wants its word, too."""
    request = Request(
        delivery.url, data=delivery.body, headers=dict(delivery.headers), method="POST"
    )
    try:
        with DIRECT.open(request, timeout=TIMEOUT_SECONDS) as response:
            heard = response.read(100) == b"success" or delivery.route != "alipay"
            return str(response.status) if heard else "no success"
    except HTTPError as error:
        return str(error.code)
    except (URLError, OSError) as error:
        return type(error).__name__
