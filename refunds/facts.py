"""From the database to the policy's facts of one service, at one moment."""

from collections import Counter, defaultdict
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum

from accounts.models import (
    Contract,
    Fee,
    Outage,
    PaymentAllocation,
    QualityReading,
    Service,
    ServiceItem,
    Usage,
)
from refunds.models import Compensation, Finding, RefundRequest, Ticket
from refunds.models.leg_state import MOVED_NOTHING
from refunds.policy import facts as policy_facts
from refunds.policy import plain
from refunds.policy.given import together
from refunds.rows import ask_together
from refunds.states import State

UNDER_WAY = (State.AGREED, State.INVOICING, State.PAYING, State.PAYOUT_BLOCKED)


class Records(NamedTuple):
    """The rows that facts are made of. Each asks once, when it is read first; a page
    that shows them too asks for all of them together with its own.

    `agreed`: (service, agreed amount, what of it is held) of others under way.
    `given`: what others about this service gave, or hold out.
    """

    allocations: QuerySet[PaymentAllocation]
    agreed: QuerySet[RefundRequest, Any]
    fees: QuerySet[Fee]
    items: QuerySet[ServiceItem]
    usage: QuerySet[Usage]
    outages: QuerySet[Outage]
    readings: QuerySet[QualityReading]
    tickets: QuerySet[Ticket]
    given: QuerySet[Compensation, Any]
    findings: QuerySet[Finding]


def records_of(request: RefundRequest) -> Records:
    """Not asked yet."""
    service = request.service
    allocations = PaymentAllocation.objects.filter(service__contract=request.contract)
    findings = Finding.objects.filter(request=request.pk).select_related("by")
    return Records(
        allocations=allocations.select_related("payment", "balance").order_by(
            "payment__paid_at", "pk"
        ),
        agreed=_agreed(request),
        fees=service.fees.order_by("pk"),
        items=service.items.order_by("pk"),
        usage=Usage.objects.filter(service=service),
        outages=service.outages.select_related("verified_by"),
        readings=service.readings.all(),
        tickets=Ticket.objects.filter(service=service),
        given=_given(request),
        findings=findings if request.pk else findings.none(),
    )


def gather(
    request: RefundRequest, *, at: datetime, records: Records | None = None
) -> policy_facts.Facts:
    """The facts of one service at one moment; a fixed number of queries."""
    if records is None:
        records = records_of(request)
        ask_together(*records)
    service, contract = request.service, request.contract
    allocations, promised = _by_service(records), _promised(records)
    return policy_facts.Facts(
        product_line=contract.product_line,
        ground=request.ground,
        requested_at=request.submitted_at or at,
        currency=contract.currency,
        time_zone=contract.time_zone,
        customer=contract.customer.kind,
        keep_service=request.keep_service,
        contract=_contract(contract, allocations, promised),
        service=_service(service, records),
        payments=_payments(allocations[service.pk], promised[service.pk]),
        fees=tuple(
            policy_facts.Fee(fee.name, fee.amount, fee.refundable)
            for fee in records.fees
        ),
        usage=_usage(records),
        outages=_outages(service, records),
        readings=_readings(service, records),
        tickets=tuple(
            policy_facts.Ticket(ticket.opened_at, ticket.resolved_at)
            for ticket in records.tickets
        ),
        compensated=_together(records.given),
        findings=_findings(records),
    )


def given_before(request: RefundRequest) -> policy_facts.Compensated:
    """For what other requests about this service gave, or hold out, something."""
    return _together(_given(request))


def _together(given: QuerySet[Compensation, Any]) -> policy_facts.Compensated:
    return together(plain.load(policy_facts.Compensated, found) for found in given)


def _given(request: RefundRequest) -> QuerySet[Compensation, Any]:
    rows = Compensation.objects.standing().filter(service=request.service)
    others = rows.exclude(request=request.pk).order_by("pk")
    return others.values_list("given", flat=True)


def _by_service(records: Records) -> dict[int, list[PaymentAllocation]]:
    by_service: dict[int, list[PaymentAllocation]] = defaultdict(list)
    for row in records.allocations:
        by_service[row.service_id].append(row)
    return by_service


def _agreed(request: RefundRequest) -> QuerySet[RefundRequest, Any]:
    holding = ~Q(payout__legs__state__in=MOVED_NOTHING)
    agreed = (
        RefundRequest.objects.filter(contract=request.contract_id, state__in=UNDER_WAY)
        .exclude(pk=request.pk)
        .annotate(held=Sum("payout__legs__amount", filter=holding))
    )
    return agreed.values_list("service", "agreed_amount", "held")


def _promised(records: Records) -> Counter[int]:
    """By service: what others were agreed on that is not reserved yet, or not any more.

    Money under way is gone, also before its payout is released.
    """
    promised: Counter[int] = Counter()
    for service, amount, held in records.agreed:
        promised[service] += (amount or 0) - (held or 0)
    return promised


def _payments(
    allocations: list[PaymentAllocation], promised: int
) -> tuple[policy_facts.Payment, ...]:
    """What is promised will be taken from the newest payment first."""
    payments = []
    for allocation in reversed(allocations):
        gone = _gone(allocation)
        more = max(min(promised, allocation.amount - gone), 0)
        promised -= more
        payments.append(
            policy_facts.Payment(
                amount=allocation.amount,
                paid_at=allocation.payment.paid_at,
                refunded=gone + more,
            )
        )
    return tuple(reversed(payments))


def _gone(allocation: PaymentAllocation) -> int:
    return allocation.balance.gone if hasattr(allocation, "balance") else 0


def _contract(
    contract: Contract,
    allocations: dict[int, list[PaymentAllocation]],
    promised: Counter[int],
) -> policy_facts.Contract:
    every = [row for rows in allocations.values() for row in rows]
    refunded = sum(_gone(row) for row in every) + promised.total()
    return policy_facts.Contract(
        signed_on=contract.signed_on,
        effective_on=contract.effective_on,
        minimum_commitment=contract.minimum_commitment,
        refund_cap=contract.refund_cap,
        refunded=refunded,
        net_paid=sum(row.amount for row in every) - refunded,
    )


def _service(service: Service, records: Records) -> policy_facts.Service:
    return policy_facts.Service(
        billing=service.billing,
        activated_at=service.activated_at,
        ends_on=service.ends_on,
        course_started_at=service.course_started_at,
        delivery_due_on=service.delivery_due_on,
        items=tuple(policy_facts.Item(item.name, item.value) for item in records.items),
        promised={
            metric: Fraction(str(level)) for metric, level in service.promised.items()
        },
    )


def _usage(records: Records) -> policy_facts.Usage:
    usage = next(iter(records.usage), None)
    if usage is None:
        return policy_facts.Usage()
    return policy_facts.Usage(
        share_used=Fraction(usage.share_used) if usage.share_used else None,
        lessons_total=usage.lessons_total,
        lessons_used=usage.lessons_used,
        ordered=usage.ordered,
        delivered=usage.delivered,
        consumed=usage.consumed,
    )


def _within_life(
    service: Service, began: datetime, ended: datetime | None
) -> tuple[datetime, datetime | None] | None:
    """Cut off where the service was ended; None where it began after that."""
    if service.ended_at is None:
        return began, ended
    if began >= service.ended_at:
        return None
    return began, min(ended or service.ended_at, service.ended_at)


def _outages(service: Service, records: Records) -> tuple[policy_facts.Outage, ...]:
    return tuple(
        _outage(outage, *life)
        for outage in records.outages
        if (life := _within_life(service, outage.began_at, outage.ended_at))
    )


def _readings(service: Service, records: Records) -> tuple[policy_facts.Reading, ...]:
    return tuple(
        policy_facts.Reading(
            metric=reading.metric,
            began_at=life[0],
            ended_at=life[1],
            measured=Fraction(reading.measured),
            promised=Fraction(reading.promised),
            accepted=reading.accepted,
        )
        for reading in records.readings
        if (life := _within_life(service, reading.period_from, reading.period_to))
    )


def _outage(
    outage: Outage, began: datetime, ended: datetime | None
) -> policy_facts.Outage:
    return policy_facts.Outage(
        began_at=began,
        ended_at=ended,
        cause=outage.cause,
        extent=outage.extent,
        verified=outage.verified_by_id is not None,
        business_affected=outage.business_affected,
    )


def _findings(records: Records) -> policy_facts.Findings:
    found: dict[str, list[str]] = defaultdict(list)
    for finding in records.findings:
        found[finding.kind].append(finding.item)
    return policy_facts.Findings(
        gap_confirmed_by_both=Finding.Kind.GAP_CONFIRMED in found,
        defect_verified=Finding.Kind.DEFECT_VERIFIED in found,
        customer_fault=Finding.Kind.CUSTOMER_FAULT in found,
        undelivered_items=tuple(found[Finding.Kind.ITEM_UNDELIVERED]),
    )
