"""The sandbox as a running thing: two HTTP servers on 127.0.0.1 and what they share."""

import logging
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.control import Control
from refunds.gateways.sandbox.faults import FaultBoard
from refunds.gateways.sandbox.gateway import Gateway
from refunds.gateways.sandbox.keys import ensure_keys
from refunds.gateways.sandbox.ledger import LEDGER_FILE, Ledger
from refunds.gateways.sandbox.notifier import Notifier
from refunds.gateways.sandbox.routes import all_routes
from refunds.gateways.sandbox.wire import Ending, Reply, Request

HOST = "127.0.0.1"
LONGEST_BODY = 1_000_000
logger = logging.getLogger(__name__)


class PortTaken(Exception):
    """Most often another process, or an earlier sandbox, listens there."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(f"Can't listen on {HOST}:{port}: {reason}.")


class Handler(BaseHTTPRequestHandler):
    server: "LoopbackServer"
    timeout = 30

    def do_GET(self) -> None:
        with suppress(ConnectionError, TimeoutError):
            self._send(self.server.answer(self._read()))

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        logger.info(format, *args)

    def _read(self) -> Request:
        url = urlsplit(self.path)
        length = self.headers.get("Content-Length", "")
        return Request(
            verb=self.command,
            path=url.path,
            query=url.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(
                min(int(length), LONGEST_BODY) if length.isdecimal() else 0
            ),
        )

    def _send(self, reply: Reply) -> None:
        self.server.stopping.wait(reply.hold_seconds)
        if reply.ending is Ending.SILENT:
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.ending is Ending.RESET:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self._reset()
        else:
            self.wfile.write(reply.body)

    def _reset(self) -> None:
        """Closing with a linger of 0 seconds sends RST in place of FIN."""
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        os.close(self.connection.detach())


class LoopbackServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self.stopping = Event()
        try:
            super().__init__((HOST, port), Handler)
        except OSError as error:
            raise PortTaken(port, error.strerror or str(error)) from error
        self._thread = Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    def server_bind(self) -> None:
        """Without the base class's look-up of the host's name, which may hang."""
        TCPServer.server_bind(self)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class Sandbox:
    """Serves from `with` on; port 0 takes a free one. Not reusable once left."""

    def __init__(self, state_dir: Path, port: int = 0, control_port: int = 0) -> None:
        self.state_dir = state_dir
        ensure_keys(state_dir)
        self.ledger = Ledger(state_dir / LEDGER_FILE)
        self.clock = Clock(self.ledger)
        # Where each route sends its notifications, by its name; nowhere unless set.
        self.notify: dict[str, str] = {}
        self.routes = all_routes(
            state_dir, ledger=self.ledger, clock=self.clock, notify=self.notify
        )
        self.faults = FaultBoard(
            {name: own for route in self.routes for name, own in route.methods.items()}
        )
        self.notifier = Notifier(self.ledger, self.clock, self.routes)
        self._ports = (port, control_port)
        self._servers: list[LoopbackServer] = []

    @property
    def url(self) -> str:
        return self._servers[0].url

    @property
    def control_url(self) -> str:
        return self._servers[1].url

    def __enter__(self) -> Self:
        shared: dict[str, Any] = {
            "ledger": self.ledger,
            "clock": self.clock,
            "faults": self.faults,
        }
        gateway = Gateway(self.routes, **shared)
        control = Control(
            self.routes, **shared, notifier=self.notifier, notify=self.notify
        )
        try:
            for port, answer in zip(
                self._ports, (gateway.answer, control.answer), strict=True
            ):
                self._servers.append(LoopbackServer(port, answer))
        except PortTaken:
            for server in self._servers:
                server.server_close()
            raise
        for server in self._servers:
            server.start()
        if self.notify:
            self.notifier.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.notifier.stop()
        for server in self._servers:
            server.stop()
