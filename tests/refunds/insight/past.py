"""A past to try policies on: decided requests by the row, on facts in one line."""

from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from accounts.models import User
from refunds.insight.figures import Outcome
from refunds.judging import Judgement, keep
from refunds.models import Assessment, Policy, PolicyVersion, RefundRequest
from refunds.policies.applying import rules_of
from refunds.policies.versions import begin_draft
from refunds.policy.assess import assess
from refunds.policy.facts import Facts
from refunds.policy.rules import Clause, Rule
from refunds.states import State
from tests.conftest import NOW
from tests.factories import ContractFactory, ServiceFactory, UserFactory
from tests.refunds.policy.situations import CHINA

NUMBERS = count(1)


def decided(
    facts: Facts,
    *clauses: Clause,
    at: datetime,
    state: str = State.REFUNDED,
    **made: str,
) -> RefundRequest:
    """A request with the assessment that the published policy gave it."""
    contract = ContractFactory.create(product_line=facts.product_line)
    service = ServiceFactory.create(contract=contract, billing=facts.service.billing)
    request: RefundRequest = RefundRequest.objects.create(
        number=f"RF-2026-{next(NUMBERS):06d}",
        customer=contract.customer,
        contract=contract,
        service=service,
        ground=facts.ground,
        amount_asked=1_00,
        currency=facts.currency,
        state=state,
        filed_by=UserFactory.create(),
        submitted_at=facts.requested_at,
        event_count=1,
        **made,
    )
    assessed(request, facts, *clauses, at=at)
    return request


def assessed(
    request: RefundRequest, facts: Facts, *clauses: Clause, at: datetime
) -> Assessment:
    policy = Policy.objects.get(product_line=facts.product_line)
    version = policy.versions.get(version=1)
    rules = rules_of(version)
    answer = assess(facts, rules=rules, clauses=clauses, calendar=CHINA)
    judgement = Judgement(str(version), facts, rules, clauses, CHINA, answer)
    return keep(request, judgement, at=at)


def draft_of(product_line: str, by: User, **changes: Any) -> PolicyVersion:
    """The published rules with these changes, but for those that are negotiated."""
    policy = Policy.objects.get(product_line=product_line)
    published = rules_of(policy.versions.get(version=1))
    changed = [
        rule if rule.formula == "negotiated" else replace(rule, **changes)
        for rule in published
    ]
    return begin_draft(policy, by=by, at=NOW, rules=changed)


def outcome(row: Assessment, rules: tuple[Rule, ...]) -> Outcome:
    """The plain way, that a backtest is compared with."""
    answer = assess(
        Facts.from_dict(row.facts),
        rules=rules,
        clauses=[Clause(**clause) for clause in row.clauses],
        calendar=CHINA,
    )
    return Outcome(
        answer.rule or "", answer.denied or "", answer.amount, answer.ceiling
    )
