"""A WeChat Pay that answers as a test says, signed with the key of the vectors."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from refunds.gateways.base import Access

VECTORS = Path(__file__).parents[1] / "vectors" / "wechat_pay"
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SERIAL = "PUB_KEY_ID_VECTOR"
KEY, TRADE = "RF2026000001L1A1", "4200000991202111166853086457"
FOUND: dict[str, Any] = {
    "refund_id": "50300806032026112000291900001",
    "out_refund_no": KEY,
    "transaction_id": TRADE,
    "channel": "ORIGINAL",
    "status": "SUCCESS",
    "amount": {"refund": 19_99, "total": 12_000_00, "currency": "CNY"},
}


@dataclass
class Said:
    """What it answers next, and the paths that were asked for."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    later: list[tuple[int, bytes, Mapping[str, str]]] = field(default_factory=list)

    def says(
        self, status: int, fields: object, *, signed: bool = True, at: datetime = AT
    ) -> None:
        self.status, self.body = status, json.dumps(fields).encode()
        self.headers = signature_over(self.body, at=at) if signed else {}


@contextmanager
def platform() -> Iterator[tuple[str, Said]]:
    said = Said()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            said.asked.append(f"{self.command} {self.path}")
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)
            if said.later:
                said.status, said.body, said.headers = said.later.pop(0)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", said
        server.shutdown()
        thread.join()


def signature_over(body: bytes, *, at: datetime = AT) -> dict[str, str]:
    timestamp, nonce = str(int(at.timestamp())), "N" * 32
    text = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    signature = _platform_key().sign(text, PKCS1v15(), SHA256())
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": SERIAL,
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
    }


def access_to(address: str, **secrets: str) -> Access:
    return Access(
        number="1900000001",
        address=address,
        settings={"serial_no": "5157F09E", "platform_serial": SERIAL},
        secrets={
            "private_key": (VECTORS / "merchant_private.pem").read_text(),
            "platform_key": (VECTORS / "platform_public.pem").read_text(),
            "api_v3_key": (VECTORS / "api_v3_key.txt").read_text(),
            **secrets,
        },
        timeout=1,
    )


@cache
def _platform_key() -> RSAPrivateKey:
    pem = (VECTORS / "platform_private.pem").read_bytes()
    key = load_pem_private_key(pem, None)
    assert isinstance(key, RSAPrivateKey)
    return key
