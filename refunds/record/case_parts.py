"""What a case file holds, part by part: rows of the request as plain data.

Sums are minor units beside their currency, moments UTC, people by number, name and
address; to whom is outside, the staff are one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Model, QuerySet

from accounts.models import User
from refunds.models import (
    Deadline,
    Event,
    Evidence,
    Offer,
    PayoutLeg,
    RefundRequest,
)
from refunds.record.kinds import AMONG_STAFF

Row = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """Of which request, as of which link of its chain, and for whom: with what the
    staff say among themselves, or without it."""

    request: RefundRequest
    internal: bool
    count: int
    head: str

    @cached_property
    def members(self) -> frozenset[int]:
        """Outside, only they are named: who left us is no less our colleague."""
        rows = self.request.customer.memberships.values_list("user", flat=True)
        return frozenset(rows)

    @cached_property
    def offers(self) -> QuerySet[Offer]:
        """Outside, only those that were made: a proposal sent back stays inside."""
        offers = self.request.offers.order_by("pk")
        if self.internal:
            return offers
        made = self.request.events.filter(kind__in=("offer", "approve"))
        return offers.filter(pk__in=[event.data["offer"] for event in made])

    def row(self, of: Model, *names: str) -> Row:
        """`names` lead over relations by a dot; the last part names the value."""
        return {name: self._plain(_value(of, name)) for name in names}

    def _plain(self, value: Any) -> Any:
        if isinstance(value, User):
            return self.person(value)
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat()
        if isinstance(value, date):
            return value.isoformat()
        return value

    def person(self, user: User) -> Row:
        if not self.internal and user.pk not in self.members:
            return {"id": user.pk, "name": "Makegood" if user.is_staff else ""}
        return {"id": user.pk, "name": str(user), "email": user.email}


def _value(of: Any, name: str) -> Any:
    for part in name.split("."):
        of = getattr(of, part)
    return of


def request_part(scope: Scope) -> Row:
    """As it was submitted, and where it stands."""
    names = (
        "number state channel filed_by submitted_at ground amount_asked currency "
        "keep_service description agreed_at agreed_amount agreed_alternative "
        "rejection_code rejection_words customer.name contract.number "
        "contract.signed_on contract.product_line contract.time_zone service.name"
    )
    tags = scope.request.reason_tags.order_by("code")
    return {
        **scope.row(scope.request, *names.split()),
        "reason_tags": list(tags.values("code", "name_en", "name_zh")),
    }


def assessments(scope: Scope) -> Iterator[Row]:
    names = (
        "pk at policy rule denied amount ceiling answer facts rules clauses "
        "working_days terms"
    )
    yield from _rows(scope, scope.request.assessments.order_by("pk"), names)


def offers(scope: Scope) -> Iterator[Row]:
    names = (
        "pk assessment_id amount departs alternative alternative_words instead reason "
        "proposed_by proposed_at approved_by approved_at"
    )
    rows = scope.offers.select_related("proposed_by", "approved_by")
    yield from _rows(scope, rows, names)


def findings(scope: Scope) -> Iterator[Row]:
    rows = scope.request.findings.select_related("by").prefetch_related("evidence")
    for finding in rows.order_by("pk"):
        files = sorted(evidence.sha256 for evidence in finding.evidence.all())
        names = ("pk", "kind", "item", "words", "by", "at")
        yield {**scope.row(finding, *names), "evidence": files}


def messages(scope: Scope) -> Iterator[Row]:
    rows = scope.request.messages.select_related("author").order_by("at", "pk")
    if not scope.internal:
        rows = rows.filter(internal=False)
    yield from _rows(scope, rows, "pk author from_customer internal words at")


def measurements(scope: Scope) -> Iterator[Row]:
    names = (
        "pk metric measured period_from period_to evidence.sha256 added_by added_at "
        "verdict verdict_reason reading_id"
    )
    rows = scope.request.measurements.select_related("evidence", "added_by")
    yield from _rows(scope, rows.order_by("pk"), names)


def deadlines(scope: Scope) -> Iterator[Row]:
    names = "kind owner user started_at warn_at due_at stage closed_at provisional"
    rows = Deadline.objects.filter(request=scope.request).select_related("user")
    yield from _rows(scope, rows.order_by("pk"), names)


def notices(scope: Scope) -> Iterator[Row]:
    """What was told and when; the words are in the events and messages."""
    rows = scope.request.notices.order_by("pk")
    yield from _rows(scope, rows, "kind written_at sent_at")


def payout_part(scope: Scope) -> Row:
    """Empty where no money was released."""
    payout = getattr(scope.request, "payout", None)
    if payout is None:
        return {}
    names = ("amount", "currency", "released_by", "released_at", "expected_on")
    legs = payout.legs.select_related("allocation__payment").prefetch_related("calls")
    rows = [_leg(scope, leg) for leg in legs.order_by("pk")]
    return {**scope.row(payout, *names), "legs": rows}


def _leg(scope: Scope, leg: PayoutLeg) -> Row:
    """A route's raw answer may hold an account of the payer's: it stays inside."""
    names = (
        "key route attempt amount currency state provider_number code prepared_at "
        "sent_at settled_at allocation.payment.trade_number allocation.payment.paid_at"
    )
    call = "kind at outcome code message"
    if scope.internal:
        call += " http_status signature_ok answer"
    calls = sorted(leg.calls.all(), key=lambda each: each.pk)
    told = [scope.row(each, *call.split()) for each in calls]
    return {**scope.row(leg, *names.split()), "calls": told}


def events(scope: Scope) -> Iterator[Row]:
    """What each digest covers, as it is hashed: the chain can be computed again.

    Outside, what colleagues wrote to each other is withheld; their links still hold.
    """
    rows = Event.objects.filter(request=scope.request, position__lte=scope.count)
    for event in rows.select_related("actor").order_by("position").iterator():
        line = {
            "request_id": event.request_id,
            "position": event.position,
            "kind": event.kind,
            "actor_id": event.actor_id,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "from_state": event.from_state,
            "to_state": event.to_state,
            "reason": event.reason,
            "data": event.data,
            "previous": event.previous,
            "digest": event.digest,
            "who": scope.person(event.actor) if event.actor else None,
        }
        if event.kind in AMONG_STAFF and not scope.internal:
            told = {"reason": event.reason, "data": event.data}
            withheld = [name for name, value in told.items() if value]
            line |= dict.fromkeys(withheld) | (
                {"withheld": withheld} if withheld else {}
            )
        yield line


def evidence_of(request: RefundRequest) -> QuerySet[Evidence]:
    """What was sent; a file that is not frozen is nobody's yet."""
    rows = Evidence.objects.filter(request=request, frozen_at__isnull=False)
    return rows.select_related("added_by").order_by("pk")


def _rows(scope: Scope, rows: QuerySet[Any], names: str) -> Iterator[Row]:
    for row in rows.iterator():
        yield scope.row(row, *names.split())


PARTS: dict[str, Callable[[Scope], Row | Iterator[Row]]] = {
    "request.json": request_part,
    "assessments.json": assessments,
    "offers.json": offers,
    "findings.json": findings,
    "messages.json": messages,
    "measurements.json": measurements,
    "deadlines.json": deadlines,
    "notices.json": notices,
    "payout.json": payout_part,
    "events.json": events,
}
