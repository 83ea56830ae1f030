"""Alipay's codes: what a `sub_code` belongs to and how it is worded."""

from collections.abc import Mapping

Fields = Mapping[str, object]

MESSAGES = {
    "20000": "Service Currently Unavailable",
    "20001": "Insufficient Token Permissions",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
    "40005": "Call Limited",
    "40006": "Insufficient Permissions",
}
CODE_BY_PREFIX = {
    "isp.": "20000",
    "aop.unknow": "20000",
    "aop.": "20001",
    "isv.missing-": "40001",
    "isv.insufficient-": "40006",
    "isv.app-call-limited": "40005",
    "isv.method-call-limited": "40005",
    "isv.": "40002",
}
SUB_MESSAGES = {
    "isp.unknow-error": "服务暂不可用（业务系统不可用）",
    "isv.invalid-signature": "验签出错，建议检查签名字符串或私钥与应用公钥是否匹配",
    "isv.invalid-timestamp": "非法的时间戳参数",
    "isv.invalid-app-id": "无效的appId参数",
    "isv.method-call-limited": "API调用次数超限，包含调用频率超限",
    "ACQ.SYSTEM_ERROR": "系统错误",
    "ACQ.INVALID_PARAMETER": "参数无效",
    "ACQ.TRADE_NOT_EXIST": "交易不存在",
    "ACQ.TRADE_HAS_FINISHED": "交易已完结",
    "ACQ.TRADE_HAS_CLOSE": "交易已经关闭",
    "ACQ.DISCORDANT_REPEAT_REQUEST": "不一致的请求",
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": "退款金额超限",
    "ACQ.REASON_TRADE_REFUND_FEE_ERR": "退款金额无效",
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": "卖家余额不足",
}
OTHER_SUB_MESSAGE = "请求未被受理"


class Refused(Exception):
    """Nothing is booked; `sub_code` says why."""

    def __init__(self, sub_code: str) -> None:
        super().__init__(sub_code)
        self.sub_code = sub_code


def refusal(sub_code: str) -> Fields:
    """The fields of an answer that refuses."""
    code = _code(sub_code)
    return {
        "code": code,
        "msg": MESSAGES[code],
        "sub_code": sub_code,
        "sub_msg": SUB_MESSAGES.get(sub_code, OTHER_SUB_MESSAGE),
    }


def _code(sub_code: str) -> str:
    """The gateway's own codes have prefixes; all others are the business's."""
    return next(
        (
            code
            for prefix, code in CODE_BY_PREFIX.items()
            if sub_code.startswith(prefix)
        ),
        "40004",
    )
