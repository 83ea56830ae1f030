"""F23: our side fails or is down, the provider sends again, and it is heard once. Over
real HTTP, by the sandbox's own notifier."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from socketserver import ThreadingMixIn
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, connections

from refunds.models import LegState, Notification, PayoutLeg, RefundRequest
from refunds.payouts import hints
from tests.people import People, make_people
from tests.ports import free_port
from tests.refunds.payouts.notifications.telling import PATH
from tests.refunds.payouts.till import Till, leg_of


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: tests are quiet."""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = False

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Its connection to the database goes with its thread."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            connections.close_all()


@contextmanager
def web(port: int) -> Iterator[None]:
    with make_server("127.0.0.1", port, WSGIHandler(), Server, Quiet) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.fixture
def people(committed: None) -> People:
    return make_people()


@pytest.fixture
def frozen(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


def test_what_fails_halfway_or_finds_nobody_is_sent_again_and_heard_once(
    frozen: None,
    people: People,
    till: Till,
    released: RefundRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port, really, tries = free_port(), hints.ask_soon, []

    def fails_once(leg: PayoutLeg, *, at: datetime) -> None:
        tries.append(leg.key)
        if len(tries) == 1:
            raise OperationalError("the database went away")
        really(leg, at=at)

    monkeypatch.setattr(hints, "ask_soon", fails_once)
    till.sandbox.notify["alipay"] = f"http://127.0.0.1:{port}{PATH}"
    till.fails("timeout_after_commit:0.3")
    till.work()
    till.later(seconds=11)
    notifier, ledger = till.sandbox.notifier, till.sandbox.ledger
    notifier.deliver_due()
    (delivery,) = ledger.deliveries()
    assert (delivery.answered, delivery.tries) == ("URLError", 1)
    with web(port):
        till.later(minutes=4)
        notifier.deliver_due()
        assert ledger.deliveries()[0].answered == "500"
        assert not Notification.objects.exists()
        till.later(minutes=10)
        notifier.deliver_due()
        till.later(minutes=10)
        notifier.deliver_due()
    (delivery,) = ledger.deliveries()
    assert (delivery.answered, delivery.tries, delivery.due_at) == ("200", 3, None)
    assert Notification.objects.get().key == leg_of(released).key
    till.work()
    assert leg_of(released).state == LegState.SUCCEEDED
    assert len(till.moved()) == 1
