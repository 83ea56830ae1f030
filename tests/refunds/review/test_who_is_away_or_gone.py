"""Whoever leaves, is away, or belongs to the customer: the case stays in reach."""

from datetime import timedelta

from accounts.models import Absence, Lead, Membership, User
from refunds.clock.sweep import sweep
from refunds.errors import RefundError
from refunds.models import Deadline, Notice, RefundRequest
from refunds.review.complaint import complain
from refunds.review.handover import hand_over
from refunds.review.hands import claim, release
from refunds.review.information import ask_for_information, supply_information
from refunds.states import State
from tests.people import Case
from tests.refunds.pages.visits import plain_static_files

__all__ = ["plain_static_files"]
LATER = timedelta(days=90)


def leaves(person: User) -> None:
    person.is_active = False
    person.save()


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


def comes_back_to_who_left(case: Case) -> RefundRequest:
    """Asked for information; the evaluator left meanwhile; the customer answers."""
    people = case.people
    request = case.in_evaluation()
    ask_for_information(request, by=people.evaluator, at=case.at, words="Which line?")
    leaves(people.evaluator)
    supply_information(case.request, by=people.owner, at=case.at, words="The first.")
    assert case.request.state == State.EVALUATION
    return case.request


def somebody_takes_it_back(case: Case, *people: User) -> bool:
    for person in people:
        try:
            release(case.request, by=fresh(person), at=case.at)
        except RefundError:
            continue
        claim(case.request, by=case.people.second_evaluator, at=case.at)
        return True
    return False


def test_without_a_lead_and_a_superior_who_has_the_role_takes_it_back(
    case: Case,
) -> None:
    """They are reminded of it; so they must be able to act."""
    people = case.people
    User.objects.filter(pk=people.evaluator.pk).update(superior=None)
    Lead.objects.all().delete()
    comes_back_to_who_left(case)
    sweep(at=case.at + timedelta(days=30))
    told = Notice.objects.filter(kind="staff_overdue").values("recipient")
    assert people.second_evaluator.pk in {row["recipient"] for row in told}
    assert somebody_takes_it_back(case, people.second_evaluator)


def test_a_lead_who_belongs_to_the_customer_does_not_lock_it_up(case: Case) -> None:
    people = case.people
    Membership.objects.create(user=people.lead, customer=people.customer)
    comes_back_to_who_left(case)
    assert somebody_takes_it_back(case, people.lead, people.second_evaluator)


def away(person: User, deputy: User, case: Case) -> None:
    day = case.at.date()
    Absence.objects.create(
        user=person, deputy=deputy, first_day=day, last_day=day + LATER
    )


def test_the_deputys_deputy_who_hears_of_it_may_act(case: Case) -> None:
    people = case.people
    request = case.submitted()
    claim(request, by=people.first_line, at=case.at)
    leaves(people.first_line)
    away(people.lead, people.approver, case)
    away(people.approver, people.finance, case)
    late = case.at + timedelta(days=30)
    sweep(at=late)
    heard = {n.recipient for n in Notice.objects.filter(kind="staff_overdue")}
    assert heard == {people.finance}
    release(case.request, by=people.finance, at=late)
    assert case.request.state == State.SUBMITTED


def test_who_is_no_staff_any_more_hears_nothing_of_the_staffs(case: Case) -> None:
    """Their account lives on: they are a customer's member elsewhere."""
    people = case.people
    request = case.submitted()
    claim(request, by=people.first_line, at=case.at)
    people.first_line.is_staff = False
    people.first_line.save()
    sweep(at=case.at + timedelta(days=30))
    heard = {n.recipient for n in Notice.objects.filter(kind__startswith="staff_")}
    assert heard == {people.lead}


def test_a_deputy_who_is_no_staff_any_more_hears_nothing_of_the_staffs(
    case: Case,
) -> None:
    people = case.people
    case.submitted()
    away(people.lead, people.approver, case)
    people.approver.is_staff = False
    people.approver.save()
    sweep(at=case.at + timedelta(days=30))
    heard = {n.recipient for n in Notice.objects.filter(kind__startswith="staff_")}
    assert heard == {people.lead}


def test_of_two_that_are_late_each_can_be_complained_of(case: Case) -> None:
    """Releasing is late, then the payout too; finance does neither."""
    request = case.agreed()
    late = case.at + timedelta(days=4)
    complain(request, by=case.people.owner, at=late)
    later = case.at + LATER
    overdue = Deadline.objects.filter(closed_at=None, due_at__lt=later)
    assert {d.kind for d in overdue} == {"release", "payout"}
    complain(request, by=case.people.owner, at=later)
    assert case.request.events.filter(kind="complain").count() == 2


def test_a_case_handed_to_who_is_away_is_told_to_the_deputy(case: Case) -> None:
    people = case.people
    request = case.in_evaluation()
    away(people.second_evaluator, people.approver, case)
    hand_over(request, by=people.evaluator, at=case.at, to=people.second_evaluator)
    told = Notice.objects.get(kind="staff_handed_over")
    assert told.recipient == people.approver
