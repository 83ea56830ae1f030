"""From the database to the policy's facts; and keeping each answer for ever."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from django.db.models import Prefetch

from accounts.models import Contract, Outage, PaymentAllocation, Service, Usage
from refunds.clock.calendars import working_days
from refunds.models import (
    AllocationBalance,
    Assessment,
    Finding,
    PolicyRule,
    PolicyVersion,
    RefundRequest,
    Ticket,
)
from refunds.policy import facts as policy_facts
from refunds.policy import plain
from refunds.policy.assess import Assessment as Answer
from refunds.policy.assess import assess
from refunds.policy.calendar import WorkingDays
from refunds.policy.clauses import Clause
from refunds.policy.rule import Rule

# How far around a request the stored calendar reaches; windows are far shorter.
CALENDAR_BEFORE, CALENDAR_AFTER = timedelta(days=800), timedelta(days=120)


@dataclass(frozen=True)
class Judgement:
    """An answer together with all it rests on, so that it recomputes for ever."""

    policy: str
    facts: policy_facts.Facts
    rules: tuple[Rule, ...]
    clauses: tuple[Clause, ...]
    calendar: WorkingDays
    answer: Answer

    @property
    def decisive_rule(self) -> Rule:
        """The rule that wins, else the first that answers the ground, else the first:
        its days and evidence kinds apply."""
        by_code = {rule.code: rule for rule in self.rules}
        if self.answer.rule:
            return by_code[self.answer.rule]
        answering = (r for r in self.rules if self.facts.ground in r.grounds)
        return next(answering, self.rules[0])

    @property
    def most(self) -> int:
        """The most that could go back, in minor units: the amount or the ceiling."""
        if self.answer.amount is not None:
            return self.answer.amount
        return self.answer.ceiling or 0


def judge(request: RefundRequest, *, at: datetime) -> Judgement:
    """Applies the contract's policy to a request, saved or not, as of `at`."""
    contract = request.contract
    version = version_for(contract)
    rules = tuple(
        Rule.from_dict(rule.body)
        for rule in PolicyRule.objects.filter(version=version).order_by("position")
    )
    clauses = tuple(
        Clause(
            rule=clause.rule,
            field=clause.field,
            value=clause.value,
            wording=clause.wording,
        )
        for clause in contract.clauses.order_by("pk")
    )
    calendar = working_days(
        country=contract.calendar, time_zone=contract.time_zone
    ).excerpt((at - CALENDAR_BEFORE).date(), (at + CALENDAR_AFTER).date())
    facts = gather(request, at=at)
    answer = assess(facts, rules=rules, clauses=clauses, calendar=calendar)
    return Judgement(str(version), facts, rules, clauses, calendar, answer)


def grounds_answered(contract: Contract) -> set[str]:
    """The grounds that some rule of the contract's policy answers."""
    rules = PolicyRule.objects.filter(version=version_for(contract))
    return {
        ground
        for body in rules.values_list("body", flat=True)
        for ground in body["grounds"]
    }


def version_for(contract: Contract) -> PolicyVersion:
    """The pinned version, else the one in force on the day of signing; for a contract
    that is older than every policy, the first."""
    published = PolicyVersion.objects.filter(
        product_line=contract.product_line, published_at__isnull=False
    )
    if contract.policy_version:
        return published.get(version=contract.policy_version)
    in_force = published.filter(in_force_from__lte=contract.signed_on)
    if in_force.exists():
        return in_force.latest("in_force_from", "version")
    return published.earliest("in_force_from", "version")


def keep(request: RefundRequest, judgement: Judgement, *, at: datetime) -> Assessment:
    """Stores the answer with its facts, rules, clauses and working days."""
    answer, rule = judgement.answer, judgement.decisive_rule
    return Assessment.objects.create(
        request=request,
        at=at,
        policy=judgement.policy,
        rule=answer.rule or "",
        denied=answer.denied or "",
        amount=answer.amount,
        ceiling=answer.ceiling,
        facts=judgement.facts.as_dict(),
        rules=[rule.as_dict() for rule in judgement.rules],
        clauses=[plain.dump(clause) for clause in judgement.clauses],
        working_days=judgement.calendar.as_dict(),
        answer=answer.as_dict(),
        terms={
            "review_days": [rule.review.warn, rule.review.due],
            "evaluation_days": [rule.evaluation.warn, rule.evaluation.due],
            "payout_days": [rule.payout.warn, rule.payout.due],
        },
    )


def recompute(assessment: Assessment) -> Answer:
    """The same engine on what was stored; it must give what was answered."""
    return assess(
        policy_facts.Facts.from_dict(assessment.facts),
        rules=tuple(Rule.from_dict(rule) for rule in assessment.rules),
        clauses=tuple(plain.load(Clause, clause) for clause in assessment.clauses),
        calendar=WorkingDays.from_dict(assessment.working_days),
    )


def gather(request: RefundRequest, *, at: datetime) -> policy_facts.Facts:
    """The facts of one service at one moment; a fixed number of queries."""
    service, contract = request.service, request.contract
    allocations = _allocations(contract)
    return policy_facts.Facts(
        product_line=contract.product_line,
        ground=request.ground,
        requested_at=request.submitted_at or at,
        currency=contract.currency,
        time_zone=contract.time_zone,
        customer=contract.customer.kind,
        keep_service=request.keep_service,
        contract=_contract(contract, allocations),
        service=_service(service),
        payments=tuple(
            policy_facts.Payment(
                amount=allocation.amount,
                paid_at=allocation.payment.paid_at,
                refunded=_gone(allocation),
            )
            for allocation in allocations[service.pk]
        ),
        fees=tuple(
            policy_facts.Fee(fee.name, fee.amount, fee.refundable)
            for fee in service.fees.order_by("pk")
        ),
        usage=_usage(service),
        outages=tuple(_outage(outage) for outage in service.outages.all()),
        readings=tuple(
            policy_facts.Reading(
                metric=reading.metric,
                began_at=reading.period_from,
                ended_at=reading.period_to,
                measured=Fraction(reading.measured),
                promised=Fraction(reading.promised),
                accepted=reading.accepted,
            )
            for reading in service.readings.all()
        ),
        tickets=tuple(
            policy_facts.Ticket(ticket.opened_at, ticket.resolved_at)
            for ticket in Ticket.objects.filter(service=service)
        ),
        findings=_findings(request),
    )


def _allocations(contract: Contract) -> dict[int, list[PaymentAllocation]]:
    rows = (
        PaymentAllocation.objects.filter(service__contract=contract)
        .select_related("payment")
        .prefetch_related(Prefetch("balance", AllocationBalance.objects.all()))
        .order_by("payment__paid_at", "pk")
    )
    by_service: dict[int, list[PaymentAllocation]] = defaultdict(list)
    for row in rows:
        by_service[row.service_id].append(row)
    return by_service


def _gone(allocation: PaymentAllocation) -> int:
    return allocation.balance.gone if hasattr(allocation, "balance") else 0


def _contract(
    contract: Contract, allocations: dict[int, list[PaymentAllocation]]
) -> policy_facts.Contract:
    every = [row for rows in allocations.values() for row in rows]
    refunded = sum(_gone(row) for row in every)
    return policy_facts.Contract(
        signed_on=contract.signed_on,
        effective_on=contract.effective_on,
        minimum_commitment=contract.minimum_commitment,
        refund_cap=contract.refund_cap,
        refunded=refunded,
        net_paid=sum(row.amount for row in every) - refunded,
    )


def _service(service: Service) -> policy_facts.Service:
    return policy_facts.Service(
        billing=service.billing,
        activated_at=service.activated_at,
        ends_on=service.ends_on,
        course_started_at=service.course_started_at,
        delivery_due_on=service.delivery_due_on,
        items=tuple(
            policy_facts.Item(item.name, item.value)
            for item in service.items.order_by("pk")
        ),
        promised={
            metric: Fraction(str(level)) for metric, level in service.promised.items()
        },
    )


def _usage(service: Service) -> policy_facts.Usage:
    usage = Usage.objects.filter(service=service).first()
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


def _outage(outage: Outage) -> policy_facts.Outage:
    return policy_facts.Outage(
        began_at=outage.began_at,
        ended_at=outage.ended_at,
        cause=outage.cause,
        extent=outage.extent,
        verified=outage.verified_by_id is not None,
        business_affected=outage.business_affected,
    )


def _findings(request: RefundRequest) -> policy_facts.Findings:
    if request.pk is None:
        return policy_facts.Findings()
    found: dict[str, list[str]] = defaultdict(list)
    for kind, item in Finding.objects.filter(request=request).values_list(
        "kind", "item"
    ):
        found[kind].append(item)
    return policy_facts.Findings(
        gap_confirmed_by_both=Finding.Kind.GAP_CONFIRMED in found,
        defect_verified=Finding.Kind.DEFECT_VERIFIED in found,
        customer_fault=Finding.Kind.CUSTOMER_FAULT in found,
        undelivered_items=tuple(found[Finding.Kind.ITEM_UNDELIVERED]),
    )
