"""What Alipay tells us: as its sandbox signed it, or as somebody else would like to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import time_machine
from django.test import Client

from refunds.gateways.sandbox.alipay import notices
from refunds.gateways.sandbox.keys import ensure_keys
from tests.refunds.payouts.till import Till

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

PATH = "/notify/alipay/2021000000000001/"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass
class Alipay:
    """`tells` by post, at the till's time, to the endpoint that everybody can reach."""

    till: Till
    client: Client

    def tells(
        self, body: bytes, *, path: str = PATH, at: datetime | None = None
    ) -> "Response":
        with time_machine.travel(at or self.till.at, tick=False):
            return self.client.post(path, data=body, content_type=FORM)

    def bodies(self) -> list[bytes]:
        """What the sandbox posted, oldest first."""
        return [delivery.body for delivery in self.till.sandbox.ledger.deliveries()]

    def changed(self, body: bytes, **changes: str) -> bytes:
        """Other words, signed anew by Alipay."""
        ours = ensure_keys(self.till.sandbox.state_dir).gateway_private
        return notices.signed({**fields(body), **changes}, ours)


def fields(body: bytes) -> dict[str, str]:
    """All but the signature."""
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    return {n: value for n, value in form.items() if n not in ("sign", "sign_type")}


def tampered(body: bytes, **changes: str) -> bytes:
    """Other words under the old signature."""
    form: Mapping[str, str] = dict(parse_qsl(body.decode(), keep_blank_values=True))
    return urlencode({**form, **changes}).encode()
