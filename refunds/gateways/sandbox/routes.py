"""Which routes the sandbox speaks. Adding one adds its package and a line here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from refunds.gateways.sandbox.alipay.route import APP_ID, Alipay
from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.gateway import Route
from refunds.gateways.sandbox.keys import ensure_keys
from refunds.gateways.sandbox.ledger import Ledger


def all_routes(
    state_dir: Path, *, ledger: Ledger, clock: Clock, notify: Mapping[str, str]
) -> list[Route]:
    """`notify` names each route's address for notifications; it may change any time."""
    return [
        Alipay(keys=ensure_keys(state_dir), ledger=ledger, clock=clock),
    ]


@dataclass(frozen=True, kw_only=True)
class SandboxMerchant:
    """What our side has to be told of its merchant at a route of the sandbox."""

    route: str
    number: str
    address: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


def all_merchants(state_dir: Path, *, url: str) -> list[SandboxMerchant]:
    """`url` is where the sandbox listens; keys are made where they are missing."""
    ensure_keys(state_dir)
    return [
        SandboxMerchant(
            route="alipay",
            number=APP_ID,
            address=f"{url}/gateway.do",
            secrets={
                "private_key": (state_dir / "merchant_private.pem").read_text(),
                "public_key": (state_dir / "gateway_public.pem").read_text(),
            },
        ),
    ]
