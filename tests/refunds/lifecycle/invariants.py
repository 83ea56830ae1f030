"""What must always hold of requests, their clocks, their money and who moved them,
whatever happened before."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum

from accounts.models import PaymentAllocation, Role, Service, User
from refunds.models import (
    AllocationBalance,
    Deadline,
    Event,
    Notice,
    Offer,
    PayoutLeg,
    RefundRequest,
)
from refunds.record.verify import find_breaks
from tests.people import People
from tests.refunds.payouts.till import Till
from tests.refunds.test_lifecycle import GOES_TO

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
# Held up, and the customer has to name another account.
NAMING = {("payout_blocked", "customer")}
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


@dataclass
class Watch:
    """Looks at everything, once something happened since it looked last."""

    people: People
    till: Till
    staff: dict[str, User]
    reached: set[str]
    services: list[Service] = field(default_factory=list)
    seen: tuple[int, int] = (0, 0)

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
            naming = request.waits_for_account()
            runs = NAMING if naming else RUNS.get(request.state, set())
            assert running == runs, request.state
            may = {"payout"} if naming else STANDS_STILL.get(request.state, set())
            assert still <= may, request.state
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
