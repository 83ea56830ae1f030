"""A caller of the sandbox's Stripe that shares no code with the adapter or the SDK."""

from collections.abc import Mapping
from typing import Any

import httpx

from refunds.gateways.sandbox.server import Sandbox
from refunds.gateways.sandbox.stripe.credentials import ensure_credentials

INTENT = "pi_1"


class Caller:
    def __init__(self, sandbox: Sandbox) -> None:
        self._http = httpx.Client(base_url=sandbox.url, trust_env=False, timeout=5)
        self.key = ensure_credentials(sandbox.state_dir).secret_key

    def refund(
        self, amount: object = 19_99, *, key: str = "K1", **more: object
    ) -> httpx.Response:
        form = {"payment_intent": INTENT, "amount": amount, "metadata[key]": key}
        return self.post("/v1/refunds", form | more, key=key)

    def post(
        self, path: str, form: Mapping[str, object], *, key: str = ""
    ) -> httpx.Response:
        given = {name: str(value) for name, value in form.items() if value is not None}
        headers = {"Idempotency-Key": key} if key else {}
        return self._http.post(path, data=given, headers=headers | self._bearer())

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self._http.get(path, params=params, headers=self._bearer())

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    """HTTP status, code or else type, and the parameter."""
    error = response.json()["error"]
    return (
        response.status_code,
        error.get("code", error["type"]),
        error.get("param", ""),
    )
