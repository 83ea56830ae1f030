"""Who calls and what for: the Authorization header, the path, the JSON."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from refunds.gateways.sandbox.wechat_pay import signing
from refunds.gateways.sandbox.wechat_pay.codes import Refused, wrong
from refunds.gateways.sandbox.wechat_pay.keys import MCHID, MERCHANT_SERIAL, Keys
from refunds.gateways.sandbox.wire import Order, Request

REFUND = "wechat_pay.refund"
QUERY = "wechat_pay.query"
ABNORMAL = "wechat_pay.abnormal_refund"
BILL = "wechat_pay.tradebill"
DOWNLOAD = "wechat_pay.billdownload"
REFUNDS = "/v3/refund/domestic/refunds"
PATHS = (
    (REFUND, "POST", re.compile(REFUNDS)),
    (QUERY, "GET", re.compile(rf"{REFUNDS}/([^/]+)")),
    (ABNORMAL, "POST", re.compile(rf"{REFUNDS}/([^/]+)/apply-abnormal-refund")),
    (BILL, "GET", re.compile("/v3/bill/tradebill")),
    (DOWNLOAD, "GET", re.compile("/wechat/billdownload/file")),
)
FRESH = timedelta(minutes=5)
ENCRYPTED = ("bank_account", "real_name")


def called(request: Request) -> tuple[str, str]:
    """The method, and the number in the path; both empty where nothing is there."""
    for method, verb, path in PATHS:
        found = path.fullmatch(request.path)
        if found and verb == request.verb:
            return method, "".join(found.groups())
    return "", ""


def check(
    request: Request, keys: Keys, *, clocks: tuple[datetime, datetime]
) -> datetime:
    """Raises Refused; the moment that the caller's clock agrees with. A caller may
    follow the sandbox's clock or the machine's."""
    if not called(request)[0]:
        raise Refused(404, "RESOURCE_NOT_EXISTS", "无此接口")
    parts = signing.read_authorization(request.headers.get("authorization", ""))
    if parts is None:
        raise Refused(401, "SIGN_ERROR", "Http头Authorization值格式错误")
    if parts["mchid"] != MCHID:
        raise Refused(404, "MCH_NOT_EXISTS")
    if parts["serial_no"] != MERCHANT_SERIAL:
        raise Refused(401, "SIGN_ERROR", "商户证书序列号有误")
    now = _agreeing(parts["timestamp"], clocks)
    if now is None:
        raise Refused(401, "SIGN_ERROR", "Http头Authorization中的timestamp已过期")
    target = request.path + (f"?{request.query}" if request.query else "")
    head = signing.lines(request.verb, target, parts["timestamp"], parts["nonce_str"])
    text = head + request.body + b"\n"
    if not signing.verify(text, parts["signature"], keys.merchant_public):
        raise Refused(401, "SIGN_ERROR", "错误的签名，验签失败")
    return now


def content_of(request: Request) -> Mapping[str, Any]:
    """What a POST says; raises Refused. Whole numbers stay whole, others are text."""
    if request.verb != "POST":
        return {}
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refused(415, "PARAM_ERROR", "Content-Type")
    try:
        content = json.loads(request.body, parse_float=str)
    except (ValueError, RecursionError):
        raise wrong("JSON") from None
    if not isinstance(content, dict):
        raise wrong("JSON")
    return content


def content(order: Order) -> Mapping[str, Any]:
    found: Any = order.business["content"]
    return found  # type: ignore[no-any-return]


def opened(order: Order, keys: Keys) -> Mapping[str, Any]:
    """Its encrypted fields in the clear; raises Refused where they are for no key of
    ours, or for another one than the header names."""
    found = content(order)
    key = keys.platform.get(str(order.business["serial"]))
    names = [name for name in ENCRYPTED if name in found]
    if key is None and names:
        raise wrong("Wechatpay-Serial")
    plain = {name: signing.opened(found[name], key) for name in names if key}
    if None in plain.values():
        raise wrong("敏感信息解密失败")
    return {**found, **plain}


def _agreeing(timestamp: str, clocks: Iterable[datetime]) -> datetime | None:
    return next(
        (now for now in clocks if signing.is_about(timestamp, now, span=FRESH)), None
    )
