"""WeChat Pay's refusals: HTTP status, code and words."""

from collections.abc import Mapping

WORDS = {
    "PARAM_ERROR": "参数错误",
    "INVALID_REQUEST": "请求参数符合参数格式，但不符合业务规则",
    "SIGN_ERROR": "签名错误",
    "MCH_NOT_EXISTS": "商户号不存在",
    "NOT_ENOUGH": "余额不足",
    "USER_ACCOUNT_ABNORMAL": "退款请求失败，用户账户异常或注销",
    "RESOURCE_NOT_EXISTS": "查询的资源不存在",
    "FREQUENCY_LIMITED": "频率限制",
    "SYSTEM_ERROR": "系统超时",
    "NO_STATEMENT_EXIST": "账单文件不存在",
    "STATEMENT_CREATING": "账单生成中",
}
OTHER_WORDS = "请求未被受理"


class Refused(Exception):
    """Nothing is booked. `words` say more than the code does."""

    def __init__(self, http: int, code: str, words: str = "") -> None:
        super().__init__(f"{http} {code}")
        self.http = http
        self.code = code
        self.words = words or WORDS.get(code, OTHER_WORDS)

    @property
    def fields(self) -> Mapping[str, object]:
        return {"code": self.code, "message": self.words}


def refusal_of(text: str, *, by: str = " ") -> Refused:
    """`403 NOT_ENOUGH`, as it was written."""
    http, _, code = text.partition(by)
    if not (http.isdecimal() and code):
        return Refused(400, text)
    return Refused(int(http), code)


def invalid(words: str = "") -> Refused:
    return Refused(400, "INVALID_REQUEST", words)


def wrong(words: str = "") -> Refused:
    return Refused(400, "PARAM_ERROR", words)
