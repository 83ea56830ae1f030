"""Requests of one contract, moved about by right and wrong people, by time and by the
tasks, in any order; looked at after each step."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from accounts.models import Service, User
from refunds.clock.sweep import sweep
from refunds.errors import RefundError
from refunds.filing.automatic import decide_waiting
from refunds.filing.drafts import draft_for, save_draft
from refunds.models import (
    Evidence,
    Ground,
    RefundRequest,
)
from refunds.payouts.release import move_agreed_on
from refunds.review.answers import accept
from refunds.review.handover import hand_over
from refunds.review.lapse import lapse_overdue
from refunds.review.offer import offer
from tests.conftest import NOW
from tests.factories import live_service
from tests.people import Case, People
from tests.refunds.lifecycle.invariants import Watch
from tests.refunds.lifecycle.reached import WORDS, paper
from tests.refunds.lifecycle.verbs import VERBS
from tests.refunds.lifecycle.ways import (
    BESIDE,
    FAULTS,
    GOES_ON,
    HOLDER,
    SPANS,
    SUMS,
    some,
)
from tests.refunds.payouts.till import Till


class Life(RuleBasedStateMachine):
    """One example in a transaction of its own, which then did not happen."""

    def __init__(
        self, people: People, till: Till, staff: dict[str, User], reached: set[str]
    ) -> None:
        super().__init__()
        self.people, self.till, self.staff = people, till, staff
        self.watch = Watch(people, till, staff, reached)
        self.example = transaction.atomic()
        self.example.__enter__()
        till.at = NOW
        till.heals()
        till.sandbox.ledger.reset()
        ahead = (NOW - datetime.now(UTC)).total_seconds()
        till.sandbox.ledger.move_ahead(ahead)

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
        self.watch.services = self.services
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
        self.watch.what_must_hold_holds()
