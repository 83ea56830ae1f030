"""Beside the form: what the policy says, what is missing, what would help."""

from dataclasses import fields, replace

import pytest

from accounts.models import Outage
from refunds.filing.drafts import draft_for, save_draft
from refunds.filing.estimate import estimate
from refunds.models import Compensation, Evidence, Ground, RefundRequest
from refunds.policy.conditions import Condition
from refunds.policy.facts import Compensated, Findings
from refunds.policy.proof import SHOWS, would_help
from refunds.policy.rules import EVIDENCE_KINDS
from refunds.policy.wording import compensated
from tests.people import Case
from tests.refunds.pages.visits import reads, visitor
from tests.refunds.policy.situations import answer, live, package, span

pytestmark = pytest.mark.django_db


def blank(case: Case, *, ground: str) -> RefundRequest:
    draft = draft_for(case.service, by=case.people.owner)
    draft.ground = ground
    save_draft(draft)
    return draft


def test_every_condition_that_papers_can_show_names_kinds_that_there_are() -> None:
    assert set(SHOWS) <= set(Condition.kinds)
    assert {kind for kinds in SHOWS.values() for kind in kinds} <= set(EVIDENCE_KINDS)


def test_what_can_be_shown_is_asked_of_the_rule_that_speaks() -> None:
    unproven = answer(live(ground="outage"))
    assert unproven.denied == "not_proven"
    assert would_help(unproven) == ("monitoring_report", "fault_log")


def test_no_paper_helps_where_the_customer_caused_it() -> None:
    facts = replace(package(), findings=Findings(customer_fault=True))
    assert answer(facts).denied == "customer_fault"
    assert would_help(answer(facts)) == ()


def test_what_is_needed_to_send_is_not_named_once_more_as_helpful(case: Case) -> None:
    Outage.objects.all().delete()
    draft = blank(case, ground=Ground.UNAVAILABLE)
    found = estimate(draft, at=case.at)
    assert found is not None
    assert found.missing == [Evidence.Kind.FAULT_LOG]
    assert found.helpful == [Evidence.Kind.MONITORING_REPORT]


def test_without_a_reason_there_is_no_estimate(case: Case) -> None:
    assert estimate(blank(case, ground=""), at=case.at) is None


def test_the_form_says_what_would_help_and_whether_less_was_asked(case: Case) -> None:
    draft = case.draft(amount=100_00)
    client = visitor(case.people.owner)
    page = reads(client, f"/drafts/{draft.pk}/")
    assert "You ask for CNY 100.00, which is less: you get what you ask for." in page
    Outage.objects.all().delete()
    page = reads(client, f"/drafts/{draft.pk}/")
    assert "This would help: Monitoring report" in page


def test_the_form_says_what_was_compensated_before(case: Case) -> None:
    refund = case.offered()
    Compensation.objects.filter(request=refund).update(
        given={"spans": [], "months": [], "items": [], "units": 0, "rest": True}
    )
    draft = blank(case, ground=Ground.OUTAGE)
    page = reads(visitor(case.people.owner), f"/drafts/{draft.pk}/")
    assert "The unused rest of the service was given back before" in page


def test_every_part_of_what_was_given_is_told() -> None:
    whole = Compensated(
        spans=(span("2026-03-01 00:00", "2026-03-02 00:00"),),
        months=("2026-03",),
        items=("node",),
        units=3,
        lessons=2,
        rest=True,
        whole=True,
    )
    assert len(compensated(whole)) == len(fields(Compensated))
    assert compensated(Compensated()) == []
