"""Batch by batch, a transaction each, from two years ago until now: whoever stops it
keeps what is there, and the next run adds to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from accounts.models import Role
from refunds.demo.many import records, words
from refunds.demo.many.clocks import Clocks
from refunds.demo.many.life import Life
from refunds.demo.many.people import Client, Staff, clients, staff
from refunds.demo.many.situations import SITUATIONS, Policies
from refunds.demo.many.stories import tell
from refunds.demo.many.tables import Ids, Rows
from refunds.models import (
    Assessment,
    NumberSeries,
    ReasonTag,
    RefundRequest,
    RequestWords,
    Threshold,
)
from refunds.search import terms
from refunds.states import State

BATCH = 2_000
SPAN = timedelta(days=730)
BEIJING = ZoneInfo("Asia/Shanghai")
TAGGED = RefundRequest.reason_tags.through
REQUESTS_PER_CUSTOMER = 50
NEW = timedelta(days=40)


def fill(
    count: int, *, seed: int, at: datetime, tell_of: Callable[[int], None] = print
) -> None:
    """So many requests more. `seed`: the same one gives the same lives in an empty
    database. `tell_of` hears how many there are, after each batch."""
    dice = Random(seed)
    at = at.astimezone(UTC).replace(microsecond=0)
    with transaction.atomic():
        office = Office(
            staff=staff(),
            clients=clients(count // REQUESTS_PER_CUSTOMER + 1, dice=dice),
            policies=Policies(),
            threshold=Threshold.for_currency("CNY"),
            tags=list(ReasonTag.objects.order_by("pk")),
            at=at,
            dice=dice,
        )
    for first in range(0, count, BATCH):
        last = min(first + BATCH, count)
        with transaction.atomic():
            _right_by_construction()
            _batch(office, [_moment(n, count, at) for n in range(first, last)])
        tell_of(last)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _right_by_construction() -> None:
    """As loading does, where our role may: foreign keys are not looked at row by row,
    which is most of the work. Constraints and uniqueness are."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        [may] = cursor.fetchone()
        if may:
            cursor.execute("SET LOCAL session_replication_role = replica")


def _moment(nth: int, count: int, at: datetime) -> datetime:
    """When the nth of so many was sent: every month brings more than the last."""
    ago = SPAN * (1 - (nth + 0.5) / count) ** 1.5
    return at - timedelta(seconds=int(ago.total_seconds()))


@dataclass
class Office:
    """Who takes part, and what holds for all."""

    staff: Staff
    clients: list[Client]
    policies: Policies
    threshold: Threshold
    tags: list[ReasonTag]
    at: datetime
    dice: Random


def _batch(office: Office, moments: list[datetime]) -> None:
    rows, ids = Rows(), Ids()
    for number, moment in zip(_numbers(moments), moments, strict=True):
        _Request(office, rows, ids, number, moment).write()
        if moment > office.at - NEW and office.dice.random() < 0.02:
            _Request(office, rows, ids, None, moment).begin()
    # Tags can be added until their request is decided: before it is there at all.
    rows.write(last=RefundRequest)


def _numbers(moments: list[datetime]) -> list[str]:
    """The next ones of each year, as `filing.submit` gives them out."""
    years = [moment.astimezone(BEIJING).year for moment in moments]
    numbers = []
    for year in sorted(set(years)):
        NumberSeries.objects.get_or_create(year=year)
        series = NumberSeries.objects.select_for_update().get(year=year)
        first, count = series.last + 1, years.count(year)
        series.last += count
        series.save()
        numbers += [f"RF-{year}-{n:06d}" for n in range(first, first + count)]
    return numbers


class _Request:
    """One request with all that hangs on it."""

    def __init__(
        self,
        office: Office,
        rows: Rows,
        ids: Ids,
        number: str | None,
        moment: datetime,
    ) -> None:
        self.office, self.rows, self.ids = office, rows, ids
        self.number, self.moment, self.dice = number, moment, office.dice
        self.client = self.dice.choice(office.clients)
        often = [situation.often for situation in SITUATIONS]
        [self.situation] = self.dice.choices(SITUATIONS, often)
        self.price = self.dice.choice(self.situation.prices)
        self.tags = self.dice.sample(office.tags, k=self.dice.choice((0, 1, 1, 2)))
        self.day = moment.astimezone(BEIJING).date()
        self.answered = office.policies.answered(self.situation, self.day, self.price)

    def begin(self) -> None:
        """A draft: nothing of it is history yet."""
        life = self._life()
        life.columns |= {"state": str(State.DRAFT), "submitted_at": None}
        self._keep_records(life)

    def write(self) -> None:
        """Sent, and what became of it."""
        life = self._life()
        tell(
            life,
            threshold=self.office.threshold.second_person_above,
            below=self.office.threshold.release_below,
        )
        life.keep()
        self._keep_assessment(life.pk, life.assessment)
        found = self._keep_records(life)
        self.rows.add(RequestWords, request_id=life.pk, terms=found)
        for tag in self.tags:
            self.rows.add(TAGGED, refundrequest_id=life.pk, reasontag_id=tag.pk)

    def _life(self) -> Life:
        recent = self.moment > self.office.at - NEW
        paid = records.bought(
            self.answered.facts,
            self.client,
            rows=self.rows,
            ids=self.ids,
            dice=self.dice,
            by_bank=recent and self.dice.random() < 0.1,
        )
        return Life(
            pk=self.ids.next(RefundRequest),
            number=self.number or "",
            submitted_at=self.moment,
            until=self.office.at,
            dice=self.dice,
            rows=self.rows,
            ids=self.ids,
            staff=self.office.staff,
            client=self.client,
            clocks=Clocks(self.office.policies.calendar, self.answered.terms),
            answered=self.answered,
            paid=paid,
            asked=self._asked(),
            assessment=self.ids.next(Assessment),
            tags=sorted([tag.code, tag.name_en, tag.name_zh] for tag in self.tags),
            keeps_service=self.situation.keep_service,
        )

    def _asked(self) -> int:
        """What is owed, or all that was paid."""
        amount = self.answered.answer.amount
        if amount and self.dice.random() < 0.7:
            return amount
        return self.price

    def _keep_assessment(self, request: int, pk: int) -> None:
        answer = self.answered.answer
        self.rows.add(
            Assessment,
            id=pk,
            request_id=request,
            at=self.moment,
            policy=self.answered.policy,
            rule=answer.rule or "",
            denied=answer.denied or "",
            amount=answer.amount,
            ceiling=answer.ceiling,
            **self.answered.columns(self.moment),
        )

    def _keep_records(self, life: Life) -> str:
        """The request with its contract and service; what it is found by."""
        facts, paid, chinese = self.answered.facts, life.paid, self.client.chinese
        number = f"{self.situation.prefix}-{self.day.year}-{paid.contract:07d}"
        name = self.situation.names[0 if chinese else 1]
        ends = life.columns.get("agreed_amount") and not life.keeps_service
        records.contract(number, paid, self.client, facts, rows=self.rows)
        records.service(
            *(name, paid, facts),
            ended_at=self.moment if ends else None,
            rows=self.rows,
        )
        records.what_happened(
            paid,
            facts,
            verified_by=self.office.staff.one(Role.EVALUATOR, self.dice),
            rows=self.rows,
        )
        said = words.description(self.dice, self.situation.ground, chinese=chinese)
        self._keep_request(life, said)
        found = set().union(*map(terms, (number, self.client.name, name, said)))
        return " ".join(sorted(found))

    def _keep_request(self, life: Life, said: str) -> None:
        columns: dict[str, Any] = {
            "came_from": "",
            "new_evidence_used": False,
            "appeal_used": False,
            "lapsed_at": None,
            "lapsed_from": "",
            "agreed_amount": None,
            "agreed_alternative": "",
            "agreed_at": None,
            "alternative_done": False,
            "rejection_code": "",
            "rejection_words": "",
            "submitted_at": self.moment,
            "handler_id": None,
            "due_at": None,
            "event_count": 0,
            "event_head": "",
        }
        columns |= {k: v for k, v in life.columns.items() if k != "offer"}
        self.rows.add(
            RefundRequest,
            id=life.pk,
            number=self.number,
            customer_id=self.client.pk,
            contract_id=life.paid.contract,
            service_id=life.paid.service,
            ground=self.situation.ground,
            amount_asked=life.asked,
            currency="CNY",
            keep_service=life.keeps_service,
            description=said,
            filed_by_id=self.client.user,
            created_at=self.moment,
            saved_at=self.moment,
            **columns,
        )
