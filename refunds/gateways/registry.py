"""Which adapter serves which route. Adding a route adds its module and a line here."""

import os
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings

from accounts.models import Route
from refunds.gateways.alipay import Alipay
from refunds.gateways.bank import Bank
from refunds.gateways.base import Access, Gateway
from refunds.gateways.stripe import Stripe
from refunds.gateways.wechat_pay import WeChatPay
from refunds.models import Merchant

ADAPTERS: dict[str, Callable[[Access], Gateway]] = {
    Route.ALIPAY: Alipay,
    Route.WECHAT_PAY: WeChatPay,
    Route.STRIPE: Stripe,
    Route.BANK_TRANSFER: Bank,
}


def merchant_for(route: str, number: str) -> Merchant | None:
    """The one that a payment names, or the route's usual one; None if there is none
    in use."""
    merchants = Merchant.objects.filter(route=route, enabled=True)
    if number:
        return merchants.filter(number=number).first()
    return merchants.filter(usual=True).first()


def gateway_of(merchant: Merchant | None) -> Gateway | None:
    """One adapter per merchant as it stands, with its connections; None: no merchant,
    or one that must not be used here (the sandbox's and real ones never together)."""
    if merchant is None or not merchant.enabled or not is_of_this_world(merchant):
        return None
    return _made(
        merchant.route,
        merchant.number,
        merchant.address,
        _pairs(merchant.settings),
        _pairs({name: secret_value(text) for name, text in merchant.secrets.items()}),
        settings.GATEWAY_TIMEOUT_SECONDS,
    )


@lru_cache(maxsize=32)
def _made(
    route: str,
    number: str,
    address: str,
    given: tuple[tuple[str, str], ...],
    secrets: tuple[tuple[str, str], ...],
    timeout: float,
) -> Gateway:
    """By what it is made of: a merchant that changes gets an adapter of its own."""
    access = Access(number, address, dict(given), dict(secrets), timeout)
    return ADAPTERS[route](access)


def _pairs(values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(values.items()))


def is_of_this_world(merchant: Merchant) -> bool:
    """Sandbox and real money exclude each other; a bank's file has no address."""
    return not merchant.address or merchant.is_sandbox == settings.PAYS_INTO_SANDBOX


def secret_value(text: str) -> str:
    """`env:NAME` stands in the environment; all else is the secret itself."""
    if text.startswith("env:"):
        return os.environ.get(text.removeprefix("env:"), "")
    return text
