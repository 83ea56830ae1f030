"""The route Alipay: gateway v2, `alipay.trade.refund` and the query of a refund.

Rules and codes: opendocs.alipay.com, pages `open/f60979b3` (refund), `open/357441a2`
(query) and `open/common/105806` (codes of the gateway).
"""
