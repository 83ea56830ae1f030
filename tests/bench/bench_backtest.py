"""A backtest of 100 000 decided requests, against the engine alone on the same facts.

Every request keeps working days of its own range, so that none is read from a cache.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from statistics import median

from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from accounts.models import Contract, Customer, Role, Service, User
from refunds.insight import backtest
from refunds.insight.decided import batch
from refunds.insight.kept import clauses_of, facts_of, working_days_of
from refunds.judging import CALENDAR_AFTER, CALENDAR_BEFORE
from refunds.management.commands.assess import mainland_china
from refunds.models import Assessment, Policy, PolicyVersion, RefundRequest
from refunds.policies.applying import rules_of
from refunds.policies.defaults import load_default_policies
from refunds.policies.versions import begin_draft
from refunds.policy import plain
from refunds.policy.assess import assess
from refunds.policy.calendar import WorkingDays
from refunds.policy.cases import read_case
from refunds.policy.clauses import Clause
from refunds.policy.facts import Facts
from refunds.policy.rule import Rule
from refunds.policy.rules import load_defaults
from refunds.states import State
from tests.factories import UserFactory
from tests.refunds.policy.oracle.situations import invent

REQUESTS, INVENTED, RUNS = 100_000, 5_000, 3
AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
ALLOWED = 3.0
COPIES = """
INSERT INTO refunds_assessment (request_id, at, policy, rule, denied, amount, ceiling,
    facts, rules, clauses, working_days, answer, terms)
SELECT r.id, a.at, a.policy, a.rule, a.denied, a.amount, a.ceiling,
    a.facts, a.rules, a.clauses,
    jsonb_set(a.working_days, '{first}', to_jsonb(
        to_char((a.working_days->>'first')::date - (r.id / %(invented)s)::int,
                'YYYY-MM-DD'))),
    a.answer, a.terms
FROM refunds_assessment a JOIN refunds_refundrequest r
    ON r.id %% %(invented)s = a.request_id %% %(invented)s AND r.id <> a.request_id
"""


def figures() -> list[dict[str, object]]:
    _seed()
    drafts = _drafts()
    ours, bare = [], []
    for _run in range(RUNS):
        bare.append(_bare_loop(drafts))
        ours.append(_backtests(drafts))
    seconds, reference = median(ours), median(bare)
    return [
        {
            "what": f"backtest of {REQUESTS:,} decided requests, all product lines",
            "ours_seconds": seconds,
            "reference": "the engine in a bare loop, the same facts in memory",
            "reference_seconds": reference,
            "ratio": seconds / reference,
            "target": f"<= {ALLOWED:g} x",
            "reached": seconds / reference <= ALLOWED,
        }
    ]


Drafts = dict[str, PolicyVersion]


def _backtests(drafts: Drafts) -> float:
    started = time.perf_counter()
    editor = User.objects.get(email="editor@example.test")
    for draft in drafts.values():
        backtest.begin(draft, by=editor, at=AT)
    while backtest.run_waiting(clock=timezone.now):
        pass
    return time.perf_counter() - started


def _bare_loop(drafts: Drafts) -> float:
    """The engine's seconds alone; what it needs is read outside of them."""
    seconds = 0.0
    for line, draft in drafts.items():
        rules = rules_of(draft)
        for loaded in _loaded(line):
            started = time.perf_counter()
            for facts, clauses, days in loaded:
                assess(facts, rules=rules, clauses=clauses, calendar=days)
            seconds += time.perf_counter() - started
    return seconds


def _loaded(line: str) -> Iterator[list[tuple[Facts, tuple[Clause, ...], WorkingDays]]]:
    position = 0
    while found := batch(line, after=position):
        yield [
            (facts_of(r.facts), clauses_of(r.clauses), working_days_of(r.working_days))
            for r in found.rows
        ]
        position = found.position


def _seed() -> None:
    load_default_policies(at=AT)
    invented = [read_case(invent(number)) for number in range(INVENTED)]
    customer = Customer.objects.create(name="Bench")
    services = {
        line: Service.objects.create(
            contract=Contract.objects.create(
                number=line,
                customer=customer,
                product_line=line,
                signed_on=date(2026, 1, 5),
                effective_on=date(2026, 1, 5),
            ),
            name=line,
            billing="term",
        )
        for line in load_defaults()
    }
    filer = UserFactory.create()
    requests = RefundRequest.objects.bulk_create(
        (
            _request(n, invented[n % INVENTED][0], services, filer)
            for n in range(REQUESTS)
        ),
        batch_size=2_000,
    )
    Assessment.objects.bulk_create(
        (
            _assessment(request, *case)
            for request, case in zip(requests, invented, strict=False)
        ),
        batch_size=500,
    )
    with connection.cursor() as cursor:
        cursor.execute(COPIES, {"invented": INVENTED})
        cursor.execute("ANALYZE")


def _request(
    number: int, facts: Facts, services: dict[str, Service], filer: User
) -> RefundRequest:
    service = services[facts.product_line]
    return RefundRequest(
        number=f"RF-2026-{number:06d}",
        customer_id=service.contract.customer_id,
        contract_id=service.contract_id,
        service=service,
        ground=facts.ground,
        amount_asked=100_00,
        currency=facts.currency,
        state=State.REFUNDED,
        filed_by=filer,
        submitted_at=facts.requested_at,
        event_count=1,
    )


def _assessment(
    request: RefundRequest, facts: Facts, clauses: tuple[Clause, ...]
) -> Assessment:
    rules = load_defaults()[facts.product_line]
    asked = facts.requested_at.date()
    first = min(asked, facts.contract.signed_on) - CALENDAR_BEFORE
    days = mainland_china().excerpt(first, asked + CALENDAR_AFTER)
    answer = assess(facts, rules=rules, clauses=clauses, calendar=days)
    return Assessment(
        request=request,
        at=facts.requested_at,
        policy=f"{facts.product_line} 1",
        rule=answer.rule or "",
        denied=answer.denied or "",
        amount=answer.amount,
        ceiling=answer.ceiling,
        facts=facts.as_dict(),
        rules=[rule.as_dict() for rule in rules],
        clauses=[plain.dump(clause) for clause in clauses],
        working_days=days.as_dict(),
        answer=answer.as_dict(),
        terms={},
    )


def _drafts() -> Drafts:
    """Windows three units longer; where we are at fault, nine tenths of the amount."""
    editor = UserFactory.create(email="editor@example.test", is_staff=True)
    editor.groups.set(Group.objects.filter(name=Role.POLICY_EDITOR))
    return {
        policy.product_line: begin_draft(
            policy,
            by=editor,
            at=AT,
            rules=map(_changed, load_defaults()[policy.product_line]),
        )
        for policy in Policy.objects.all()
    }


def _changed(rule: Rule) -> Rule:
    window = rule.window and replace(rule.window, amount=rule.window.amount + 3)
    share = Fraction(9, 10) if rule.provider_at_fault else rule.share
    return replace(rule, window=window, share=share)
