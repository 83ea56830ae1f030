"""One call to Alipay: signed, posted once, its answer cut out and verified."""

import json
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from refunds.gateways.alipay import signing
from refunds.gateways.alipay.codes import by_code, rejected
from refunds.gateways.alipay.window import BEIJING, TIME_FORMAT
from refunds.gateways.base import Access, Outcome, Parameters, Reason, Result
from refunds.gateways.tls import trusted

Answer = dict[str, Any]


class Client:
    """Connections and keys of one merchant; safe between threads."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self.http = httpx.Client(
            timeout=access.timeout, follow_redirects=False, verify=trusted()
        )

    def call(
        self, method: str, content: Parameters, *, now: datetime
    ) -> tuple[Result, Answer | None]:
        """One POST; the answer's inner object where it came and its signature holds."""
        try:
            form = self.signed(method, content, now=now)
        except (ValueError, TypeError) as fault:
            return rejected(Reason.CONFIG, message=f"keys: {fault}"), None
        try:
            response = self.http.post(self._access.address, data=form)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as fault:
            return rejected(Reason.CONFIG, message=f"address: {fault}"), None
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            return rejected(Reason.NOT_SENT, message=str(fault)), None
        except httpx.HTTPError as fault:
            return Result(Outcome.UNKNOWN, message=repr(fault)), None
        base = Result(
            Outcome.UNKNOWN, http_status=response.status_code, answer=response.text
        )
        if response.status_code != httpx.codes.OK:
            return base, None
        return self._read(method, base)

    def signed(
        self, method: str, content: Parameters, *, now: datetime
    ) -> dict[str, str]:
        form = {
            "app_id": self._access.number,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": now.astimezone(BEIJING).strftime(TIME_FORMAT),
            "version": "1.0",
            "biz_content": json.dumps(content, ensure_ascii=False, sort_keys=True),
        }
        self.public_key.key_size  # noqa: B018  A missing key is found before sending.
        text = signing.signed_text(form)
        return {**form, "sign": signing.sign(text, self._private_key)}

    def _read(self, method: str, base: Result) -> tuple[Result, Answer | None]:
        cut = signing.cut_answer(base.answer, method)
        if cut is None:
            return replace(base, message="not an answer of Alipay's"), None
        text, signature = cut
        if not signing.verifies(text, signature, self.public_key):
            return replace(base, signature_ok=False, message="bad signature"), None
        answer: Answer = json.loads(text)
        return by_code(replace(base, signature_ok=True), answer), answer

    @cached_property
    def _private_key(self) -> RSAPrivateKey:
        return signing.private_key(self._access.secrets.get("private_key", ""))

    @cached_property
    def public_key(self) -> RSAPublicKey:
        """Alipay's; raises ValueError or TypeError where what was given is no key."""
        return signing.public_key(self._access.secrets.get("public_key", ""))
