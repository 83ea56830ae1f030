"""Which adapter serves which route. Adding a route adds its module and a line here."""

from functools import cache

from django.conf import settings

from accounts.models import Route
from refunds.gateways.alipay import Alipay
from refunds.gateways.base import Gateway


@cache
def gateway_for(route: str) -> Gateway | None:
    """None: this route can't be served by us yet; its payouts need a person."""
    if route == Route.ALIPAY:
        return Alipay(
            url=settings.ALIPAY_GATEWAY_URL,
            app_id=settings.ALIPAY_APP_ID,
            private_key_file=settings.ALIPAY_PRIVATE_KEY_FILE,
            public_key_file=settings.ALIPAY_PUBLIC_KEY_FILE,
            timeout=settings.GATEWAY_TIMEOUT_SECONDS,
        )
    return None
