"""The official SDK, held to one call, explicit time-outs, no redirect and no retry."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import stripe

from refunds.gateways.base import Access
from refunds.gateways.tls import trusted

# Or the SDK writes an id of this machine to the home folder and sends it along.
stripe.enable_telemetry = False

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What the SDK itself stumbles over in an answer that is none: bytes that are no text,
# an error that is no object.
STUMBLES = (ValueError, TypeError, AttributeError, KeyError, RecursionError)
LIVE = ("sk_live_", "rk_live_")
TEST = ("sk_test_", "rk_test_")


class NotSent(stripe.APIConnectionError):
    """No connection came about, so nothing can have been read at the other end."""

    def __init__(self, words: str) -> None:
        super().__init__(words)  # type: ignore[no-untyped-call]


class Unusable(Exception):
    """The merchant's settings can't be used; nothing was sent."""


class Transport(stripe.HTTPClient):
    """The SDK's own clients follow redirects, or tell a refused connection and a broken
    one by the same error; this one does neither."""

    name = "httpx"

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._client = httpx.Client(
            timeout=timeout, follow_redirects=False, verify=trusted()
        )

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        **_usage: Any,
    ) -> tuple[Any, int, Mapping[str, str]]:
        try:
            response = self._client.request(
                method, url, headers=headers, content=post_data
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            raise NotSent(str(fault)) from fault
        except httpx.LocalProtocolError:
            # Its words quote the header, and with it the key.
            raise Unusable("secret_key: it can't stand in a header") from None
        except httpx.HTTPError as fault:
            broken: Any = stripe.APIConnectionError
            raise broken(repr(fault)) from fault
        return response.content, response.status_code, response.headers

    def close(self) -> None:
        self._client.close()


def client_for(access: Access, transport: Transport) -> stripe.StripeClient:
    """Raises Unusable: a key that is none, or a live one that would go to a sandbox."""
    key = access.secrets.get("secret_key", "")
    if not (key.startswith((*LIVE, *TEST)) and key.isascii() and key.isprintable()):
        raise Unusable("secret_key: expected sk_live_…, sk_test_…, rk_live_… or rk_…")
    if not access.address:
        raise Unusable("address: expected the address of the API")
    if key.startswith(LIVE) and urlsplit(access.address).hostname in LOOPBACK:
        raise Unusable("secret_key: a live key never goes to a sandbox")
    return stripe.StripeClient(
        key,
        base_addresses={"api": access.address.rstrip("/")},
        http_client=transport,
        max_network_retries=0,
    )
