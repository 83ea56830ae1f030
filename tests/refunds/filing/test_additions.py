"""Evidence after a request was sent: who adds it, while what lasts; all or nothing."""

from datetime import timedelta
from functools import partial
from hashlib import sha256

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, transaction

from accounts.models import Membership, Role, User
from refunds.errors import NotAllowedAnyMore, NotPermitted, RefundError
from refunds.filing.additions import (
    MOST_FILES_OF_A_SIDE,
    OPEN_TO_CUSTOMER,
    add_to,
    why_not_add,
)
from refunds.filing.evidence import Paper, look_at
from refunds.models import Evidence, RefundRequest
from refunds.record.verify import find_breaks
from tests.factories import UserFactory
from tests.people import Case, People, make_case, make_people
from tests.refunds.filing import papers
from tests.refunds.pages import states
from tests.refunds.pages.visits import Disk
from tests.refunds.together import queued_behind


def paper(number: int = 1, name: str = "") -> Paper:
    """Each number is another file."""
    return look_at(papers.pdf() + b"%d" % number, name=name or f"log{number}.pdf")


def adds(case: Case, *given: Paper, by: User) -> list[Evidence]:
    at = case.at + timedelta(minutes=5)
    kind = Evidence.Kind.FAULT_LOG
    return add_to(case.request, given or [paper()], kind=kind, by=by, at=at)


def test_what_is_added_is_frozen_at_once_and_on_record(case: Case) -> None:
    case.submitted()
    (added,) = adds(case, paper(1, "night.pdf"), by=case.people.member)
    content = papers.pdf() + b"1"
    kept = Evidence.objects.get(pk=added.pk)
    assert kept.frozen_at == case.at + timedelta(minutes=5)
    assert kept.sha256 == sha256(content).hexdigest()
    with kept.file.open("rb") as file:
        assert file.read() == content
    event = case.request.events.get(kind="evidence_added")
    assert (event.actor, event.at) == (case.people.member, kept.frozen_at)
    assert event.data == {
        "name": "night.pdf",
        "sha256": kept.sha256,
        "kind": "fault_log",
    }
    assert list(find_breaks()) == []


@pytest.mark.database_rules
def test_what_is_added_can_neither_be_changed_nor_taken_away(case: Case) -> None:
    case.submitted()
    (added,) = adds(case, by=case.people.owner)
    rows = Evidence.objects.filter(pk=added.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(sha256="0" * 64)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    rows.update(verdict="verified")


@pytest.mark.parametrize("state", states.REACHES)
def test_the_customer_adds_while_it_can_change_the_answer(
    case: Case, state: str, disk: Disk
) -> None:
    request = states.REACHES[state](case)
    before = disk()
    if state in OPEN_TO_CUSTOMER:
        assert why_not_add(request, by=case.people.member) is None
        adds(case, by=case.people.member)
        assert len(disk() - before) == 1
    else:
        assert why_not_add(request, by=case.people.member) is not None
        with pytest.raises(NotAllowedAnyMore):
            adds(case, by=case.people.member)
        assert disk() == before


@pytest.mark.parametrize(
    ("state", "open_"),
    [("pending_approval", True), ("agreed", True), ("withdrawn", False)],
)
def test_the_staff_add_until_it_has_ended(
    case: Case, state: str, *, open_: bool
) -> None:
    states.REACHES[state](case)
    if open_:
        assert adds(case, by=case.people.finance)
    else:
        with pytest.raises(NotAllowedAnyMore):
            adds(case, by=case.people.finance)


@pytest.mark.parametrize(
    "who",
    ["first_line", "evaluator", "approver", "finance", "account_manager"],
)
def test_these_of_the_staff_add(case: Case, who: str) -> None:
    case.submitted()
    user = getattr(case.people, who)
    adds(case, by=user)
    assert case.request.evidence.last().added_by == user  # type: ignore[union-attr]


@pytest.mark.parametrize("who", ["stranger", "auditor", "superuser", "lead"])
def test_these_add_nothing(case: Case, who: str, disk: Disk) -> None:
    case.submitted()
    before = disk()
    user = getattr(case.people, who)
    assert why_not_add(case.request, by=user) is not None
    with pytest.raises(NotPermitted):
        adds(case, by=user)
    assert disk() == before
    assert case.request.evidence.count() == 1


def test_another_account_manager_adds_nothing(case: Case) -> None:
    case.submitted()
    other: User = UserFactory.create(is_staff=True)
    other.groups.add(Group.objects.get(name=Role.ACCOUNT_MANAGER))
    with pytest.raises(NotPermitted):
        adds(case, by=other)


def test_staff_who_belong_to_the_customer_count_as_the_customer(case: Case) -> None:
    states.REACHES["agreed"](case)
    Membership.objects.create(customer=case.people.customer, user=case.people.finance)
    with pytest.raises(NotAllowedAnyMore):
        adds(case, by=case.people.finance)


def test_the_same_bytes_are_taken_once_whoever_brings_them(
    case: Case, disk: Disk
) -> None:
    case.submitted()
    adds(case, paper(1), by=case.people.owner)
    before, events = disk(), case.request.event_count
    with pytest.raises(RefundError, match=r"“b\.pdf” is among the evidence") as refusal:
        adds(case, paper(2), paper(1, "b.pdf"), by=case.people.evaluator)
    assert refusal.value.field == "papers"
    assert disk() == before, "not the good one either"
    assert case.request.event_count == events
    assert case.request.evidence.count() == 2


def test_each_side_adds_so_many_files_and_no_more(case: Case, disk: Disk) -> None:
    case.submitted()
    room = MOST_FILES_OF_A_SIDE - 1  # One came with the request.
    adds(case, *map(paper, range(room)), by=case.people.owner)
    before = disk()
    with pytest.raises(RefundError, match=r"“late\.pdf” is one too many") as refusal:
        adds(case, paper(100, "late.pdf"), by=case.people.member)
    assert refusal.value.field == "papers"
    assert disk() == before
    adds(case, paper(101), by=case.people.evaluator)


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_two_clicks_at_once_keep_one_file(now: object) -> None:
    people: People = make_people()
    case = make_case(people, at=now)  # type: ignore[arg-type]
    request: RefundRequest = case.submitted()
    click = partial(adds, case, by=people.owner)
    answers = queued_behind([request], click, click)
    assert sum(isinstance(answer, RefundError) for answer in answers) == 1
    assert request.evidence.count() == 2
    assert list(find_breaks()) == []
