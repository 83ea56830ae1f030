"""Which requests are decided, and what was kept of each: read in batches, bare.

Rows, not models, and JSON as text: `kept.py` remembers what it read before by it.
"""

from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from refunds.insight.figures import Outcome
from refunds.models import Assessment, Event, RefundRequest
from refunds.policy.assessment import DENIALS
from refunds.states import State

BATCH = 2_000
BY_POLICY = (
    State.OFFERED,
    State.AGREED,
    State.INVOICING,
    State.PAYING,
    State.PAYOUT_BLOCKED,
    State.FULFILLING,
    State.REFUNDED,
    State.FULFILLED,
)
DECLINED = (State.REJECTED, State.CLOSED, State.REJECTED_FINALLY)


class KeptRow(NamedTuple):
    """The last assessment before the decision; facts, clauses, days as JSON text."""

    request: int
    currency: str
    assessment: int
    rule: str
    denied: str
    amount: int | None
    ceiling: int | None
    facts: str
    clauses: str
    working_days: str

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.rule, self.denied, self.amount, self.ceiling)


class Batch(NamedTuple):
    """`position`: the last request in it."""

    position: int
    rows: list[KeptRow]


def decided(product_line: str) -> QuerySet[RefundRequest]:
    """Agreed, offered, or declined for what the policy says; also where the customer
    let an offer lapse or took the request back after it.

    Not what is in appeal, and not what was declined as incomplete or a duplicate: no
    policy decided that.
    """
    withdrew = Event.objects.filter(request=OuterRef("pk"), from_state=State.OFFERED)
    return RefundRequest.objects.filter(
        Q(state__in=BY_POLICY)
        | Q(state__in=DECLINED, rejection_code__in=DENIALS)
        | Q(state=State.LAPSED, lapsed_from=State.OFFERED)
        | Q(Exists(withdrew.filter(kind="withdraw")), state=State.WITHDRAWN),
        contract__product_line=product_line,
    )


def batch(product_line: str, *, after: int) -> Batch | None:
    """The next of them by key, or None at the end."""
    kept = Assessment.objects.filter(request=OuterRef("pk")).order_by("-pk")
    found = list(
        decided(product_line)
        .filter(pk__gt=after)
        .order_by("pk")
        .values_list("pk", "currency", Subquery(kept.values("pk")[:1]))[:BATCH]
    )
    if not found:
        return None
    bare = _bare([pk for _request, _currency, pk in found])
    rows = [
        KeptRow(request, currency, pk, *bare[pk])
        for request, currency, pk in found
        if pk in bare
    ]
    return Batch(found[-1][0], rows)


def _bare(pks: list[int]) -> dict[int, list[Any]]:
    """By key. Without a join or an order: so many texts are sorted on the disk."""
    rows = Assessment.objects.filter(pk__in=pks).values_list(
        "pk",
        "rule",
        "denied",
        "amount",
        "ceiling",
        Cast("facts", TextField()),
        Cast("clauses", TextField()),
        Cast("working_days", TextField()),
    )
    return {pk: rest for pk, *rest in rows}
