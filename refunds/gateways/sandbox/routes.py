"""Which routes the sandbox speaks. Adding one adds its package and a line here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from refunds.gateways.sandbox.alipay.route import APP_ID, Alipay
from refunds.gateways.sandbox.bank import route as bank
from refunds.gateways.sandbox.bank import rules as bank_rules
from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.gateway import Route
from refunds.gateways.sandbox.keys import ensure_keys, strangers_key
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.stripe.credentials import ensure_credentials
from refunds.gateways.sandbox.stripe.route import Stripe
from refunds.gateways.sandbox.wechat_pay.keys import (
    MCHID,
    merchant_secrets,
    merchant_settings,
)
from refunds.gateways.sandbox.wechat_pay.route import WeChatPay


def all_routes(
    state_dir: Path, *, ledger: Ledger, clock: Clock, notify: Mapping[str, str]
) -> list[Route]:
    """`notify` names each route's address for notifications; it may change any time."""
    strangers_key()
    return [
        Alipay(keys=ensure_keys(state_dir), ledger=ledger, clock=clock, notify=notify),
        Stripe(state_dir, ledger=ledger, clock=clock, notify=notify),
        bank.Bank(ledger=ledger, clock=clock),
        WeChatPay(state_dir=state_dir, ledger=ledger, clock=clock, notify=notify),
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
    stripe = ensure_credentials(state_dir)
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
        SandboxMerchant(
            route=bank_rules.ROUTE,
            number="sandbox-bank",
            address=f"{url}{bank.PREFIX}",
            settings={
                "holder": bank.HOLDER,
                "account": bank_rules.ACCOUNT,
                "bank_code": bank.BRANCH,
                "profile": "pain.001",
                "encoding": "gb18030",
            },
        ),
        SandboxMerchant(
            route="stripe",
            number=stripe.account,
            address=url,
            secrets={
                "secret_key": stripe.secret_key,
                "webhook_secret": stripe.webhook_secrets[0],
            },
        ),
        SandboxMerchant(
            route="wechat_pay",
            number=MCHID,
            address=url,
            settings=merchant_settings(),
            secrets=merchant_secrets(state_dir),
        ),
    ]
