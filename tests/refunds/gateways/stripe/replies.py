"""A server that answers as a test says, byte for byte, and keeps what it heard."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from refunds.gateways.base import Access
from refunds.gateways.stripe import Stripe

KEY = "RF2026000001L1A1"
PAYMENT = "pi_3QvectorXinghe"
SECRET_KEY = "sk_test_vector0000000000000000"


@dataclass(frozen=True)
class Heard:
    verb: str
    path: str
    headers: Mapping[str, str]
    body: str


@dataclass
class Server:
    url: str
    heard: list[Heard] = field(default_factory=list)


def stripe_at(url: str, **secrets: str) -> Stripe:
    known = {"secret_key": SECRET_KEY, "webhook_secret": "whsec_vector0123456789abcdef"}
    return Stripe(Access("acct_vector", url, {}, known | secrets, 1.0))


@contextmanager
def replying(
    *bodies: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Each call gets the next body; the last one again and again."""
    server = Server("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            said = self.rfile.read(length).decode()
            given = dict(self.headers.items())
            server.heard.append(Heard(self.command, self.path, given, said))
            body = bodies[min(len(server.heard), len(bodies)) - 1]
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        yield server
        http.shutdown()
        thread.join()
