"""What was sent stays as it was sent, also where another window still has the draft."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse

from refunds.errors import RefundError
from refunds.filing.drafts import delete_draft, draft_of, save_draft
from refunds.filing.evidence import add_evidence, remove_evidence
from refunds.filing.submit import submit
from refunds.models import Ground, RefundRequest
from tests.conftest import NOW
from tests.people import Case, make_case, make_people, picture
from tests.refunds.pages.visits import visitor
from tests.refunds.together import queued_while


def test_an_autosave_that_comes_late_changes_nothing_that_was_sent(case: Case) -> None:
    owner = case.people.owner
    in_another_window = draft_of(owner, case.draft(amount=10_000_00).pk)
    submit(case.request, by=owner, at=case.at)
    in_another_window.ground = Ground.OUTAGE
    in_another_window.amount_asked = 1_00
    in_another_window.keep_service = True
    with suppress(RefundError):
        save_draft(in_another_window)
    sent = RefundRequest.objects.get(pk=in_another_window.pk)
    kept = sent.ground, sent.amount_asked, sent.keep_service
    assert kept == (Ground.UNAVAILABLE, 10_000_00, False)


@pytest.mark.database_rules
@pytest.mark.parametrize(
    "changed",
    [
        {"ground": "quality"},
        {"amount_asked": 1},
        {"keep_service": True},
        {"submitted_at": None},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_the_database_keeps_what_was_asked_for(
    case: Case, changed: dict[str, object]
) -> None:
    sent = case.submitted()
    if "submitted_at" in changed:
        changed = {"submitted_at": case.at - timedelta(days=30)}
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundRequest.objects.filter(pk=sent.pk).update(**changed)


def test_what_comes_after_the_sending_is_refused_in_words(case: Case) -> None:
    owner = case.people.owner
    draft = draft_of(owner, case.draft().pk)
    [paper] = draft.evidence.all()
    submit(case.request, by=owner, at=case.at)
    with pytest.raises(RefundError):
        add_evidence(
            draft, content=picture(), name="b.jpg", kind="other", by=owner, at=case.at
        )
    with pytest.raises(RefundError):
        remove_evidence(paper, by=owner)
    with pytest.raises(RefundError):
        delete_draft(draft, by=owner)


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize(
    ("address", "status"),
    [("", 302), ("autosave/", 409), ("delete/", 302)],
    ids=["save", "autosave", "delete"],
)
def test_a_press_while_another_window_sends_it_leads_to_what_was_sent(
    address: str, status: int
) -> None:
    case = make_case(make_people(), at=NOW)
    draft, owner = case.draft(), case.people.owner
    client = visitor(owner)
    [answer] = queued_while(
        lambda: submit(draft, by=owner, at=NOW),
        lambda: client.post(f"/drafts/{draft.pk}/{address}", {"ground": "outage"}),
    )
    assert isinstance(answer, HttpResponse)
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"] == f"/requests/{case.request.number}/"
    assert case.request.ground == Ground.UNAVAILABLE
