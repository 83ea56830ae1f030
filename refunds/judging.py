"""What a contract's policy says to a request; each answer kept with all it rests on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext

from refunds.clock.calendars import calendar_with, corrections_among, overrides_of
from refunds.errors import NotAssessable
from refunds.facts import gather, records_of
from refunds.models import (
    Assessment,
    Compensation,
    Offer,
    PolicyRule,
    PolicyVersion,
    RefundRequest,
)
from refunds.policies.applying import as_clauses, as_rules, published, version_among
from refunds.policy import plain
from refunds.policy.assess import Assessment as Answer
from refunds.policy.assess import assess
from refunds.policy.calendar import WorkingDays
from refunds.policy.clauses import Clause, apply_clauses
from refunds.policy.errors import FactsError, PolicyError
from refunds.policy.facts import Compensated, Facts
from refunds.policy.given import given
from refunds.policy.money import balance, cap_leaves, commitment_leaves
from refunds.policy.rule import Rule
from refunds.rows import ask_together

# How far around its facts the stored calendar reaches; what ends later is open.
CALENDAR_BEFORE, CALENDAR_AFTER = timedelta(days=60), timedelta(days=400)


@dataclass(frozen=True)
class Judgement:
    """An answer together with all it rests on, so that it recomputes for ever."""

    policy: str
    facts: Facts
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
        tried = self.answer.results
        answering = (by_code[r.code] for r in tried if r.answers_ground)
        return next(answering, self.rules[0])

    @property
    def limits(self) -> list[Fraction]:
        """What nothing that is given may exceed, also where the answer is no."""
        return limits(self.answer, self.facts, self.rules, self.clauses)

    @property
    def most(self) -> int:
        """The most that could go back, in minor units: the amount or the ceiling."""
        if self.answer.amount is not None:
            return self.answer.amount
        return self.answer.ceiling or 0


def limits(
    answer: Answer, facts: Facts, rules: Iterable[Rule], clauses: Iterable[Clause]
) -> list[Fraction]:
    """What nothing that is given may exceed, in minor units, whatever the answer; who
    is at fault, the contract says before the policy."""
    account, ledger = balance(facts), answer.ledger
    leaves, cap = ledger.commitment_leaves, ledger.cap_leaves
    if answer.rule is None:
        near = _nearest(answer, facts, rules, clauses)
        fault = near is not None and near.provider_at_fault
        leaves = commitment_leaves(facts, account, provider_at_fault=fault)
        cap = cap_leaves(facts, account)
    found = (account.remaining, leaves, cap)
    return [Fraction(limit) for limit in found if limit is not None]


def _nearest(
    answer: Answer, facts: Facts, rules: Iterable[Rule], clauses: Iterable[Clause]
) -> Rule | None:
    agreed = () if answer.overruled else clauses
    amended = apply_clauses(rules, agreed, currency=facts.currency)
    return next((rule for rule in amended if rule.code == answer.nearest), None)


class Basis:
    """The rows a judgement is made of, none asked yet: `first`, then the `rules` of the
    version that applies. A page that shows them too asks for both with its own."""

    def __init__(self, request: RefundRequest) -> None:
        contract = self.contract = request.contract
        self.records = records_of(request)
        self.versions = published([contract.product_line])
        self.clauses = contract.clauses.order_by("pk")
        self.overrides = overrides_of([contract.calendar])

    @property
    def first(self) -> tuple[QuerySet[Any], ...]:
        return *self.records, self.versions, self.clauses, self.overrides

    @cached_property
    def version(self) -> PolicyVersion:
        """Raises NotAssessable where none applies."""
        return version_among(self.versions, self.contract)

    @cached_property
    def rules(self) -> QuerySet[PolicyRule]:
        return PolicyRule.objects.filter(version=self.version)


def judge(
    request: RefundRequest, *, at: datetime, basis: Basis | None = None
) -> Judgement:
    """Applies the contract's policy to a request, saved or not, as of `at`.

    Raises NotAssessable where a record or a special agreement is nonsense.
    """
    if basis is None:
        basis = Basis(request)
        ask_together(*basis.first)
    version, rules = basis.version, as_rules(basis.rules)
    clauses = as_clauses(basis.clauses)
    try:
        facts = gather(request, at=at, records=basis.records)
        calendar = _calendar(basis, facts)
        answer = assess(facts, rules=rules, clauses=clauses, calendar=calendar)
    except (FactsError, PolicyError) as nonsense:
        reason = _why(nonsense)
        raise NotAssessable(contract=basis.contract.number, reason=reason) from None
    return Judgement(str(version), facts, rules, clauses, calendar, answer)


def _why(nonsense: FactsError | PolicyError) -> str:
    if isinstance(nonsense, PolicyError):
        sentence = nonsense.sentence
        return gettext(sentence.text) % sentence.values
    return f"{nonsense}."


def _calendar(basis: Basis, facts: Facts) -> WorkingDays:
    """From the first day that a window could begin on."""
    country, zone = basis.contract.calendar, basis.contract.time_zone
    corrections = corrections_among(basis.overrides, country)
    calendar = calendar_with(corrections, country=country, time_zone=zone)
    asked = facts.requested_at.date()
    service = facts.service
    began = [p.paid_at for p in facts.payments] + [o.began_at for o in facts.outages]
    began += [m for m in (service.activated_at, service.course_started_at) if m]
    days = [facts.contract.signed_on, facts.contract.effective_on, asked]
    days += [service.delivery_due_on] if service.delivery_due_on else []
    first = min(*days, *(moment.date() for moment in began))
    return calendar.excerpt(first - CALENDAR_BEFORE, asked + CALENDAR_AFTER)


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
    return _again(assessment, Facts.from_dict(assessment.facts))


def _kept(assessment: Assessment) -> tuple[tuple[Rule, ...], tuple[Clause, ...]]:
    rules = tuple(Rule.from_dict(rule) for rule in assessment.rules)
    clauses = (plain.load(Clause, clause) for clause in assessment.clauses)
    return rules, tuple(clauses)


def _again(assessment: Assessment, facts: Facts) -> Answer:
    rules, clauses = _kept(assessment)
    return assess(
        facts,
        rules=rules,
        clauses=clauses,
        calendar=WorkingDays.from_dict(assessment.working_days),
    )


def owed_still(request: RefundRequest, offer: Offer, *, at: datetime) -> bool:
    """Whether what was offered is owed, and there, after what others were given since;
    asked under the contract's lock, before money is promised on a kept answer."""
    assessment, fresh = offer.assessment, gather(request, at=at)
    kept = Facts.from_dict(assessment.facts)
    if not offer.amount and fresh.compensated != kept.compensated:
        return False  # An alternative alone is worth no sum that could be compared.
    facts = replace(
        kept,
        compensated=fresh.compensated,
        payments=fresh.payments,
        contract=fresh.contract,
    )
    answer = _again(assessment, facts)
    before = assessment.amount if assessment.ceiling is None else assessment.ceiling
    now = answer.amount if answer.ceiling is None else answer.ceiling
    rules, clauses = _kept(assessment)
    there = all(
        limit >= offer.amount for limit in limits(answer, facts, rules, clauses)
    )
    return there and (now or 0) >= min(before or 0, offer.amount)


def goes_on(request: RefundRequest, offer: Offer) -> None:
    """Whoever takes the alternative alone keeps the service: what comes after the
    request is not given."""
    kept, row = offer.assessment, Compensation.objects.get(request=request)
    rules, clauses = _kept(kept)
    found = given(
        replace(Facts.from_dict(kept.facts), keep_service=True),
        rules=rules,
        clauses=clauses,
        calendar=WorkingDays.from_dict(kept.working_days),
        answer=recompute(kept),
    )
    ended = plain.load(Compensated, row.given).rest
    row.given = plain.dump(replace(found, rest=ended))
    row.save(update_fields=["given"])


def hold_out(request: RefundRequest, judgement: Judgement, *, at: datetime) -> None:
    """Writes for what the request now gives something; replaces its earlier offer's."""
    found = given(
        judgement.facts,
        rules=judgement.rules,
        clauses=judgement.clauses,
        calendar=judgement.calendar,
        answer=judgement.answer,
    )
    Compensation.objects.update_or_create(
        request=request,
        defaults={"service": request.service, "given": plain.dump(found), "at": at},
    )
