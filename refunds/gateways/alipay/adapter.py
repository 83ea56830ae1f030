"""The adapter: a refund at Alipay, from what we are about to send to its statement."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import ClassVar

import httpx
from django.utils.translation import gettext_lazy as _

from refunds.gateways.alipay import notifications
from refunds.gateways.alipay.amounts import fen_of, yuan
from refunds.gateways.alipay.client import Answer, Client
from refunds.gateways.alipay.codes import OK, undecided
from refunds.gateways.alipay.statement import LARGEST, refunds_in
from refunds.gateways.alipay.window import BEIJING, window_end
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
    StatementBroken,
    StatementMissing,
)

REFUND = "alipay.trade.refund"
QUERY = "alipay.trade.fastpay.refund.query"
BILL = "alipay.data.dataservice.bill.downloadurl.query"
CARD_FAILED = "dback_F"


class Alipay:
    """One merchant's access: `number` is the app id, keys are PEM texts."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        currencies=("CNY",),
        window=timedelta(days=365),
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
        self._client = Client(access)

    def check(
        self, instruction: Instruction, *, paid_at: datetime, now: datetime
    ) -> list[Reason]:
        reasons = []
        if instruction.currency not in self.capabilities.currencies:
            reasons.append(Reason.DATA)
        if now > window_end(paid_at):
            reasons.append(Reason.ROUTE_CLOSED)
        return reasons

    def parameters(self, instruction: Instruction) -> Parameters:
        return {
            "trade_no": instruction.trade_number,
            "out_request_no": instruction.key,
            "refund_amount": yuan(instruction.amount),
            "refund_reason": instruction.reason[:256],
        }

    def submit(self, parameters: Parameters, *, now: datetime) -> Result:
        """At best PROCESSING: `refund_fee` is cumulative and proves no amount."""
        result, answer = self._client.call(REFUND, parameters, now=now)
        if answer is None or answer.get("code") != OK:
            return result
        return replace(result, outcome=Outcome.PROCESSING)

    def query(self, parameters: Parameters, *, now: datetime) -> Result:
        """Two legs: back to Alipay, and from there to the bank card, if it came from
        one. What the bank sends back has left us all the same."""
        asked = {name: parameters[name] for name in ("trade_no", "out_request_no")}
        asked["query_options"] = ["deposit_back_info"]
        result, answer = self._client.call(QUERY, asked, now=now)
        if answer is None or answer.get("code") != OK:
            return undecided(result)
        if answer.get("refund_status") != "REFUND_SUCCESS":
            return replace(result, outcome=Outcome.NOT_SEEN)
        seen = replace(
            result,
            outcome=Outcome.SUCCEEDED,
            amount=fen_of(answer.get("refund_amount")),
            currency="CNY",
            key=str(answer.get("out_request_no", "")),
        )
        if not _card_failed(answer):
            return seen
        return replace(
            seen,
            outcome=Outcome.REJECTED,
            reason=Reason.NEEDS_PERSON,
            code=CARD_FAILED,
            message="the bank did not take it for the card",
        )

    def probe(self, *, now: datetime) -> Result:
        asked = {"trade_no": "0", "out_request_no": "self-check"}
        result, answer = self._client.call(QUERY, asked, now=now)
        if answer is None or result.reason in (Reason.CONFIG, Reason.RATE):
            return result
        return replace(result, outcome=Outcome.NOT_SEEN, reason=None)

    def parse_notification(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Hint | None:
        try:
            key = self._client.public_key
        except (ValueError, TypeError):
            raise NotificationRefused("unknown_key") from None
        app_id = self._access.number
        return notifications.parse(body, app_id=app_id, public_key=key, now=now)

    def acknowledge(self) -> Acknowledgement:
        return Acknowledgement(200, "success")

    def fetch_statement(self, day: date, *, now: datetime) -> bytes:
        """Asks for the address, which is good for 30 seconds, and takes what is there;
        there is none before the next morning."""
        if day >= now.astimezone(BEIJING).date():
            raise StatementMissing(f"{day} is not over")
        asked = {"bill_type": "trade", "bill_date": day.isoformat()}
        result, answer = self._client.call(BILL, asked, now=now)
        url = str((answer or {}).get("bill_download_url", ""))
        if result.code != OK or not url:
            raise StatementMissing(f"{day}: {result.code} {result.message}".strip())
        if url.partition(":")[0] != self._access.address.partition(":")[0]:
            raise StatementMissing(f"{day}: the address of the bill is not like ours")
        return self._download(url, day)

    def read_statement(self, content: bytes) -> list[Line]:
        return refunds_in(content)

    def _download(self, url: str, day: date) -> bytes:
        try:
            response = self._client.http.get(url)
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise StatementMissing(f"{day}: {fault!r}") from fault
        if response.status_code != httpx.codes.OK:
            raise StatementMissing(f"{day}: HTTP {response.status_code}")
        if len(response.content) > LARGEST:
            raise StatementBroken("larger than any bill of a day")
        return response.content


def _card_failed(answer: Answer) -> bool:
    """P is under way, S arrived; another payment than by card tells nothing."""
    told = answer.get("deposit_back_info")
    return isinstance(told, dict) and told.get("dback_status") == "F"
