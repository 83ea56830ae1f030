"""WeChat Pay v3: domestic refunds, their query, the abnormal refund, notifications and
the bill of refunds.

Source: pay.weixin.qq.com/doc/v3/merchant, pages 4013071031 (refund), 4013071036 to
4013071041 (query), 4013071193 (abnormal refund), 4013071196 (notification). What an
answer proves: 200 only that the refund was accepted; a query whose `status` is SUCCESS
that the money went back, CLOSED that it did not and won't.
"""

from refunds.gateways.wechat_pay.adapter import WeChatPay

__all__ = ["WeChatPay"]
