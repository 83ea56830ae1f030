"""A gateway that answers as a test says, byte for byte, and signs with any key."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

QUERY_RESPONSE = "alipay_trade_fastpay_refund_query_response"
REFUND_RESPONSE = "alipay_trade_refund_response"


@contextmanager
def answering(body: bytes, *, status: int = 200) -> Iterator[str]:
    """The address; every call there is answered with `status` and `body`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", "text/html;charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/gateway.do"
        server.shutdown()
        thread.join()


def envelope(name: str, inner: str, key: RSAPrivateKey) -> bytes:
    """As Alipay wraps it; `inner` is signed exactly as it is written."""
    signature = base64.b64encode(key.sign(inner.encode(), PKCS1v15(), SHA256()))
    return f'{{"{name}":{inner},"sign":"{signature.decode()}"}}'.encode()


def found(**fields: str) -> str:
    """The inner object of a query that knows the refund."""
    return json.dumps(
        {
            "code": "10000",
            "msg": "Success",
            "trade_no": "2026112022001400001",
            "out_request_no": "RF1L1A1",
            "refund_amount": "19.99",
            "refund_status": "REFUND_SUCCESS",
            **fields,
        }
    )
