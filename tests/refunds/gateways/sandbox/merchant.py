"""A caller of the sandbox, with signing code of its own: the third reading of RSA2."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))
REFUND = "alipay.trade.refund"
QUERY = "alipay.trade.fastpay.refund.query"
TRADE = "2026112022001400001"
ORDER = "P-1"


@dataclass(frozen=True)
class Answer:
    """`inner` is the text that was signed, cut from the answer as it came."""

    name: str
    inner: str
    fields: Mapping[str, Any]
    signature: str | None
    is_genuine: bool

    @property
    def sub_code(self) -> str:
        return str(self.fields.get("sub_code", ""))


class Merchant:
    def __init__(self, url: str, state_dir: Path) -> None:
        self._url = f"{url}/gateway.do"
        pem = (state_dir / "merchant_private.pem").read_bytes()
        key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        public = load_pem_public_key((state_dir / "gateway_public.pem").read_bytes())
        assert isinstance(key, RSAPrivateKey)
        assert isinstance(public, RSAPublicKey)
        self._key = key
        self._gateway = public
        self._http = httpx.Client(trust_env=False, verify=False, timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def refund(self, amount: str, key: str = "RF1A1", **more: object) -> Answer:
        business = {"refund_amount": amount, "out_request_no": key}
        return self.call(REFUND, {"trade_no": TRADE, **business, **more})

    def query(self, key: str = "RF1A1", **more: object) -> Answer:
        business = {"trade_no": TRADE, "out_request_no": key}
        return self.call(QUERY, {**business, **more})

    def call(self, method: str, business: Mapping[str, object]) -> Answer:
        return self.read(self.post(self.parameters(method, business)))

    def parameters(
        self, method: str, business: Mapping[str, object], **changes: str
    ) -> dict[str, str]:
        """Signed; `changes` are made before signing."""
        parameters = {
            "app_id": "2021000000000001",
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": json.dumps(business, ensure_ascii=False),
            **changes,
        }
        pairs = sorted((n, v) for n, v in parameters.items() if v)
        text = "&".join("=".join(pair) for pair in pairs)
        raw = self._key.sign(text.encode(), PKCS1v15(), hashes.SHA256())
        return {**parameters, "sign": base64.b64encode(raw).decode()}

    def post(self, parameters: Mapping[str, str]) -> httpx.Response:
        """As the official SDK does: the business in the form, the rest in the URL."""
        common = {n: v for n, v in parameters.items() if n != "biz_content"}
        form = {n: v for n, v in parameters.items() if n == "biz_content"}
        return self._http.post(self._url, params=common, data=form)

    def post_form(self, parameters: Mapping[str, str]) -> httpx.Response:
        return self._http.post(self._url, data=dict(parameters))

    def get(self, parameters: Mapping[str, str]) -> httpx.Response:
        return self._http.get(self._url, params=parameters)

    def read(self, response: httpx.Response) -> Answer:
        assert response.status_code == 200
        name = response.text.partition(":")[0].strip('{"')
        start = len(name) + len('{"":')
        fields, end = json.JSONDecoder().raw_decode(response.text, start)
        signature = response.json().get("sign")
        inner = response.text[start:end]
        return Answer(name, inner, fields, signature, self._verify(inner, signature))

    def _verify(self, inner: str, signature: str | None) -> bool:
        try:
            raw = base64.b64decode(signature or "")
            self._gateway.verify(raw, inner.encode(), PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True
