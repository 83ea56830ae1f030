"""WeChat Pay as a route: what it can do, and which call proves what."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

import httpx
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
    Payee,
    Reason,
    Result,
    Setting,
    StatementBroken,
    StatementMissing,
)
from refunds.gateways.wechat_pay.answers import found, seen_in
from refunds.gateways.wechat_pay.banks import bank_type_of
from refunds.gateways.wechat_pay.bill import is_ready, read_bill
from refunds.gateways.wechat_pay.codes import refused, undecided
from refunds.gateways.wechat_pay.keys import api_v3_key
from refunds.gateways.wechat_pay.notification import read_notification
from refunds.gateways.wechat_pay.wire import Wire

REFUNDS = "/v3/refund/domestic/refunds"
WINDOW = timedelta(days=365)
M, DAY = timedelta(minutes=1), timedelta(days=1)
LONGEST_REASON = 80
SENT = ("transaction_id", "out_refund_no", "reason", "amount")
NOT_FOUND = "RESOURCE_NOT_EXISTS"
NOTHING_THAT_DAY = "NO_STATEMENT_EXIST"


class WeChatPay:
    """One merchant's access: `number` is the mchid, keys are PEM texts."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        currencies=("CNY",),
        window=WINDOW,
        spacing=timedelta(seconds=60),
        polls=(M, M, M, M, M, 5 * M, 10 * M, 20 * M, 30 * M, DAY),
        arrival=3,
        watch=(DAY, 3 * DAY, 8 * DAY),
        quiet=timedelta(seconds=60),
        most=50,
    )
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("serial_no", _("Serial number of our certificate")),
        Setting(
            "platform_serial",
            _("Id of the platform's public key"),
            help=_("PUB_KEY_ID_…, or the serial number of the platform certificate."),
        ),
        Setting(
            "next_platform_serial",
            _("Id of its next public key"),
            required=False,
            help=_(
                "While WeChat Pay changes keys, both are accepted. Afterwards put the "
                "next one in the first one's place."
            ),
        ),
        Setting("private_key", _("Our API private key (PEM)"), secret=True, lines=True),
        Setting(
            "platform_key",
            _("The platform's public key or certificate (PEM)"),
            secret=True,
            lines=True,
        ),
        Setting(
            "next_platform_key",
            _("Its next public key or certificate (PEM)"),
            secret=True,
            lines=True,
            required=False,
        ),
        Setting(
            "api_v3_key",
            _("APIv3 key"),
            secret=True,
            help=_("32 characters; notifications are encrypted with it."),
        ),
    )

    def __init__(self, access: Access) -> None:
        self._access = access
        self._wire = Wire(access)

    def check(
        self, instruction: Instruction, *, paid_at: datetime, now: datetime
    ) -> list[Reason]:
        """What is parked already goes to another account at any time."""
        reasons = []
        if instruction.currency not in self.capabilities.currencies:
            reasons.append(Reason.DATA)
        if now > paid_at + WINDOW and instruction.payee is None:
            reasons.append(Reason.ROUTE_CLOSED)
        if instruction.payee and bank_type_of(instruction.payee) is None:
            reasons.append(Reason.NEEDS_PERSON)
        return reasons

    def parameters(self, instruction: Instruction) -> Parameters:
        parameters: Parameters = {
            "transaction_id": instruction.trade_number,
            "out_refund_no": instruction.key,
            "amount": {
                "refund": instruction.amount,
                "total": instruction.paid,
                "currency": instruction.currency,
            },
        }
        if reason := instruction.reason[:LONGEST_REASON]:
            parameters["reason"] = reason
        return parameters

    def submit(self, parameters: Parameters, *, now: datetime) -> Result:
        """At best PROCESSING, whatever status it names: 200 means accepted."""
        content = {name: parameters[name] for name in SENT if name in parameters}
        return self._accepted(REFUNDS, content, now=now)

    def query(self, parameters: Parameters, *, now: datetime) -> Result:
        key = str(parameters["out_refund_no"])
        answer = self._wire.ask(_path(key), now=now)
        if answer.is_ok and answer.fields is not None:
            return found(answer.result, answer.fields, key=key)
        if answer.fields is None:
            return undecided(answer.result)
        result = refused(answer.result, answer.fields)
        if result.code == NOT_FOUND and result.reason is Reason.DATA:
            return replace(result, outcome=Outcome.NOT_SEEN, reason=None)
        return undecided(result)

    def redirect(
        self, parameters: Parameters, refund_id: str, payee: Payee, *, now: datetime
    ) -> Result:
        """The abnormal refund: the same one, parked there, goes to the payer's bank
        card. Name and number are encrypted for the platform."""
        bank_type = bank_type_of(payee)
        if bank_type is None or not refund_id:
            words = "no refund of theirs" if bank_type else "not one of their banks"
            return Result(Outcome.REJECTED, Reason.NEEDS_PERSON, message=words)
        try:
            keys = self._wire.keys
        except (ValueError, TypeError) as fault:
            return Result(Outcome.REJECTED, Reason.CONFIG, message=f"keys: {fault}")
        content = {
            "out_refund_no": parameters["out_refund_no"],
            "type": "USER_BANK_CARD",
            "bank_type": bank_type,
            "bank_account": keys.encrypt("".join(payee.number.split())),
            "real_name": keys.encrypt(payee.holder),
        }
        path = f"{_path(refund_id)}/apply-abnormal-refund"
        return self._accepted(path, content, now=now)

    def probe(self, *, now: datetime) -> Result:
        """404 comes where we were understood; errors may be unsigned, and then the
        platform's key was not tried."""
        try:
            api_v3_key(self._access)
        except ValueError as fault:
            return Result(Outcome.REJECTED, Reason.CONFIG, message=f"keys: {fault}")
        answer = self._wire.ask(_path("self-check"), now=now)
        if answer.fields is None or answer.is_ok:
            return answer.result
        result = refused(answer.result, answer.fields)
        if result.code != NOT_FOUND or result.reason is not Reason.DATA:
            return result
        return replace(result, outcome=Outcome.NOT_SEEN, reason=None)

    def parse_notification(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Hint | None:
        try:
            keys = self._wire.keys
        except (ValueError, TypeError):
            raise NotificationRefused("unknown_key") from None
        return read_notification(self._access, keys, headers, body, now=now)

    def acknowledge(self) -> Acknowledgement:
        return Acknowledgement(204, "")

    def fetch_statement(self, day: date, *, now: datetime) -> bytes:
        """Two calls: where the bill is and its hash, signed; the bill, unsigned."""
        path = f"/v3/bill/tradebill?bill_date={day}&bill_type=REFUND"
        answer = self._wire.ask(path, now=now)
        if not answer.is_ok or answer.fields is None:
            said = refused(answer.result, answer.fields or {})
            if said.code == NOTHING_THAT_DAY and is_ready(day, now=now):
                return b""
            raise StatementMissing(f"{day}: {said.code} {said.message}")
        url, digest = _place(answer.fields)
        if not self._wire.is_ours(url):
            raise StatementMissing(f"{day}: the bill is said to be elsewhere.")
        bill = self._wire.download(url, now=now)
        if bill.result.http_status != httpx.codes.OK:
            raise StatementMissing(f"{day}: {bill.result.message or 'no bill came'}")
        if hashlib.sha1(bill.content, usedforsecurity=False).hexdigest() != digest:
            raise StatementBroken("The bill's hash does not fit.", bill.content)
        return bill.content

    def read_statement(self, content: bytes) -> list[Line]:
        return read_bill(content)

    def _accepted(self, path: str, content: Parameters, *, now: datetime) -> Result:
        answer = self._wire.ask(path, content, now=now)
        if answer.fields is None:
            return answer.result
        if not answer.is_ok:
            return refused(answer.result, answer.fields)
        seen = seen_in(answer.result, answer.fields)
        if seen.key != content["out_refund_no"]:
            return replace(answer.result, message="an answer about another refund")
        return replace(seen, outcome=Outcome.PROCESSING)


def _path(number: str) -> str:
    return f"{REFUNDS}/{quote(number, safe='')}"


def _place(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Address and SHA-1 of the bill; empty where they are none."""
    digest = fields.get("hash_value") if fields.get("hash_type") == "SHA1" else None
    return str(fields.get("download_url", "")), str(digest or "").lower()
