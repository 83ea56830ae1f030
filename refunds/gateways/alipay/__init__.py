"""Alipay, gateway v2: `alipay.trade.refund` and its query, signed with RSA2.

Source: opendocs.alipay.com (02ekfs, f60979b3, 357441a2, common/105806). What an answer
proves: `code` 10000 only that the call ran; a query with `refund_status`
REFUND_SUCCESS that the money went back; no status proves nothing.
"""

from refunds.gateways.alipay.adapter import Alipay

__all__ = ["Alipay"]
