"""Requests of one contract, moved about by right and wrong people, by time and by the
tasks, in any order: what must always hold, holds after each step."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.models import PaymentAllocation, Role, Service, User
from refunds.clock.sweep import sweep
from refunds.errors import RefundError
from refunds.filing.automatic import decide_waiting
from refunds.filing.drafts import draft_for, save_draft
from refunds.models import (
    AllocationBalance,
    Deadline,
    Event,
    Evidence,
    Ground,
    Notice,
    Offer,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.release import move_agreed_on
from refunds.record.verify import find_breaks
from refunds.review.answers import accept
from refunds.review.handover import hand_over
from refunds.review.lapse import lapse_overdue
from refunds.review.offer import offer
from tests.conftest import NOW
from tests.factories import UserFactory, live_service
from tests.people import Case, People, make_people
from tests.refunds.lifecycle.world import VERBS, WORDS, join, paper
from tests.refunds.payouts.till import QUERY, REFUND, Till
from tests.refunds.policy.properties import TORTURE, few
from tests.refunds.test_lifecycle import GOES_TO

pytestmark = [pytest.mark.postgres, pytest.mark.property]

# By hand, from the workflow page: what runs in each state, and who owes it.
RUNS: dict[str, set[tuple[str, str]]] = {
    "submitted": {("preliminary_review", "first_line")},
    "preliminary_review": {("preliminary_review", "first_line")},
    "awaiting_information": {("information", "customer")},
    "evaluation": {("evaluation", "evaluator")},
    "pending_approval": {("approval", "approver")},
    "offered": {("answer", "customer")},
    "rejected": {("appeal", "customer")},
    "appealed": {("appeal_decision", "evaluator")},
    "agreed": {("release", "finance"), ("payout", "finance")},
    "invoicing": {("invoice_reversal", "finance"), ("payout", "finance")},
    "paying": {("payout", "finance")},
    "payout_blocked": {("payout_blocked", "finance"), ("payout", "finance")},
    "fulfilling": {("alternative", "evaluator")},
}
# Which clocks may stand still meanwhile.
STANDS_STILL: dict[str, set[str]] = {
    "awaiting_information": {"preliminary_review", "evaluation"},
    "pending_approval": {"evaluation"},
    "offered": {"evaluation"},
    "rejected": {"preliminary_review", "evaluation"},
    "appealed": {"preliminary_review", "evaluation"},
}
ENDED = {
    "refunded",
    "fulfilled",
    "lapsed",
    "closed",
    "withdrawn",
    "rejected_finally",
}
LEAVES_AN_END = {"reopen", "take_up_again"}
GIVEN = {"agreed", "invoicing", "paying", "payout_blocked", "fulfilling"} | {
    "refunded",
    "fulfilled",
}
NOT_BESIDE_ANOTHER = set(RUNS) - {"payout_blocked"}
THEIRS = {
    "submit",
    "withdraw",
    "supply_information",
    "accept",
    "propose_otherwise",
    "appeal",
    "bring_new_evidence",
    "take_up_again",
}
BY_ITSELF = {"lapse", "close", "settle", "block_payout", "agree_automatically"}
# Whom each of the staff's moves takes; who gives back or hands over may be others.
NEEDS = {
    "claim": Role.FIRST_LINE,
    "pass_on": Role.FIRST_LINE,
    "take_up": Role.EVALUATOR,
    "take_appeal": Role.EVALUATOR,
    "propose": Role.EVALUATOR,
    "offer": Role.EVALUATOR,
    "uphold_appeal": Role.EVALUATOR,
    "reject_finally": Role.EVALUATOR,
    "let_offer_stand": Role.EVALUATOR,
    "approve": Role.APPROVER,
    "send_back": Role.APPROVER,
    "retry_payout": Role.FINANCE,
}
# The way on from each state, and who goes it.
HOLDER = "who has it in hand"
GOES_ON: dict[str, tuple[tuple[str, str], ...]] = {
    "submitted": (("claim", "first_line"), ("withdraw", "owner")),
    "preliminary_review": (
        ("pass_on", HOLDER),
        ("ask_for_information", HOLDER),
        ("reject", HOLDER),
        ("release", "lead"),
    ),
    "awaiting_information": (("supply_information", "member"),),
    "evaluation": (
        ("take_up", "evaluator"),
        ("take_up", "second_evaluator"),
        ("propose", HOLDER),
        ("propose", HOLDER),
        ("reject", HOLDER),
        ("ask_for_information", HOLDER),
    ),
    "pending_approval": (("approve", "approver"), ("send_back", "approver")),
    "offered": (
        ("accept", "owner"),
        ("accept", "owner"),
        ("propose_otherwise", "owner"),
        ("appeal", "owner"),
    ),
    "rejected": (("appeal", "owner"), ("bring_new_evidence", "owner")),
    "appealed": (
        ("take_appeal", "taker"),
        ("uphold_appeal", HOLDER),
        ("reject_finally", HOLDER),
        ("let_offer_stand", HOLDER),
    ),
    "agreed": (("pay", "finance"),),
    "invoicing": (("pay", "finance"),),
    "payout_blocked": (("retry_payout", "finance"),),
    "fulfilling": (("fulfil", "evaluator"),),
    "lapsed": (("take_up_again", "owner"),),
}
# Else the examples would prove little.
REACHED = {
    "awaiting_information",
    "pending_approval",
    "offered",
    "rejected",
    "appealed",
    "agreed",
    "paying",
}
SUMS = (10_000_00, 1_000_00)
BESIDE: tuple[dict[str, object], ...] = (
    {},
    {},
    {"alternative": "credit", "alternative_words": "One month.", "reason": WORDS},
    {
        "alternative": "extension",
        "alternative_words": "One month.",
        "instead": True,
        "reason": WORDS,
    },
)
FAULTS = (
    ("sub_code:ACQ.SYSTEM_ERROR", REFUND),
    ("sub_code:ACQ.TRADE_HAS_FINISHED", REFUND),
    ("not_yet", QUERY),
    ("wrong_amount", QUERY),
)
SPANS = [
    timedelta(minutes=1),
    timedelta(hours=5),
    timedelta(days=3),
    timedelta(days=20),
]
some = st.integers(0, 11)


class Life(RuleBasedStateMachine):
    """One example in a transaction of its own, which then did not happen."""

    def __init__(
        self, people: People, till: Till, staff: dict[str, User], reached: set[str]
    ) -> None:
        super().__init__()
        self.people, self.till, self.staff = people, till, staff
        self.reached = reached
        self.example = transaction.atomic()
        self.example.__enter__()
        till.at = NOW
        till.heals()
        till.sandbox.ledger.reset()
        ahead = (NOW - datetime.now(UTC)).total_seconds()
        till.sandbox.ledger.move_ahead(ahead)
        self.seen = (0, 0)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # Who and what

    @initialize()
    def a_contract_with_two_services(self) -> None:
        people = self.people
        self.services = [
            live_service(customer=people.customer, reviewer=people.lead, at=NOW)
            for _each in range(2)
        ]
        Service.objects.filter(pk=self.services[1].pk).update(
            contract=self.services[0].contract
        )
        self.services[1].refresh_from_db()
        for service in self.services:
            Case(people, service, NOW).known_to(self.till.sandbox)
        self._file(self.services[0], people.owner, 0, SUMS[0], 0)

    def one(self, nth: int) -> RefundRequest | None:
        sent = RefundRequest.objects.exclude(state="draft").order_by("pk")
        return sent[nth % len(sent)] if sent else None

    def who(self, name: str, request: RefundRequest) -> User | None:
        if name == HOLDER:
            return request.handler
        found: User = self.staff.get(name) or getattr(self.people, name)
        return found

    def tries(self, act: Callable[[], object]) -> None:
        """Only words may stop anybody."""
        with suppress(RefundError), transaction.atomic():
            act()

    # What happens

    @rule(service=some, ground=some, sum_=some, keep=some, who=some)
    def somebody_files(
        self,
        service: int,
        ground: int,
        sum_: int,
        keep: int,
        who: int,
    ) -> None:
        if RefundRequest.objects.count() >= 3:
            return
        by = (self.people.owner, self.people.member, self.people.account_manager)
        file = partial(self._file, self.services[service % 2], by[who % 3])
        self.tries(partial(file, ground % 2, SUMS[sum_ % 2], keep % 2))

    def _file(
        self, service: Service, by: User, ground: int, amount: int, keep: int
    ) -> None:
        draft = draft_for(service, by=by)
        draft.ground = (Ground.UNAVAILABLE, Ground.OUTAGE)[ground]
        draft.amount_asked, draft.keep_service = amount, bool(keep)
        draft.description, draft.channel = WORDS, "phone"
        save_draft(draft)
        if not draft.evidence.exists():
            paper(draft, Evidence.Kind.FAULT_LOG, by=by, at=self.till.at)
        VERBS["submit"](draft, by=by, at=self.till.at)

    @rule(nth=some, ways=st.lists(st.tuples(some, some), min_size=2, max_size=8))
    def it_goes_on(self, nth: int, ways: list[tuple[int, int]]) -> None:
        """By those who may, most of the time; looked at after each move."""
        for way, how in ways:
            request = self.one(nth)
            open_ways = self._ways(request) if request else []
            if request and open_ways:
                move, by = open_ways[way % len(open_ways)]
                self.tries(partial(self._make, request, move, by, how))
                self.what_must_hold_holds()

    @rule(nth=some, moves=st.integers(1, 9), how=some)
    def it_goes_straight_on(self, nth: int, moves: int, how: int) -> None:
        """By the shortest way, as most do."""
        self.it_goes_on(nth, [(0, how)] * moves)

    def _ways(self, request: RefundRequest) -> list[tuple[str, User]]:
        """Who has it in hand, goes on; where nobody has, others may."""
        ways = GOES_ON.get(request.state, ())
        if request.handler and any(name == HOLDER for _move, name in ways):
            ways = tuple(way for way in ways if way[1] == HOLDER)
        found = ((move, self.who(name, request)) for move, name in ways)
        return [(move, by) for move, by in found if by is not None]

    @rule(nth=some, move=st.sampled_from(sorted(VERBS)), name=some, how=some)
    def anybody_tries_anything(self, nth: int, move: str, name: int, how: int) -> None:
        request = self.one(nth)
        if request is not None:
            everybody = sorted(self.staff)
            by = self.staff[everybody[name % len(everybody)]]
            self.tries(partial(self._make, request, move, by, how))

    def _make(self, request: RefundRequest, move: str, by: User, how: int) -> None:
        at = self.till.at
        if move in ("offer", "propose"):
            amount = (request.amount_asked or 0) // (1, 1, 1, 3)[how % 4]
            more: dict[str, Any] = dict(BESIDE[how % 4])
            reason = more.pop("reason", WORDS if how % 4 == 3 else "")
            offer(request, by=by, at=at, amount=amount, reason=reason, **more)
        elif move == "accept":
            choice = ("refund", "alternative")[how % 2]
            accept(request, by=by, at=at, choice=choice)
        elif move == "hand_over":
            everybody = sorted(self.staff)
            to = self.staff[everybody[how % len(everybody)]]
            hand_over(request, by=by, at=at, to=to, reason=WORDS)
        else:
            VERBS[move](request, by=by, at=at)

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self.till.later(seconds=span.total_seconds())

    @rule()
    def the_tasks_run(self) -> None:
        at = self.till.at
        for task in (sweep, lapse_overdue, decide_waiting, move_agreed_on):
            task(at=at)
            task(at=at)

    @rule(strikes=st.none() | st.sampled_from(FAULTS))
    def the_workers_pay(self, strikes: tuple[str, str] | None) -> None:
        if strikes:
            fault, method = strikes
            self.till.fails(fault, method=method)
        self.till.work_for(rounds=3, seconds=11)
        self.till.heals()

    # What must hold

    @invariant()
    def what_must_hold_holds(self) -> None:
        """Asked again only after something happened."""
        now = (Event.objects.count(), Notice.objects.count())
        if now == self.seen:
            return
        self.seen = now
        self.reached |= set(RefundRequest.objects.values_list("state", flat=True))
        self.only_moves_moved_it_each_with_its_event()
        self.nothing_is_in_limbo()
        self.four_eyes_saw_it()
        self.each_move_was_made_by_who_may()
        self.an_appeal_is_decided_by_somebody_new()
        self.no_money_is_given_twice()
        self.what_is_open_is_open_once()
        self.nobody_is_told_twice()

    def only_moves_moved_it_each_with_its_event(self) -> None:
        assert list(find_breaks()) == []
        for request in RefundRequest.objects.exclude(state="draft"):
            state = "draft"
            for event in request.events.order_by("position"):
                if not event.to_state:
                    continue
                assert event.from_state == state, event
                assert event.to_state in GOES_TO[state] | self._stays(event), event
                assert state not in ENDED or event.kind in LEAVES_AN_END, event
                state = event.to_state
            assert request.state == state

    def _stays(self, event: Event) -> set[str]:
        return {event.from_state} if event.kind == "hand_over" else set()

    def nothing_is_in_limbo(self) -> None:
        for request in RefundRequest.objects.exclude(state="draft"):
            standing = list(request.deadlines.filter(closed_at=None))
            running = {(d.kind, d.owner) for d in standing if d.left is None}
            still = {d.kind for d in standing if d.left is not None}
            assert running == RUNS.get(request.state, set()), request.state
            assert still <= STANDS_STILL.get(request.state, set()), request.state
            if request.state == "awaiting_information":
                assert still == {request.came_from}
            for deadline in standing:
                self._is_a_clock(deadline, request)

    def _is_a_clock(self, deadline: Deadline, request: RefundRequest) -> None:
        assert deadline.due_at >= deadline.started_at
        assert deadline.left is None or deadline.next_at is None
        if (deadline.kind, deadline.owner) in RUNS[request.state]:
            in_hand = ("preliminary_review", "evaluation", "appealed")
            theirs = request.handler if request.state in in_hand else None
            assert deadline.user == theirs

    def four_eyes_saw_it(self) -> None:
        for made in Offer.objects.select_related("request"):
            assert made.approved_by_id != made.proposed_by_id
            newest = made == made.request.latest_offer()
            if newest and made.request.state in {"offered", *GIVEN}:
                large = made.amount > 5_000_00 or made.departs or made.alternative
                decided = made.request.events.filter(kind="agree_automatically")
                assert not large or made.approved_by or decided.exists()

    def each_move_was_made_by_who_may(self) -> None:
        insiders = {self.staff["insider"].pk, self.staff["stranger"].pk}
        for event in Event.objects.exclude(to_state="").select_related("actor"):
            by = event.actor
            assert (by is None) <= (
                event.kind in {*BY_ITSELF, "pay", "carry_out"} | {"correct_invoice"}
            ), event
            if by is None:
                continue
            assert event.kind not in BY_ITSELF, event
            if event.kind in NEEDS:
                assert NEEDS[event.kind] in self.roles[by.pk], event
            if event.kind not in THEIRS:
                assert by.pk not in insiders, event
            elif event.kind != "submit":
                assert by.pk in self.customers, event

    @property
    def roles(self) -> dict[int, frozenset[str]]:
        return {user.pk: user.roles for user in self.staff.values()}

    @property
    def customers(self) -> set[int]:
        mine = (self.people.owner, self.people.member, self.staff["insider"])
        return {user.pk for user in mine}

    def an_appeal_is_decided_by_somebody_new(self) -> None:
        decisions = ("uphold_appeal", "reject_finally", "let_offer_stand")
        for decision in Event.objects.filter(kind__in=decisions):
            before = Event.objects.filter(request=decision.request, kind="appeal").get()
            assert not Event.objects.filter(
                request=decision.request,
                actor=decision.actor,
                position__lt=before.position,
            ).exists()

    def no_money_is_given_twice(self) -> None:
        for service in Service.objects.filter(pk__in=[s.pk for s in self.services]):
            paid = PaymentAllocation.objects.filter(service=service)
            captured = paid.aggregate(all=Sum("amount"))["all"]
            given = RefundRequest.objects.filter(service=service, state__in=GIVEN)
            agreed = given.aggregate(all=Sum("agreed_amount"))["all"] or 0
            assert agreed <= captured
            self._ended_when_asked(service, given)
        for balance in AllocationBalance.objects.all():
            assert balance.reserved + balance.refunded <= balance.captured
        moved = Counter(key for key, _amount in self.till.moved())
        legs = dict(PayoutLeg.objects.values_list("key", "amount"))
        assert all(count == 1 for count in moved.values())
        assert all(legs[key] == amount for key, amount in self.till.moved())

    def _ended_when_asked(self, service: Service, given: Any) -> None:
        ends = given.filter(keep_service=False, agreed_amount__gt=0)
        moments = set(ends.values_list("submitted_at", flat=True))
        assert (service.ended_at in moments) if moments else service.ended_at is None

    def what_is_open_is_open_once(self) -> None:
        rows = RefundRequest.objects.filter(state__in=NOT_BESIDE_ANOTHER)
        twins = Counter(rows.values_list("service", "ground"))
        assert all(count == 1 for count in twins.values())

    def nobody_is_told_twice(self) -> None:
        told = Notice.objects.exclude(deadline=None)
        stages = Counter(told.values_list("deadline", "data__stage", "recipient"))
        assert all(count == 1 for count in stages.values()), stages


def everybody(people: People) -> dict[str, User]:
    """Those who try: each of the people, somebody with every role, and an insider."""
    roles = Group.objects.exclude(name=Role.ACCOUNT_MANAGER)
    found = {
        name: value for name, value in vars(people).items() if isinstance(value, User)
    }
    for name in ("taker", "everything", "insider"):
        found[name] = UserFactory.create(
            name=name,
            email=f"{name}@example.test",
            is_staff=True,
            is_superuser=name != "taker",
        )
        found[name].groups.set(roles)
    join(found["insider"], people.customer, "member")
    return found


def test_whatever_happens_in_whatever_order_it_holds(
    db: None, till: Till, english: None
) -> None:
    people = make_people()
    staff, reached = everybody(people), set[str]()
    run_state_machine_as_test(
        lambda: Life(people, till, staff, reached),  # type: ignore[arg-type]
        settings=settings(
            few,
            max_examples=400 if TORTURE else 25,
            stateful_step_count=50 if TORTURE else 20,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert reached >= REACHED, "it did not get far"
