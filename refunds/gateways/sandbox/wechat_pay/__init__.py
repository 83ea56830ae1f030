"""The route WeChat Pay: v3, domestic refunds with their notifications and bill.

Rules and codes: pay.weixin.qq.com/doc/v3/merchant, pages 4013071031 (refund),
4013071036 (query), 4013071193 (abnormal refund), 4013071196 (notification).
"""
