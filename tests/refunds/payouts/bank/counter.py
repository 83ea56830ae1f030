"""What a person of finance does by hand: batches to the bank, its files back to us."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

import httpx

from accounts.models import Payment, Route, User
from refunds.models import Merchant, PayoutBatch, PayoutLeg, RefundRequest
from refunds.payouts.bank_files import Taken, settle_from_lines, take_answer
from refunds.payouts.batches import download, file_gateway, make_batch
from refunds.payouts.release import release
from tests.people import Case
from tests.refunds.payouts.till import Till

# Nineteen digits; and of the name two signs that GBK has not.
PAYER_NUMBER, PAYER_NAME = "6222021001112345678", "北京㛃𠮷贸易有限公司"
PAYER_BRANCH = "102100004951"
ROUTE = Route.BANK_TRANSFER
names = count(1)


@dataclass
class Counter:
    till: Till
    finance: User

    @property
    def at(self) -> datetime:
        return self.till.at

    @property
    def merchant(self) -> Merchant:
        return Merchant.objects.get(route=ROUTE)

    def batch(self) -> PayoutBatch:
        """What is due becomes a batch."""
        self.till.work()
        made = make_batch(self.merchant, by=self.finance, at=self.at)
        assert made is not None
        return made

    def content(self, batch: PayoutBatch) -> bytes:
        return download(batch, by=self.finance, at=self.at)

    def hand_in(self, content: bytes) -> bytes:
        url = f"{self.till.sandbox.url}/bank/files"
        return httpx.post(url, content=content).raise_for_status().content

    def answer(self, batch: PayoutBatch) -> bytes:
        url = f"{self.till.sandbox.url}/bank/answers/{batch.number}"
        return httpx.get(url).raise_for_status().content

    def statement(self, day: date) -> bytes:
        url = f"{self.till.sandbox.url}/bank/statement"
        return httpx.get(url, params={"day": str(day)}).raise_for_status().content

    def take(self, content: bytes) -> Taken:
        return take_answer(
            self.merchant,
            name=f"answer-{next(names)}",
            content=content,
            by=self.finance,
            at=self.at,
        )

    def settle(self, day: date | None = None) -> list[str]:
        """By the statement of a day, today's if none is named."""
        lines = file_gateway(self.merchant).read_statement(
            self.statement(day or self.at.date())
        )
        return settle_from_lines(self.merchant, lines, at=self.at)

    def send(self) -> PayoutBatch:
        """Made, handed in, and the first answer taken."""
        batch = self.batch()
        self.take(self.hand_in(self.content(batch)))
        return batch

    def turn(self, leg: PayoutLeg, outcome: str) -> None:
        """What the bank finds out later."""
        control = self.till.sandbox.control_url
        body = {"route": str(ROUTE), "key": leg.key, "outcome": outcome}
        httpx.post(f"{control}/refunds", json=body).raise_for_status()

    def funds(self, minor: int | None) -> None:
        body = {"route": str(ROUTE), "minor": minor}
        httpx.put(
            f"{self.till.sandbox.control_url}/funds", json=body
        ).raise_for_status()


def paid_by_bank(case: Case, *, number: str = PAYER_NUMBER) -> None:
    """The payments of this case came by bank transfer."""
    for allocation in case.service.allocations.select_related("payment"):
        Payment.objects.filter(pk=allocation.payment_id).update(
            route=ROUTE,
            payer_name=PAYER_NAME,
            payer_number=number,
            payer_bank_code=PAYER_BRANCH,
            payer_account=f"****{number[-4:]}",
        )


def released_by_bank(
    case: Case, *, at: datetime, number: str = PAYER_NUMBER
) -> RefundRequest:
    """10 000.00 agreed on and released, to go back by bank transfer."""
    paid_by_bank(case, number=number)
    release(case.agreed(), by=case.people.finance, at=at)
    return case.request
