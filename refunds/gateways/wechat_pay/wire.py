"""One exchange with WeChat Pay: signed, sent once, its answer verified."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx

from refunds.gateways.base import (
    Access,
    NotificationRefused,
    Outcome,
    Parameters,
    Reason,
    Result,
)
from refunds.gateways.tls import trusted
from refunds.gateways.wechat_pay.keys import Keys, keys_of
from refunds.gateways.wechat_pay.signing import (
    authorization,
    check_signature,
    is_signed,
    request_text,
)

AGENT = "makegood/1 (httpx)"
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Answer:
    """`result` is UNKNOWN unless the call was never made. `fields`: the JSON object of
    an answer that may be believed; None where there is none."""

    result: Result
    fields: Mapping[str, Any] | None = None
    content: bytes = field(default=b"", repr=False)

    @property
    def is_ok(self) -> bool:
        return self.fields is not None and self.result.http_status == httpx.codes.OK


class Wire:
    def __init__(self, access: Access) -> None:
        self._access = access
        self._client = httpx.Client(
            timeout=access.timeout, follow_redirects=False, verify=trusted()
        )

    @cached_property
    def keys(self) -> Keys:
        """Raises ValueError or TypeError."""
        return keys_of(self._access)

    def ask(
        self, path: str, content: Parameters | None = None, *, now: datetime
    ) -> Answer:
        """GET, or POST where there is `content`."""
        response = self._send(self._base + path, content, now=now)
        if isinstance(response, Result):
            return Answer(response)
        return self._verified(response, now=now)

    def download(self, url: str, *, now: datetime) -> Answer:
        """Answers to downloads bear no signature; their hash is signed elsewhere."""
        response = self._send(url, None, now=now)
        if isinstance(response, Result):
            return Answer(response)
        return Answer(_result(response), content=response.content)

    def is_ours(self, url: str) -> bool:
        """Whether a signed request may go there."""
        asked, own = urlsplit(url), urlsplit(self._base)
        family = f".{(asked.hostname or '')}".endswith(".mch.weixin.qq.com")
        return asked.scheme == own.scheme and (family or asked.netloc == own.netloc)

    @property
    def _base(self) -> str:
        return self._access.address.rstrip("/")

    def _send(
        self, url: str, content: Parameters | None, *, now: datetime
    ) -> httpx.Response | Result:
        try:
            request = self._signed(url, content, now=now)
        except (ValueError, TypeError, httpx.InvalidURL) as fault:
            return _rejected(Reason.CONFIG, f"settings: {fault}")
        try:
            return self._client.send(request)
        except NEVER_SENT as fault:
            return _rejected(Reason.NOT_SENT, str(fault))
        except httpx.UnsupportedProtocol as fault:
            return _rejected(Reason.CONFIG, str(fault))
        except httpx.HTTPError as fault:
            return Result(Outcome.UNKNOWN, message=repr(fault))

    def _signed(
        self, url: str, content: Parameters | None, *, now: datetime
    ) -> httpx.Request:
        """Names the key that answers are to be signed with and fields encrypted for."""
        body = b"" if content is None else json.dumps(content).encode()
        timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
        verb, place = "GET" if content is None else "POST", urlsplit(url)
        target = place.path + (f"?{place.query}" if place.query else "")
        text = request_text(verb, target, timestamp=timestamp, nonce=nonce, body=body)
        serial = self._access.settings.get("serial_no", "").strip()
        if not serial:
            raise ValueError("serial_no: missing")
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": AGENT,
            "Wechatpay-Serial": self.keys.serial,
            "Authorization": authorization(
                self.keys,
                text,
                number=self._access.number,
                serial=serial,
                timestamp=timestamp,
                nonce=nonce,
            ),
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        return self._client.build_request(verb, url, headers=headers, content=body)

    def _verified(self, response: httpx.Response, *, now: datetime) -> Answer:
        """A 2xx has to be signed; an error may be, and then rightly."""
        base = _result(response)
        if response.is_success or is_signed(response.headers):
            try:
                check_signature(self.keys, response.headers, response.content, now=now)
            except NotificationRefused as refused:
                words = f"the answer's signature: {refused.code}"
                return Answer(replace(base, signature_ok=False, message=words))
            base = replace(base, signature_ok=True)
        if (fields := _object(response.content)) is None and response.is_success:
            return Answer(replace(base, message="not an answer of WeChat Pay's"))
        return Answer(base, fields or {}, response.content)


def _result(response: httpx.Response) -> Result:
    return Result(
        Outcome.UNKNOWN,
        http_status=response.status_code,
        answer=response.content.decode(errors="replace"),
    )


def _rejected(reason: Reason, message: str) -> Result:
    return Result(Outcome.REJECTED, reason=reason, message=message)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
