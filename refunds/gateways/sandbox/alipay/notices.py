"""What Alipay tells the payment's notify_url when a refund was made: a signed form."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from refunds.gateways.sandbox.alipay import rsa2
from refunds.gateways.sandbox.alipay.rules import BEIJING, TIME_FORMAT, yuan
from refunds.gateways.sandbox.rows import Refund, Trade

CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"


def of_refund(
    trade: Trade, refund: Refund, refunded: str, *, now: datetime
) -> dict[str, str]:
    """`refunded`: yuan given back on the trade so far, this refund with them."""
    told_at = now.astimezone(BEIJING).strftime(TIME_FORMAT)
    return {
        "notify_time": told_at,
        "notify_type": "trade_status_sync",
        "notify_id": uuid4().hex,
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "out_biz_no": refund.key,
        "buyer_logon_id": str(trade.traits.get("buyer_logon_id", "138****0000")),
        "subject": "服务费 “退款” {a=b&c}",
        "trade_status": (
            "TRADE_CLOSED" if refunded == yuan(trade.total_minor) else "TRADE_SUCCESS"
        ),
        "total_amount": yuan(trade.total_minor),
        "refund_fee": refunded,
        "send_back_fee": yuan(refund.amount_minor),
        "gmt_payment": trade.paid_at.astimezone(BEIJING).strftime(TIME_FORMAT),
        "gmt_refund": f"{told_at}.000",
    }


def signed(notice: Mapping[str, str], key: RSAPrivateKey) -> bytes:
    """The form's bytes. Its signature covers all but itself and `sign_type`, empty or
    not."""
    text = "&".join(f"{name}={notice[name]}" for name in sorted(notice))
    form = {**notice, "sign_type": "RSA2", "sign": rsa2.sign(text, key)}
    return urlencode(form).encode()
