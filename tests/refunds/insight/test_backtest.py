"""A draft tried on every decided request: what would change, to the cent."""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction

import pytest
from django.db.models import Max
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from refunds.errors import NotPermitted, RefundError
from refunds.insight import decided as reading
from refunds.insight.backtest import begin, cases_of, figures_of, run_waiting
from refunds.insight.decided import decided
from refunds.insight.figures import Outcome
from refunds.models import (
    Assessment,
    Backtest,
    BacktestChange,
    Event,
    PolicyRule,
    PolicyVersion,
)
from refunds.policies.applying import rules_of
from refunds.policies.versions import write_rule
from refunds.policy.rules import Clause
from refunds.review.approval import approve
from refunds.states import State
from tests.conftest import NOW
from tests.people import Case
from tests.refunds.insight import past
from tests.refunds.policy.situations import at, live, outage, paid, ticket

LINE = "live_streaming"
LONG = {"outages": (outage("2026-02-01 00:00", "2026-02-06 00:00"),)}


def run(version: PolicyVersion, *, by: User, now: datetime) -> Backtest:
    begun = begin(version, by=by, at=now)
    while run_waiting(clock=lambda: now):
        pass
    begun.refresh_from_db()
    return begun


def varied(now: datetime) -> None:
    """Paid, denied, negotiated-or-not, under several rules and in two currencies."""
    for currency in ("CNY", "USD"):
        for hours in ("03 00:00", "04 01:00", "06 12:00"):
            down = outage("2026-02-01 00:00", f"2026-02-{hours}")
            past.decided(live(outages=(down,), currency=currency), at=now)
    for asked in ("2026-01-06 12:00", "2026-01-12 23:00", "2026-01-14 09:00"):
        early = live(ground="mistake", requested_at=at(asked))
        service = replace(early.service, activated_at=None)
        past.decided(replace(early, service=service), at=now)
    begun = {"opened_at": at("2026-01-20 01:00")}
    past.decided(
        live(
            ground="unavailable",
            outages=(outage("2026-01-20 00:00", "2026-01-24 00:00"),),
            tickets=(replace(ticket("2026-01-20 01:00"), **begun),),
            requested_at=at("2026-01-28 12:00"),
        ),
        at=now,
    )


def test_it_says_what_a_plain_loop_says(editor: User, now: datetime) -> None:
    varied(now)
    draft = past.draft_of(LINE, editor, share=Fraction(1, 2))
    rules = rules_of(draft)
    expected = {}
    for row in Assessment.objects.all():
        before = Outcome(row.rule, row.denied, row.amount, row.ceiling)
        after = past.outcome(row, rules)
        if before != after:
            expected[row.request_id] = (before, after)
    assert 3 <= len(expected) < Assessment.objects.count()
    begun = run(draft, by=editor, now=now)
    assert begun.state == Backtest.State.DONE
    assert begun.done == begun.total == Assessment.objects.count()
    assert _changes(begun) == expected
    figures = figures_of(begun)
    assert sum(f.count for f in figures) == begun.total
    for figure in figures:
        rows = cases_of(begun, figure)
        assert rows.count() == (figure.count if figure.changed else 0)
        if figure.changed:
            assert figure.before_sum == sum(row.amount_before or 0 for row in rows)
            assert figure.after_sum == sum(row.amount_after or 0 for row in rows)
    assert {f.currency for f in figures} == {"CNY", "USD"}


def _changes(run: Backtest) -> dict[int, tuple[Outcome, Outcome]]:
    return {
        c.request_id: (
            Outcome(c.rule_before, c.denied_before, c.amount_before, c.ceiling_before),
            Outcome(c.rule_after, c.denied_after, c.amount_after, c.ceiling_after),
        )
        for c in BacktestChange.objects.filter(backtest=run)
    }


def test_the_published_rules_change_nothing(editor: User, now: datetime) -> None:
    varied(now)
    begun = run(past.draft_of(LINE, editor), by=editor, now=now)
    assert not BacktestChange.objects.exists()
    assert sum(f.count for f in figures_of(begun) if not f.changed) == begun.done > 0


def test_the_last_assessment_is_the_one_that_decided(
    editor: User, now: datetime
) -> None:
    request = past.decided(live(), at=now)
    past.assessed(request, live(**LONG), at=now)
    run(past.draft_of(LINE, editor, share=Fraction(1, 2)), by=editor, now=now)
    change = BacktestChange.objects.get()
    assert change.rule_before == change.rule_after == "live.long_outage"
    assert change.assessment_id == Assessment.objects.aggregate(m=Max("pk"))["m"]


def test_a_clause_on_what_the_draft_lacks_is_a_row_of_its_own(
    editor: User, now: datetime
) -> None:
    clause = Clause("live.long_outage", "conditions.outage_longer_than", 24)
    past.decided(live(**LONG), clause, at=now)
    past.decided(live(**LONG), at=now)
    draft = past.draft_of(LINE, editor)
    rule = next(r for r in rules_of(draft) if r.code == "live.long_outage")
    write_rule(draft, replace(rule, conditions=(), formula="full"), by=editor, at=NOW)
    begun = run(draft, by=editor, now=now)
    [problem] = [f for f in figures_of(begun) if f.problem]
    assert problem.count == 1
    assert problem.before_sum == 72_00
    assert "This rule has no conditions" in problem.problem
    assert cases_of(begun, problem).count() == 1
    assert sum(f.count for f in figures_of(begun)) == 2


@pytest.mark.parametrize(
    ("state", "made", "count"),
    [
        (State.SUBMITTED, {}, 0),
        (State.EVALUATION, {}, 0),
        (State.PENDING_APPROVAL, {}, 0),
        (State.OFFERED, {}, 1),
        (State.AGREED, {}, 1),
        (State.PAYOUT_BLOCKED, {}, 1),
        (State.FULFILLED, {}, 1),
        (State.REJECTED, {"rejection_code": "out_of_time"}, 1),
        (State.REJECTED, {"rejection_code": "duplicate"}, 0),
        (State.REJECTED_FINALLY, {"rejection_code": "not_proven"}, 1),
        (State.OFFERED, {"rejection_code": "duplicate"}, 1),
        (State.APPEALED, {"came_from": "offered"}, 0),
        (State.LAPSED, {"lapsed_from": "offered"}, 1),
        (State.LAPSED, {"lapsed_from": "awaiting_information"}, 0),
        (State.WITHDRAWN, {}, 0),
    ],
)
def test_what_is_decided(
    db: None, now: datetime, state: State, made: dict[str, str], count: int
) -> None:
    past.decided(live(), at=now, state=state, **made)
    assert decided(LINE).count() == count
    assert decided("online_course").count() == 0


def test_what_was_taken_back_after_an_offer_is_decided(db: None, now: datetime) -> None:
    request = past.decided(live(), at=now, state=State.WITHDRAWN)
    Event.objects.create(
        request=request,
        position=2,
        kind="withdraw",
        at=now,
        from_state=State.OFFERED,
        to_state=State.WITHDRAWN,
    )
    assert decided(LINE).count() == 1


def test_a_real_case_counts_once_it_is_offered(case: Case) -> None:
    request = case.pending_approval()
    assert not decided(LINE).exists()
    approve(request, by=case.people.approver, at=case.at)
    assert decided(LINE).get() == request


def test_only_a_policy_editor_begins_one(case: Case, editor: User) -> None:
    draft = past.draft_of(LINE, editor)
    for person in (case.people.superuser, case.people.evaluator, case.people.owner):
        with pytest.raises(NotPermitted):
            begin(draft, by=person, at=case.at)
    assert not Backtest.objects.exists()


def test_pressed_twice_it_is_one_run(editor: User, now: datetime) -> None:
    draft = past.draft_of(LINE, editor)
    first = begin(draft, by=editor, at=now)
    assert begin(draft, by=editor, at=now) == first
    rule = rules_of(draft)[0]
    write_rule(draft, replace(rule, share=Fraction(1, 3)), by=editor, at=NOW)
    assert begin(draft, by=editor, at=now) != first
    assert first.rules != Backtest.objects.latest("asked_at", "pk").rules


def test_rules_that_make_no_sense_are_refused(editor: User, now: datetime) -> None:
    draft = past.draft_of(LINE, editor)
    rule = PolicyRule.objects.filter(version=draft).first()
    assert rule is not None
    PolicyRule.objects.filter(pk=rule.pk).update(body=rule.body | {"grounds": []})
    with pytest.raises(RefundError, match="answers no ground"):
        begin(draft, by=editor, at=now)


def test_rules_that_can_no_longer_be_read_end_the_run(
    editor: User, now: datetime
) -> None:
    draft = past.draft_of(LINE, editor)
    begun = begin(draft, by=editor, at=now)
    Backtest.objects.update(rules=[{"code": "live.odd"}])
    assert run_waiting(clock=lambda: now)
    begun.refresh_from_db()
    assert begun.state == Backtest.State.FAILED
    assert "missing" in begun.failure
    assert not run_waiting(clock=lambda: now)


def test_a_batch_costs_the_same_with_many_requests(
    editor: User,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    draft = past.draft_of(LINE, editor, share=Fraction(1, 2))
    for amount in range(30):
        past.decided(live(payments=(paid(amount + 1),), **LONG), at=now)
    with django_assert_num_queries(3):
        assert len(reading.batch(LINE, after=0).rows) == 30  # type: ignore[union-attr]
        assert reading.batch(LINE, after=10**9) is None
    begin(draft, by=editor, at=now)
    with django_assert_num_queries(11):
        run_waiting(clock=lambda: now)
