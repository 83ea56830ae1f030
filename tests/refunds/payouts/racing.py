"""One process of the over-refund race: page, console, task and notification, at random.

Each act is one that somebody could do at this moment; what it is refused is no fault.
Any other error is, and so is a deadlock that the database had to break.
"""

import random
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection
from django.test import Client

from accounts.models import Payment, User
from refunds.errors import RefundError
from refunds.gateways.sandbox.ledger import LEDGER_FILE, Ledger
from refunds.models import (
    Dispute,
    LegFinding,
    LegState,
    Merchant,
    OutsideRefund,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.disputes import end_dispute, record_dispute
from refunds.payouts.findings import decide_finding, find_out
from refunds.payouts.release import move_agreed_on
from refunds.payouts.send import send_due
from refunds.states import State
from tests.people import People
from tests.refunds.pages.visits import visitor

Act = Callable[[], object]


@dataclass
class Racer:
    """`people` as they were made; each process has connections of its own."""

    people: People
    sandbox_dir: Path
    seed: int

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.ledger = Ledger(self.sandbox_dir / LEDGER_FILE)

    def run(self, rounds: int) -> list[str]:
        """What went wrong, as tracebacks."""
        connection.close()
        acts = (
            self.accepts_on_the_page,
            self.releases_in_the_console,
            self.retries_in_the_console,
            self.task_releases,
            self.task_sends,
            self.task_sends,
            self.notification_comes,
            self.finance_finds_out,
            self.second_person_agrees,
            self.dispute_comes_and_goes,
        )
        faults = []
        for _round in range(rounds):
            try:
                self.chance.choice(acts)()
            except RefundError:
                continue
            except Exception:
                faults.append(traceback.format_exc())
        connection.close()
        return faults

    def accepts_on_the_page(self) -> None:
        request = self._one(State.OFFERED)
        if request:
            offer = request.latest_offer()
            assert offer
            address = f"/requests/{request.number}/accept/"
            self._post(self.people.owner, address, seen=offer.pk)

    def releases_in_the_console(self) -> None:
        request = self._one(State.AGREED)
        if request:
            self._press(request, "pay")

    def retries_in_the_console(self) -> None:
        request = self._one(State.PAYOUT_BLOCKED)
        if request:
            self._press(request, "retry_payout")

    def task_releases(self) -> None:
        move_agreed_on(at=now())

    def task_sends(self) -> None:
        send_due(clock=now, limit=3)

    def notification_comes(self) -> None:
        """One that the gateway did send; it may come again, late, in any order."""
        told = self.ledger.deliveries()
        if not told:
            return
        number = Merchant.objects.get(route="alipay").number
        Client().post(
            f"/notify/alipay/{number}/",
            data=self.chance.choice(told).body,
            content_type="application/x-www-form-urlencoded; charset=utf-8",
        )

    def finance_finds_out(self) -> None:
        """Those that the gateway refused did not move: so they may go anew."""
        legs = PayoutLeg.objects.filter(state=LegState.NEEDS_ACTION)
        leg = legs.filter(code__startswith="ACQ.").order_by("?").first()
        if leg and not self._moved(leg):
            words = "The gateway's portal shows nothing."
            find_out(leg, by=self.people.finance, at=now(), moved=False, words=words)

    def second_person_agrees(self) -> None:
        finding = LegFinding.objects.filter(agreed=None).order_by("?").first()
        if finding:
            decide_finding(finding, by=self.people.approver, at=now(), agreed=True)

    def dispute_comes_and_goes(self) -> None:
        payment = Payment.objects.order_by("?")[0]
        reference = f"D-{self.seed}-{self.chance.random()}"
        record_dispute(
            payment,
            by=self.people.finance,
            at=now(),
            reference=reference,
            amount=1,
            reason="Not recognised.",
            opened_at=now(),
        )
        dispute = Dispute.objects.get(reference=reference)
        won = Dispute.Outcome.WON
        end_dispute(dispute, by=self.people.finance, at=now(), outcome=won)

    def _one(self, state: State) -> RefundRequest | None:
        return RefundRequest.objects.filter(state=state).order_by("?").first()

    def _moved(self, leg: PayoutLeg) -> bool:
        return any(refund.key == leg.key for refund in self.ledger.refunds())

    def _press(self, request: RefundRequest, door: str) -> None:
        address = f"/admin/refunds/refundrequest/{request.pk}/do/{door}/"
        self._post(self.people.finance, address)

    def _post(self, user: User, address: str, **sent: object) -> None:
        client = visitor(user)
        response = client.post(address, sent)
        assert response.status_code < 500, address


def what_is_gone(payment: Payment) -> tuple[int, int]:
    """(reserved, refunded) of a payment as its legs and refunds elsewhere say."""
    legs = PayoutLeg.objects.filter(allocation__payment=payment)
    elsewhere = OutsideRefund.objects.filter(payment=payment, taken_back_at=None)
    nothing = ("failed", "route_closed", "reversed", "abandoned", "succeeded")
    under_way = legs.exclude(state__in=nothing).values_list("amount", flat=True)
    arrived = legs.filter(state="succeeded").values_list("amount", flat=True)
    outside = elsewhere.values_list("amount", flat=True)
    return sum(under_way), sum(arrived) + sum(outside)


def now() -> datetime:
    return datetime.now(UTC)
