"""Records that make no sense stop no page: each says what is wrong and who mends it."""

import pytest
from django.db.models import JSONField, Value

from accounts.models import Contract, ContractClause
from refunds.errors import NotAssessable
from refunds.filing.automatic import decide_waiting
from refunds.models import RefundRequest
from refunds.review.offer import offer
from tests.people import Case
from tests.refunds.pages.visits import reads, visitor

WAY_OUT = "An administrator can correct that; nothing is lost meanwhile."


def names_an_unpublished_version(case: Case) -> None:
    Contract.objects.filter(pk=case.service.contract_id).update(policy_version=7)


def has_a_clause_that_is_nonsense(case: Case) -> None:
    ContractClause.objects.create(
        contract=case.service.contract,
        rule="live.early_unavailable",
        field="window.amount",
        value=Value("many", JSONField()),
        wording="…",
    )


@pytest.mark.parametrize(
    "spoil", [names_an_unpublished_version, has_a_clause_that_is_nonsense]
)
@pytest.mark.django_db
def test_a_draft_and_a_case_say_why_they_cannot_be_assessed(
    case: Case, spoil: object
) -> None:
    request = case.in_evaluation()
    assert callable(spoil)
    spoil(case)
    page = reads(
        visitor(case.people.evaluator),
        f"/admin/refunds/refundrequest/{request.pk}/change/",
    )
    assert "can't be assessed" in page
    assert WAY_OUT in page
    with pytest.raises(NotAssessable, match="can't be assessed"):
        offer(request, by=case.people.evaluator, at=case.at, amount=1_00)


@pytest.mark.django_db
def test_a_half_written_draft_keeps_its_words(case: Case) -> None:
    draft = case.draft()
    names_an_unpublished_version(case)
    page = reads(visitor(case.people.owner), f"/drafts/{draft.pk}/")
    assert WAY_OUT in page
    assert "Nothing could be streamed for days." in page


@pytest.mark.django_db
def test_what_cannot_be_assessed_is_never_decided_by_itself(case: Case) -> None:
    request = case.submitted()
    RefundRequest.objects.filter(pk=request.pk).update(decides_itself=True)
    names_an_unpublished_version(case)
    assert decide_waiting(at=case.at) == 0
    assert case.request.state == "submitted"
