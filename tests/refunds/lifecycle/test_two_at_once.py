"""Two at once, for every move from every state: one wins, the other gets the words.

The first holds the case's lock with its move made and not yet committed, until the
database says that the second waits for it. So it is known who was first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import translation
from pytest_django import DjangoDbBlocker

from accounts.models import Membership, Role, User
from refunds.errors import NotAllowedAnyMore, NotPermitted
from refunds.models import Deadline, Event, RefundRequest, Threshold
from refunds.record.verify import find_breaks
from refunds.review.handover import hand_over
from tests.conftest import NOW
from tests.database import wipe
from tests.factories import UserFactory
from tests.people import Case, People, make_case, make_people
from tests.refunds.lifecycle.races import BY_ITSELF, RIVALS, SAME, Race
from tests.refunds.lifecycle.reached import BUILD, WORDS
from tests.refunds.lifecycle.stages import STAGES
from tests.refunds.lifecycle.verbs import verb
from tests.refunds.test_lifecycle import moves
from tests.refunds.together import queued_while

pytestmark = pytest.mark.postgres


def test_every_move_from_every_state_is_raced() -> None:
    of_the_model = {(move, source) for move, source, _targets in moves()}
    assert {(race.move, STAGES[race.stage]) for race in SAME} == of_the_model


@dataclass(frozen=True)
class Hall:
    """Everybody whom a race needs; each race has a case of its own."""

    people: People
    more: dict[str, User]

    def who(self, name: str) -> User | None:
        if name == BY_ITSELF:
            return None
        found = self.more.get(name) or getattr(self.people, name)
        return User.objects.get(pk=found.pk)

    def case(self, stage: str) -> Case:
        case = make_case(self.people, at=NOW)
        with transaction.atomic():
            BUILD[stage](case)
        return case


@pytest.fixture(scope="module")
def hall(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Hall]:
    """Really committed, once; the cases of one race touch no other's."""
    with django_db_blocker.unblock(), translation.override("en"):
        kept = Threshold.objects.values_list("pk", "release_below")
        before = dict(kept)
        Threshold.objects.update(release_below=5_000_00)
        people = make_people()
        more = {
            "second_first_line": _second(people, Role.FIRST_LINE),
            "third_evaluator": _second(people, Role.EVALUATOR),
            "second_approver": _second(people, Role.APPROVER),
            "second_finance": _second(people, Role.FINANCE),
            "second_owner": _second(people),
            "taker": _second(people, Role.FIRST_LINE, Role.EVALUATOR, name="taker"),
        }
        Membership.objects.create(
            customer=people.customer, user=more["second_owner"], role="owner"
        )
        yield Hall(people, more)
        wipe()
        for pk, release_below in before.items():
            Threshold.objects.filter(pk=pk).update(release_below=release_below)


def _second(people: People, *roles: Role, name: str = "") -> User:
    name = name or f"second {'owner' if not roles else roles[0].label.lower()}"
    email = f"{name.replace(' ', '-')}@example.test"
    user: User = UserFactory.create(name=name, email=email, is_staff=bool(roles))
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def in_hand(race: Race, case: Case, hall: Hall) -> RefundRequest:
    """As the race needs it: taken by nobody, or by the new judge."""
    found = case.request
    holder = None if race.move == "take_up" else found.handler
    if race.stage.startswith("appeal") and race.move != "take_appeal":
        holder = hall.people.second_evaluator
    RefundRequest.objects.filter(pk=found.pk).update(handler=holder)
    return case.request


@pytest.mark.parametrize("race", [*SAME, *RIVALS], ids=str)
def test_one_wins_and_the_other_gets_the_words(race: Race, hall: Hall) -> None:
    case = hall.case(race.stage)
    request = in_hand(race, case, hall)
    first, second = hall.who(race.first), hall.who(race.second)
    rival = race.rival or race.move
    before = list(request.events.values_list("pk", flat=True))
    (answer,) = queued_while(
        partial(verb(race.move, first), request, by=first, at=case.at),
        partial(verb(rival, second), request, by=second, at=case.at),
    )
    made = list(request.events.exclude(pk__in=before).order_by("position"))
    assert list(find_breaks()) == []
    if race.words == "may both":  # What waits on us may still be taken back.
        assert [event.kind for event in made] == [race.move, rival]
        return
    assert isinstance(answer, NotAllowedAnyMore | NotPermitted), answer
    wanted = race.words % (first or "Makegood") if "%s" in race.words else race.words
    assert str(answer).startswith(wanted)
    (event,) = made
    assert (event.kind, event.actor) == (race.move, first)
    assert case.request.state == event.to_state
    assert Deadline.objects.filter(request=request, closed_at=None).count() == len(
        set(request.deadlines.filter(closed_at=None).values_list("kind", flat=True))
    )


# Where both win today


@pytest.mark.parametrize("stage", ["evaluation", "appeal"])
def test_what_was_put_down_is_not_put_down_again_by_the_lead(
    stage: str, hall: Hall
) -> None:
    race = Race("put_down", stage, "evaluator", "lead")
    case = hall.case(stage)
    request = in_hand(race, case, hall)
    holder, lead = request.handler, hall.people.lead
    queued_while(
        partial(verb("put_down", holder), request, by=holder, at=case.at),
        partial(verb("put_down", lead), request, by=lead, at=case.at),
    )
    assert request.events.filter(kind="put_down").count() == 1


def test_what_was_handed_over_is_not_taken_on_by_the_lead_who_saw_it_elsewhere(
    hall: Hall,
) -> None:
    case, people = hall.case("evaluation"), hall.people
    request, taker = case.request, hall.more["taker"]
    other = hall.more["third_evaluator"]
    queued_while(
        partial(hand_over, request, by=people.evaluator, at=case.at, to=taker),
        partial(hand_over, request, by=people.lead, at=case.at, to=other, reason=WORDS),
    )
    assert case.request.handler == taker
    assert Event.objects.filter(request=request, kind="hand_over").count() == 1


@pytest.mark.parametrize(
    ("move", "stage", "first", "second"),
    [
        ("take_up", "evaluation", "second_evaluator", "evaluator"),
        ("take_appeal", "appeal", "second_evaluator", "third_evaluator"),
    ],
)
def test_who_takes_a_case_too_late_reads_who_has_it(
    move: str, stage: str, first: str, second: str, hall: Hall
) -> None:
    case = hall.case(stage)
    request = in_hand(Race(move, stage, first, second), case, hall)
    one, other = hall.who(first), hall.who(second)
    (answer,) = queued_while(
        partial(verb(move, one), request, by=one, at=case.at),
        partial(verb(move, other), request, by=other, at=case.at),
    )
    assert str(one) in str(answer)
