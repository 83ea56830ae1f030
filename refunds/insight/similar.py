"""How cases like this one were decided: the same reason, the same kind of service."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from accounts.access import customers_seen_by_staff, of_customers
from accounts.models import PaymentAllocation, User
from refunds.models import RefundRequest
from refunds.states import State

NEAREST = 5
# How far back is looked: enough for five of any usual kind, and it costs the same at a
# million requests.
AMONG = 2000
REFUNDED = (State.REFUNDED,)
OTHERWISE = (State.FULFILLED,)
DECLINED = (State.CLOSED, State.REJECTED_FINALLY)


@dataclass(frozen=True)
class Similar:
    """`share` of what had been paid for the service; None where no money went back."""

    request: RefundRequest
    share: Fraction | None


@dataclass(frozen=True)
class Decided:
    """The nearest first. `shares`: the least and the most that was refunded."""

    cases: list[Similar]
    refunded: int
    otherwise: int
    declined: int
    shares: tuple[Fraction, Fraction] | None
    codes: list[str]


def similar_to(request: RefundRequest, *, to: User) -> QuerySet[RefundRequest]:
    """The last ones decided, of customers this person may read about. One query."""
    seen = customers_seen_by_staff(to)
    ended = RefundRequest.objects.filter(due_at=None).exclude(state=State.DRAFT)
    paid = PaymentAllocation.objects.filter(service=OuterRef("service"))
    rows: QuerySet[RefundRequest] = of_customers(
        RefundRequest.objects.exclude(pk=request.pk), seen, path="customer"
    )
    found = rows.filter(
        pk__in=ended.order_by("-pk").values("pk")[:AMONG],
        state__in=(*REFUNDED, *OTHERWISE, *DECLINED),
        ground=request.ground,
        contract__product_line=request.contract.product_line,
        currency=request.currency,
    )
    of_service = paid.order_by().values("service").annotate(sum=Sum("amount"))
    found = found.annotate(paid=Subquery(of_service.values("sum")))
    return found.select_related("customer").order_by("-pk")[:NEAREST]


def decided(rows: Sequence[Any] | QuerySet[RefundRequest]) -> Decided:
    """Of what `similar_to` finds."""
    cases = [Similar(row, _share(row)) for row in rows]
    shares = sorted(case.share for case in cases if case.share is not None)
    declined = [case.request for case in cases if case.request.state in DECLINED]
    return Decided(
        cases=cases,
        refunded=_count(cases, REFUNDED),
        otherwise=_count(cases, OTHERWISE),
        declined=len(declined),
        shares=(shares[0], shares[-1]) if shares else None,
        codes=sorted({row.rejection_code for row in declined if row.rejection_code}),
    )


def _share(row: Any) -> Fraction | None:
    if row.state not in REFUNDED or not row.agreed_amount or not row.paid:
        return None
    return Fraction(row.agreed_amount, row.paid)


def _count(cases: list[Similar], states: tuple[State, ...]) -> int:
    return sum(1 for case in cases if case.request.state in states)
