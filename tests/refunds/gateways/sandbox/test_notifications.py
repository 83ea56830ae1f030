"""What the sandbox's Alipay tells us, when, how often; and how tests make it worse."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.sandbox.merchant import NOW, TRADE, Merchant


@contextmanager
def listening(*answers: tuple[int, bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Answers one after the other, the last one again and again."""
    heard: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = answers[min(len(heard), len(answers)) - 1]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", heard
        server.shutdown()
        thread.join()


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.control_url, trust_env=False) as client:
        yield client


def told(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode()))


def test_nobody_is_told_unless_there_is_an_address(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    merchant.refund("19.99")
    assert sandbox.ledger.deliveries() == []


def test_a_refund_is_told_once_when_a_query_knows_it(
    merchant: Merchant, sandbox: Sandbox
) -> None:
    with listening((200, b"success")) as (url, heard):
        sandbox.notify["alipay"] = url
        merchant.refund("10.00", "RF1A1")
        sandbox.clock.advance(9)
        assert sandbox.notifier.deliver_due() == 0
        sandbox.clock.advance(1)
        merchant.refund("10.00", "RF1A1")
        merchant.refund("19.99", "RF2A1")
        assert sandbox.notifier.deliver_due() == 1
        sandbox.clock.advance(3600)
        assert sandbox.notifier.deliver_due() == 1
    first, second = map(told, heard)
    assert (first["out_biz_no"], first["trade_no"]) == ("RF1A1", TRADE)
    assert first["notify_time"] == "2026-11-20 20:00:00"
    assert (second["refund_fee"], second["send_back_fee"]) == ("29.99", "19.99")
    assert first["notify_id"] != second["notify_id"]


@pytest.mark.parametrize("answer", [(500, b""), (200, b"ok"), (404, b"success")])
def test_it_is_told_again_for_a_day_until_it_is_taken(
    answer: tuple[int, bytes], merchant: Merchant, sandbox: Sandbox
) -> None:
    with listening(answer) as (url, heard):
        sandbox.notify["alipay"] = url
        merchant.refund("19.99")
        for _try in range(20):
            sandbox.clock.advance(2 * 3600)
            sandbox.notifier.deliver_due()
    assert len(heard) == 8
    assert len(set(heard)) == 1
    assert sandbox.ledger.deliveries()[0].due_at is None


def test_deliveries_are_held_reordered_and_dropped(
    merchant: Merchant, sandbox: Sandbox, control: httpx.Client
) -> None:
    with listening((200, b"success")) as (url, heard):
        sandbox.notify["alipay"] = url
        for nth in (1, 2, 3):
            merchant.refund("1.00", f"RF{nth}A1")
            sandbox.clock.advance(3)
        first, second, third = (d.id for d in sandbox.ledger.deliveries())
        late = (NOW + timedelta(minutes=1)).isoformat()
        assert control.patch("/deliveries", json={"id": first, "due": late}).is_success
        control.patch("/deliveries", json={"id": second, "due": None})
        sandbox.clock.advance(60)
        assert control.post("/deliveries").json() == {"tried": 2}
        assert [told(body)["out_biz_no"] for body in heard] == ["RF3A1", "RF1A1"]
        now = sandbox.clock.now().isoformat()
        control.patch("/deliveries", json={"id": second, "due": now})
        assert control.post("/deliveries").json() == {"tried": 1}
    shown = control.get("/deliveries").json()["deliveries"]
    assert [each["id"] for each in shown] == [first, second, third]
    assert {each["answered"] for each in shown} == {"200"}


def test_the_control_port_says_where_to_and_a_thread_delivers(
    merchant: Merchant, sandbox: Sandbox, control: httpx.Client
) -> None:
    with listening((200, b"success")) as (url, heard):
        wanted: dict[str, Any] = {"route": "alipay", "url": url}
        assert control.put("/notify", json=wanted).json() == {"notify": {"alipay": url}}
        assert control.put("/notify", json=wanted).is_success
        merchant.refund("19.99")
        sandbox.clock.advance(10)
        for _look in range(200):
            if heard:
                break
            sandbox.notifier._stopping.wait(0.02)
        assert told(heard[0])["out_biz_no"] == "RF1A1"
        control.put("/notify", json={"route": "alipay", "url": ""})
    assert sandbox.notify == {}


@pytest.mark.parametrize(
    ("path", "verb", "content", "words"),
    [
        ("/notify", "PUT", {"route": "alipay", "url": "http://web.example"}, "url"),
        ("/notify", "PUT", {"route": "alipay", "url": "file:///etc"}, "url"),
        ("/notify", "PUT", {"route": "alipay", "url": "http://[::"}, "url"),
        ("/notify", "PUT", {"route": "cheque", "url": ""}, "route"),
        ("/deliveries", "PATCH", {"id": 1}, "due"),
        ("/deliveries", "PATCH", {"id": 9, "due": None}, "no delivery 9"),
        ("/deliveries", "PATCH", {"id": 1, "due": "2026-11-20 12:00"}, "time zone"),
        ("/deliveries", "PATCH", {"id": 1, "due": "soon"}, "isoformat"),
        ("/deliveries", "PATCH", {"id": 1, "due": ""}, "due"),
        ("/deliveries", "PATCH", {"due": None}, "id"),
    ],
)
def test_what_makes_no_sense_is_refused(
    path: str, verb: str, content: dict[str, object], words: str, control: httpx.Client
) -> None:
    answer = control.request(verb, path, json=content)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
