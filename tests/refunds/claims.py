"""A service of any product line, and claims on it, each brought through the verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import (
    Fee,
    Outage,
    QualityReading,
    Service,
    ServiceItem,
    Usage,
)
from refunds.filing.drafts import draft_for, save_draft
from refunds.filing.evidence import add_evidence
from refunds.filing.submit import submit
from refunds.judging import judge
from refunds.models import Finding, RefundRequest, Ticket
from refunds.payouts.release import release
from refunds.policy.assessment import Assessment
from refunds.review.answers import accept
from refunds.review.approval import approve
from refunds.review.findings import establish
from refunds.review.hands import claim, pass_on
from refunds.review.offer import offer
from refunds.states import State
from tests.factories import ContractFactory, ServiceFactory, pay_for
from tests.people import Case, People, picture
from tests.refunds.payouts.till import Till, state_of

PAID = 12_000_00
KINDS = {
    "outage": "fault_log",
    "unavailable": "fault_log",
    "quality": "monitoring_report",
    "not_delivered": "agreement_page",
    "shortfall": "progress_screenshot",
    "account_risk": "progress_screenshot",
    "content_defect": "progress_screenshot",
    "content_mismatch": "progress_screenshot",
}


@dataclass
class Desk:
    """Both sides of the desk, at one moment."""

    people: People
    at: datetime

    def service(
        self, line: str, billing: str = "term", *, days: int = 40, **rest: Any
    ) -> Service:
        """Activated so many days ago, for a year; 12 000.00 paid, 500.00 kept."""
        began = self.at - timedelta(days=days)
        contract = ContractFactory.create(
            customer=self.people.customer, product_line=line, signed_on=began.date()
        )
        service: Service = ServiceFactory.create(
            contract=contract,
            billing=billing,
            **{
                "activated_at": began,
                "ends_on": (began + timedelta(days=364)).date(),
                **rest,
            },
        )
        Fee.objects.create(service=service, name="Set-up", amount=500_00)
        pay_for(service, amount=PAID, paid_at=began)
        return service

    def goes_down(self, service: Service, *, hours: int, days_ago: int = 8) -> Outage:
        """All of it, by our fault; its ticket is open still."""
        began = self.at - timedelta(days=days_ago)
        Ticket.objects.create(
            number=f"T-{service.pk}-{days_ago}",
            service=service,
            severity=Ticket.Severity.CRITICAL,
            subject="Nothing works",
            opened_at=began,
        )
        return Outage.objects.create(
            service=service,
            began_at=began,
            ended_at=began + timedelta(hours=hours),
            extent=Outage.Extent.TOTAL,
            cause=Outage.Cause.PROVIDER,
            business_affected=True,
            verified_by=self.people.evaluator,
        )

    def file(
        self,
        service: Service,
        ground: str,
        *,
        keep: bool = True,
        amount: int | None = None,
    ) -> RefundRequest:
        draft = draft_for(service, by=self.people.owner)
        draft.ground, draft.keep_service = ground, keep
        draft.description = "It was not what we paid for."
        draft.amount_asked = 1_00 if amount is None else amount
        save_draft(draft)
        if not draft.evidence.exists():
            add_evidence(
                draft,
                content=picture(),
                name="seen.jpg",
                kind=evidence_for(service, ground),
                by=self.people.owner,
                at=self.at,
            )
        return submit(draft, by=self.people.owner, at=self.at)

    def evaluate(self, request: RefundRequest) -> RefundRequest:
        """In the evaluator's hands."""
        people = self.people
        claim(request, by=people.first_line, at=self.at)
        pass_on(request, by=people.first_line, at=self.at, reason="")
        request = again(request)
        claim(request, by=people.evaluator, at=self.at)
        return again(request)

    def find(self, request: RefundRequest, kind: Finding.Kind, item: str = "") -> None:
        establish(
            request,
            kind=kind,
            words="We saw it ourselves.",
            by=self.people.evaluator,
            at=self.at,
            item=item,
        )

    def answer(self, request: RefundRequest) -> Assessment:
        """What the policy would say to it now."""
        return judge(again(request), at=self.at).answer

    def offer(
        self, request: RefundRequest, amount: int, *, reason: str = ""
    ) -> RefundRequest:
        """Proposed, and approved where a second person has to."""
        people = self.people
        offer(request, by=people.evaluator, at=self.at, amount=amount, reason=reason)
        if again(request).state == State.PENDING_APPROVAL:
            approve(again(request), by=people.approver, at=self.at)
        return again(request)

    def accept(self, request: RefundRequest) -> RefundRequest:
        accept(request, by=self.people.owner, at=self.at)
        return again(request)

    def release(self, request: RefundRequest) -> RefundRequest:
        release(request, by=self.people.finance, at=self.at)
        return again(request)


def evidence_for(service: Service, ground: str) -> str:
    measured = service.contract.product_line in ("dedicated_line", "conference_sdk")
    if measured and ground in ("outage", "quality"):
        return "monitoring_report"
    return KINDS.get(ground, "payment_record")


def again(request: RefundRequest) -> RefundRequest:
    """The row as it stands now."""
    return RefundRequest.objects.get(pk=request.pk)


def promised(service: Service) -> int:
    """What all requests about it together were agreed, in minor units."""
    agreed = RefundRequest.objects.filter(service=service, agreed_amount__isnull=False)
    return sum(amount or 0 for amount in agreed.values_list("agreed_amount", flat=True))


def settled(desk: Desk, till: Till, request: RefundRequest) -> None:
    """The money has arrived."""
    Case(desk.people, request.service, desk.at).known_to(till.sandbox)
    if state_of(request) is State.AGREED:
        desk.release(request)
    till.work_for(rounds=3, seconds=20)
    assert state_of(request) is State.REFUNDED


@dataclass(frozen=True)
class Kind:
    """One kind of claim: how the facts come about, and the grounds that it answers."""

    ground: str
    other: str
    happen: Callable[[Desk], Service]
    finding: Finding.Kind | None = None
    keep: bool = True


def _reading(desk: Desk, service: Service, *, measured: str) -> None:
    began = desk.at.replace(month=10, day=2, hour=0, minute=0)
    QualityReading.objects.create(
        service=service,
        metric="availability",
        period_from=began,
        period_to=began + timedelta(days=20),
        promised="99.99",
        measured=measured,
        source=QualityReading.Source.PROVIDER,
        accepted=True,
    )


def _trial(desk: Desk) -> Service:
    return desk.service("dedicated_line", days=3)


def _unavailable(desk: Desk) -> Service:
    service = desk.service("live_streaming", days=12)
    desk.goes_down(service, hours=80)
    return service


def _metered(desk: Desk) -> Service:
    service = desk.service("live_streaming", "metered", days=12)
    Usage.objects.create(service=service, consumed=2_000_00)
    desk.goes_down(service, hours=80)
    return service


def _below_sla(desk: Desk) -> Service:
    service = desk.service("dedicated_line", days=60)
    _reading(desk, service, measured="99.5")
    return service


def _lessons(desk: Desk) -> Service:
    service = desk.service("online_course", "lessons")
    Usage.objects.create(service=service, lessons_total=20, lessons_used=8)
    desk.goes_down(service, hours=50)
    return service


def _shortfall(desk: Desk) -> Service:
    due = (desk.at - timedelta(days=9)).date()
    service = desk.service("quantity_package", "quantity", delivery_due_on=due)
    Usage.objects.create(service=service, ordered=1000, delivered=600)
    return service


def _undelivered(desk: Desk) -> Service:
    service = desk.service("dedicated_line")
    ServiceItem.objects.create(service=service, name="Tokyo", value=900_00)
    ServiceItem.objects.create(service=service, name="Osaka", value=700_00)
    return service


def _credit(desk: Desk) -> Service:
    service = desk.service("conference_sdk", days=60)
    _reading(desk, service, measured="98")
    return service


CLAIMS = {
    "full": Kind("change_of_mind", "quality", _trial, keep=False),
    "unused_share": Kind("unavailable", "unavailable", _unavailable, keep=False),
    "unused_share, metered": Kind("unavailable", "unavailable", _metered, keep=False),
    "outage_share": Kind("outage", "unavailable", _unavailable),
    "breach_share": Kind("quality", "outage", _below_sla),
    "remaining_lessons": Kind("outage", "unavailable", _lessons),
    "shortfall_share": Kind("shortfall", "account_risk", _shortfall),
    "undelivered_items": Kind(
        "not_delivered", "not_delivered", _undelivered, Finding.Kind.ITEM_UNDELIVERED
    ),
    "service_credit": Kind("quality", "outage", _credit),
}
BY_AGREEMENT = {
    "negotiated": Kind(
        "quality",
        "quality",
        lambda desk: desk.service("live_streaming"),
        Finding.Kind.GAP_CONFIRMED,
    ),
    "outage_share, metered": Kind("outage", "outage", _metered),
}
