"""Alipay, gateway v2: `alipay.trade.refund` and its query, signed with RSA2.

Source: opendocs.alipay.com (02ekfs, f60979b3, 357441a2, common/105806). What an answer
proves: `code` 10000 only that the call ran; a query with `refund_status`
REFUND_SUCCESS that the money went back; no status proves nothing.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from django.utils.translation import gettext_lazy as _

from refunds.gateways.base import (
    Access,
    Acknowledgement,
    Capabilities,
    Hint,
    Instruction,
    Line,
    NotificationRefused,
    Outcome,
    Parameters,
    Reason,
    Result,
    Setting,
    StatementMissing,
)

WINDOW = timedelta(days=365)
BEIJING = ZoneInfo("Asia/Shanghai")
OK, UNAVAILABLE, BUSINESS, RATE = "10000", "20000", "40004", "40005"
CONFIG_CODES = ("20001", "40001", "40002", "40003", "40006")
REASONS = {
    Reason.BALANCE: (
        "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        "ACQ.REFUND_CHARGE_ERROR",
        "ACQ.ENTERPRISE_PAY_BIZ_ERROR",
    ),
    Reason.DATA: (
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        "ACQ.REASON_TRADE_REFUND_FEE_ERR",
        "ACQ.REFUND_FEE_ERROR",
        "ACQ.INVALID_PARAMETER",
        "ACQ.CURRENCY_NOT_SUPPORT",
        "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR",
        "ACQ.USER_NOT_MATCH_ERR",
        "ACQ.TRADE_NOT_EXIST",
        "ACQ.TRADE_STATUS_ERROR",
        "ACQ.REASON_TRADE_STATUS_INVALID",
    ),
    Reason.ALREADY_DONE: ("ACQ.TRADE_HAS_CLOSE", "ACQ.DISCORDANT_REPEAT_REQUEST"),
    Reason.ROUTE_CLOSED: (
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.BUYER_ERROR",
        "ACQ.BUYER_ENABLE_STATUS_FORBID",
        "ACQ.BUYER_NOT_EXIST",
        "ACQ.CUSTOMER_VALIDATE_ERROR",
    ),
    Reason.NEEDS_PERSON: (
        "ACQ.TRADE_NOT_ALLOW_REFUND",
        "ACQ.NOT_ALLOW_PARTIAL_REFUND",
        "ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND",
        "ACQ.REASON_TRADE_BEEN_FREEZEN",
        "ACQ.TRADE_SETTLE_ERROR",
        "ACQ.REFUNDALLOC_UNAUTH_LIMIT",
        "ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST",
        "ACQ.REFUND_ACCOUNT_NOT_EXIST",
    ),
}
REASON_OF = {code: reason for reason, codes in REASONS.items() for code in codes}


class Alipay:
    """One merchant's access: `number` is the app id, keys are PEM texts."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        currencies=("CNY",),
        window=WINDOW,
        spacing=timedelta(seconds=3),
        polls=tuple(timedelta(seconds=s) for s in (10, 30, 120, 600, 3600)),
        arrival=3,
        watch=tuple(timedelta(days=d) for d in (1, 3, 7, 15)),
        quiet=timedelta(seconds=10),
    )
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("private_key", _("Our private key (PEM)"), secret=True, lines=True),
        Setting("public_key", _("Alipay's public key (PEM)"), secret=True, lines=True),
    )

    def __init__(self, access: Access) -> None:
        self._access = access
        self._client = httpx.Client(timeout=access.timeout, follow_redirects=False)

    def check(
        self, instruction: Instruction, *, paid_at: datetime, now: datetime
    ) -> list[Reason]:
        reasons = []
        if instruction.currency not in self.capabilities.currencies:
            reasons.append(Reason.DATA)
        if now > paid_at + WINDOW:
            reasons.append(Reason.ROUTE_CLOSED)
        return reasons

    def parameters(self, instruction: Instruction) -> Parameters:
        return {
            "trade_no": instruction.trade_number,
            "out_request_no": instruction.key,
            "refund_amount": f"{Decimal(instruction.amount) / 100:.2f}",
            "refund_reason": instruction.reason[:256],
        }

    def submit(self, parameters: Parameters, *, now: datetime) -> Result:
        """At best PROCESSING: `refund_fee` is cumulative and proves no amount."""
        result, answer = self._call("alipay.trade.refund", parameters, now=now)
        if answer is None or answer.get("code") != OK:
            return result
        return replace(result, outcome=Outcome.PROCESSING)

    def query(self, parameters: Parameters, *, now: datetime) -> Result:
        asked = {name: parameters[name] for name in ("trade_no", "out_request_no")}
        method = "alipay.trade.fastpay.refund.query"
        result, answer = self._call(method, asked, now=now)
        if answer is None or answer.get("code") != OK:
            return _undecided(result)
        if answer.get("refund_status") != "REFUND_SUCCESS":
            return replace(result, outcome=Outcome.NOT_SEEN)
        return replace(
            result,
            outcome=Outcome.SUCCEEDED,
            amount=_fen(answer.get("refund_amount")),
            currency="CNY",
            key=str(answer.get("out_request_no", "")),
        )

    def parse_notification(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Hint | None:
        raise NotificationRefused("unreadable")

    def acknowledge(self) -> Acknowledgement:
        return Acknowledgement(200, "success")

    def fetch_statement(self, day: date, *, now: datetime) -> bytes:
        raise StatementMissing(str(day))

    def read_statement(self, content: bytes) -> list[Line]:
        return []

    def probe(self, *, now: datetime) -> Result:
        asked = {"trade_no": "0", "out_request_no": "self-check"}
        result, answer = self._call("alipay.trade.fastpay.refund.query", asked, now=now)
        if answer is None or result.reason in (Reason.CONFIG, Reason.RATE):
            return result
        return replace(result, outcome=Outcome.NOT_SEEN, reason=None)

    def _call(
        self, method: str, content: Parameters, *, now: datetime
    ) -> tuple[Result, dict[str, Any] | None]:
        """One POST; the answer's inner object where it came and its signature holds."""
        try:
            form = self._signed(method, content, now=now)
        except (OSError, ValueError, TypeError) as fault:
            return _rejected(Reason.CONFIG, message=f"keys: {fault}"), None
        try:
            response = self._client.post(self._access.address, data=form)
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            return _rejected(Reason.NOT_SENT, message=str(fault)), None
        except httpx.HTTPError as fault:
            return Result(Outcome.UNKNOWN, message=repr(fault)), None
        base = Result(
            Outcome.UNKNOWN, http_status=response.status_code, answer=response.text
        )
        if response.status_code != httpx.codes.OK:
            return base, None
        return self._read(method, base)

    def _signed(
        self, method: str, content: Parameters, *, now: datetime
    ) -> dict[str, str]:
        form = {
            "app_id": self._access.number,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": now.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": json.dumps(content, ensure_ascii=False, sort_keys=True),
        }
        self._public_key.key_size  # noqa: B018  A missing key is found before sending.
        signature = self._private_key.sign(
            signed_text(form).encode(), padding.PKCS1v15(), SHA256()
        )
        return {**form, "sign": base64.b64encode(signature).decode()}

    def _read(self, method: str, base: Result) -> tuple[Result, dict[str, Any] | None]:
        cut = cut_answer(base.answer, method)
        if cut is None:
            return replace(base, message="not an answer of Alipay's"), None
        text, signature = cut
        if not self._verifies(text, signature):
            return replace(base, signature_ok=False, message="bad signature"), None
        answer: dict[str, Any] = json.loads(text)
        result = _by_code(replace(base, signature_ok=True), answer)
        return result, answer

    def _verifies(self, text: str, signature: str) -> bool:
        try:
            self._public_key.verify(
                base64.b64decode(signature, validate=True),
                text.encode(),
                padding.PKCS1v15(),
                SHA256(),
            )
        except (InvalidSignature, ValueError):
            return False
        return True

    @cached_property
    def _private_key(self) -> rsa.RSAPrivateKey:
        pem = self._access.secrets.get("private_key", "")
        key = load_pem_private_key(pem.encode(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("private_key: expected an RSA private key")
        return key

    @cached_property
    def _public_key(self) -> rsa.RSAPublicKey:
        key = load_pem_public_key(self._access.secrets.get("public_key", "").encode())
        if not isinstance(key, rsa.RSAPublicKey):
            raise TypeError("public_key: expected an RSA public key")
        return key


def signed_text(form: dict[str, str]) -> str:
    """What a request's signature covers: sorted, un-encoded, without empty values."""
    pairs = sorted((k, v) for k, v in form.items() if v and k != "sign")
    return "&".join(f"{name}={value}" for name, value in pairs)


def cut_answer(body: str, method: str) -> tuple[str, str] | None:
    """The inner object exactly as it came, and the signature over it.

    Cut from the raw text, never serialised again; None where the body is neither.
    """
    try:
        envelope = json.loads(body)
        signature = envelope["sign"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    for name in (method.replace(".", "_") + "_response", "error_response"):
        if isinstance(envelope.get(name), dict) and isinstance(signature, str):
            return _raw_member(body, name), signature
    return None


def _raw_member(body: str, name: str) -> str:
    """The text of a top-level member of an object that is known to parse."""
    decoder, position = json.JSONDecoder(), body.index("{") + 1
    while True:
        position = _skip(body, position, " \t\r\n,")
        member, position = decoder.raw_decode(body, position)
        start = _skip(body, position, " \t\r\n:")
        _value, position = decoder.raw_decode(body, start)
        if member == name:
            return body[start:position]


def _skip(body: str, position: int, characters: str) -> int:
    while body[position] in characters:
        position += 1
    return position


def _by_code(base: Result, answer: dict[str, Any]) -> Result:
    code = str(answer.get("code", ""))
    detail = str(answer.get("sub_code", "")) or code
    said = replace(
        base,
        code=detail,
        message=str(answer.get("sub_msg") or answer.get("msg") or ""),
        trade_number=str(answer.get("trade_no", "")),
        provider_number=str(answer.get("trade_no", "")),
    )
    if code == OK:
        return said
    if code == UNAVAILABLE or detail.endswith("SYSTEM_ERROR"):
        return said
    if code in CONFIG_CODES:
        return replace(said, outcome=Outcome.REJECTED, reason=Reason.CONFIG)
    if code == RATE:
        return replace(said, outcome=Outcome.REJECTED, reason=Reason.RATE)
    reason = REASON_OF.get(detail, Reason.UNLISTED)
    return replace(said, outcome=Outcome.REJECTED, reason=reason)


def _undecided(result: Result) -> Result:
    """A query that fails says nothing of the refund, only of the query."""
    if result.reason in (Reason.CONFIG, Reason.NOT_SENT, Reason.RATE):
        return replace(result, outcome=Outcome.UNKNOWN)
    return replace(result, outcome=Outcome.UNKNOWN, reason=None)


def _rejected(reason: Reason, *, message: str) -> Result:
    return Result(Outcome.REJECTED, reason=reason, message=message)


def _fen(yuan: Any) -> int | None:
    try:
        fen = Decimal(str(yuan)) * 100
        return int(fen) if fen == fen.to_integral_value() else None
    except (InvalidOperation, ValueError, OverflowError):
        return None
