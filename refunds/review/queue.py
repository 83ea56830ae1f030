"""Whose case is next: what a person has in hand or may take, first due first; who could
take a case, who owes what in it, and who has it open."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.access import customers_seen_by_staff, of_customers
from accounts.models import Role, User
from refunds.clock.words import Running, owed_in_lists, running_in
from refunds.models import Event, Notice, PayoutAccount, RefundRequest
from refunds.review.presence import by_request, leases_of_others
from refunds.rows import ask_together
from refunds.states import IN_HAND, OPEN, UNCLAIMED, State, role_in_hand

COMPLAINT = "staff_complaint"


# Of more nobody needs to know how many: a list of a thousand is a long list.
MOST = 1_000


class Counted(Subquery):
    """How many rows there are, up to where the query is cut off."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def my_queue(user: User, *, most: int = 12) -> list[RefundRequest]:
    """What this person has in hand, or may take: first due first. Each way to it is an
    index's; together they are a page long, however many requests there are."""
    piles = [RefundRequest.objects.filter(handler=user, state__in=OPEN)]
    piles += [
        RefundRequest.objects.filter(handler=None, state=state)
        for state, role in IN_HAND.items()
        if user.has_role(role)
    ]
    piles += [RefundRequest.objects.filter(state=state) for state in _waiting_on(user)]
    tops = [_first_due(_seen(user, pile), most=most) for pile in piles]
    found = tops[0].union(*tops[1:]).order_by("due_at", "pk")[:most]
    rows = RefundRequest.objects.select_related(
        "customer", "service", "handler", "contract"
    ).in_bulk([pk for pk, _due in found])
    return sorted(rows.values(), key=lambda row: (row.due_at, row.pk))


def _waiting_on(user: User) -> list[State]:
    """Where a case waits on this person's role without being in anybody's hands."""
    states = []
    if user.has_role(Role.APPROVER):
        states += [State.PENDING_APPROVAL]
    if user.has_role(Role.FINANCE):
        states += [State.AGREED, State.INVOICING, State.PAYOUT_BLOCKED]
    return states


def _first_due(rows: QuerySet[RefundRequest], *, most: int) -> QuerySet[Any, Any]:
    first = rows.filter(due_at__isnull=False).order_by("due_at", "pk")[:most]
    # SQLite joins no queries that are cut off, unless they stand inside another.
    return RefundRequest.objects.filter(pk__in=first.values("pk")).values_list(
        "pk", "due_at"
    )


def counts(user: User) -> dict[str, int]:
    """How many wait where; past MOST they are not counted, MOST + 1 says so. In one
    query, of which no part looks at more rows than it counts."""
    piles = {
        "mine": RefundRequest.objects.filter(handler=user, state__in=OPEN),
        "overdue": RefundRequest.objects.filter(due_at__lt=timezone.now()),
        "unclaimed": RefundRequest.objects.filter(handler=None, state__in=UNCLAIMED),
        "customer": RefundRequest.objects.filter(
            state__in=(State.AWAITING_INFORMATION, State.OFFERED, State.REJECTED)
        ),
        "blocked": RefundRequest.objects.filter(state=State.PAYOUT_BLOCKED),
        "complained": RefundRequest.objects.filter(complained_to(user)),
        "approval": RefundRequest.objects.filter(state=State.PENDING_APPROVAL),
        "release": RefundRequest.objects.filter(state=State.AGREED),
    }
    queries: dict[str, QuerySet[Any, Any]] = {
        name: _seen(user, rows) for name, rows in piles.items()
    }
    queries["accounts_to_check"] = _accounts(user, PayoutAccount.State.NAMED)
    queries["accounts_to_approve"] = _accounts(user, PayoutAccount.State.CHECKED)
    counted = {
        name: Counted(rows.order_by().values("pk")[: MOST + 1])
        for name, rows in queries.items()
    }
    person = User.objects.filter(pk=user.pk).annotate(
        **{f"n_{name}": count for name, count in counted.items()}
    )
    found = person.values(*(f"n_{name}" for name in counted)).get()
    return {name.removeprefix("n_"): count for name, count in found.items()}


def _accounts(user: User, state: str) -> QuerySet[PayoutAccount]:
    """What is named for money that has found another way waits for nobody."""
    rows = PayoutAccount.objects.filter(
        state=state, request__state=State.PAYOUT_BLOCKED
    )
    return of_customers(rows, customers_seen_by_staff(user), path="request__customer")


def complained_to(user: User) -> Q:
    """Where the customer complained to this person, and it is late still."""
    return Q(pk__in=complaints_to(user).values("request"))


def complaints_to(user: User) -> QuerySet[Notice]:
    """What customers complained of to this person and is owed still, newest first."""
    found = Notice.objects.filter(
        kind=COMPLAINT, recipient=user, deadline__closed_at=None
    )
    return found.select_related("request__customer").order_by("-pk")


def takes_cases(user: User) -> bool:
    """Whether there is a next case for this person at all."""
    return any(user.has_role(IN_HAND[state]) for state in UNCLAIMED)


def reviewers() -> QuerySet[User]:
    """Everybody who takes cases in hand."""
    return _in_roles(set(IN_HAND.values()))


def could_take(request: RefundRequest) -> QuerySet[User]:
    """To whom this case could be handed over: by the same rules as the move's guard."""
    people = _in_roles({role_in_hand(request.state, came_from=request.came_from)})
    people = people.exclude(memberships__customer=request.customer_id)
    people = people.exclude(pk=request.filed_by_id)
    if request.handler_id is not None:
        people = people.exclude(pk=request.handler_id)
    if request.state == State.APPEALED:
        people = people.exclude(pk__in=_parts_before_appeal(request))
    return people


def _in_roles(roles: set[Role]) -> QuerySet[User]:
    people = User.objects.filter(is_active=True, is_staff=True, groups__name__in=roles)
    return people.distinct().order_by("name", "email")


def _parts_before_appeal(request: RefundRequest) -> QuerySet[Event, Any]:
    appeals = request.events.filter(kind="appeal").order_by("-position")
    earlier = request.events.filter(
        position__lt=appeals.values("position")[:1], actor__isnull=False
    )
    return earlier.values("actor")


def _seen(user: User, rows: QuerySet[RefundRequest]) -> QuerySet[RefundRequest]:
    sent = rows.exclude(state=State.DRAFT)
    return of_customers(sent, customers_seen_by_staff(user), path="customer")


def show_owed(
    requests: Iterable[RefundRequest], *, at: datetime, running: Running | None = None
) -> None:
    """Leaves `owed` on each. They come with their contract; the queries don't grow with
    their number."""
    requests = list(requests)
    owed = owed_in_lists(requests, at=at, running=running)
    for request in requests:
        request.__dict__["owed"] = owed[request.pk]


def show_beside(
    requests: Iterable[RefundRequest],
    *,
    to: User,
    at: datetime,
    also: Iterable[QuerySet[Any]] = (),
) -> None:
    """Leaves `owed` on each, and `others`: the people, beside this one, who have it
    open. One question, with what the page asks `also`."""
    requests = list(requests)
    running = running_in(requests)
    leases = leases_of_others(requests, by=to, at=at)
    ask_together(*running, leases, *also)
    show_owed(requests, at=at, running=running)
    people = by_request(leases)
    for request in requests:
        request.__dict__["others"] = people.get(request.pk, [])
