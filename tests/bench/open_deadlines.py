"""A million open deadlines, a request each, for `bench_sweep.py`: copies of one."""

from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model

from accounts.models import Customer, Lead, Membership, Role, Service, User
from refunds.clock.calendars import working_days
from refunds.clock.deadlines import Rung, closing, ladder, next_moment, rung_at
from refunds.models import Deadline, Event, RefundRequest
from refunds.policy.calendar import WorkingDays
from refunds.states import State
from tests.factories import (
    ContractFactory,
    CustomerFactory,
    ServiceFactory,
    UserFactory,
)

MANY, DUE = 1_000_000, 10_000
EVERY = MANY // DUE
CUSTOMERS, CONTRACTS, GROUNDS, STAFF = 500, 5_000, 10, 40
# A Tuesday in Beijing as the office closes: what was reached since it opened.
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TUESDAY = date(2026, 11, 24)
BEGAN = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
# (kind, owner, state), as often as they are named; one in ten is in somebody's hands.
KINDS = (
    *[("preliminary_review", "first_line", "submitted")] * 4,
    *[("evaluation", "evaluator", "evaluation")] * 2,
    *[("answer", "customer", "offered")] * 3,
    ("release", "finance", "agreed"),
)


def make_records() -> None:
    _make_people()
    contract = ContractFactory.create(customer=Customer.objects.earliest("pk"))
    _copies(
        contract,
        f"generate_series(2, {CONTRACTS}) n",
        number="'B-' || n",
        customer_id=f"t.customer_id + n % {CUSTOMERS}",
    )
    service = ServiceFactory.create(contract=contract)
    _copies(
        service,
        f"generate_series(2, {MANY // GROUNDS}) n",
        contract_id=f"t.contract_id + n % {CONTRACTS - 1}",
    )
    _keep_ladder()


def _make_people() -> None:
    """A lead for every role, with a superior; every customer's only owner."""
    chief = UserFactory.create(is_staff=True)
    lead = UserFactory.create(is_staff=True, superior=chief)
    for group in Group.objects.filter(name__in=Role.values):
        Lead.objects.create(role=group, user=lead)
    UserFactory.create_batch(STAFF, is_staff=True, superior=lead)
    for _n in range(CUSTOMERS):
        Membership.objects.create(
            customer=CustomerFactory.create(),
            user=UserFactory.create(),
            role=Membership.Role.OWNER,
        )


def open_deadlines(*, first: int, last: int) -> None:
    """One request each, with its first event; the next reminder is weeks away."""
    request, event, deadline = _first_of_each()
    numbers = f"generate_series({max(first, 2)}, {last}) n"
    staff = User.objects.earliest("pk").pk + 2
    with connection.cursor() as cursor:
        # As loading does: a million rows' foreign keys are right by construction.
        cursor.execute("SET session_replication_role = replica")
    _copies(
        request,
        f"{numbers} JOIN accounts_service s ON s.id = {request.service_id} "
        f"+ (n - 1) / {GROUNDS} JOIN accounts_contract c ON c.id = s.contract_id",
        id="n",
        number="'RF-2026-' || n",
        state=_one_of([state for _kind, _owner, state in KINDS]),
        contract_id="c.id",
        customer_id="c.customer_id",
        service_id="s.id",
        ground=f"(n % {GROUNDS})::text",
    )
    _copies(event, numbers, request_id="n")
    _copies(
        deadline,
        numbers,
        id="n",
        request_id="n",
        kind=_one_of([kind for kind, _owner, _state in KINDS]),
        owner=_one_of([owner for _kind, owner, _state in KINDS]),
        user_id=f"CASE WHEN n / {EVERY} % 10 = 4 THEN {staff} + n % {STAFF} END",
        next_at="t.next_at + n % 7200 * interval '1 minute'",
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def _one_of(words: list[str]) -> str:
    """By the tens of a deadline's number within its run, as SQL."""
    return f"('{{{','.join(words)}}}'::text[])[1 + n / {EVERY} % 10]"


def _first_of_each() -> tuple[RefundRequest, Event, Deadline]:
    """What all others are copies of."""
    service = Service.objects.earliest("pk")
    request, _made = RefundRequest.objects.get_or_create(
        pk=1,
        defaults={
            "number": "RF-2026-1",
            "customer": service.contract.customer,
            "contract": service.contract,
            "service": service,
            "filed_by": User.objects.earliest("pk"),
            "ground": "1",
            "amount_asked": 100_00,
            "currency": "CNY",
            "state": State.SUBMITTED,
            "submitted_at": BEGAN,
            "event_count": 1,
            "event_head": "a" * 64,
        },
    )
    event, _made = Event.objects.get_or_create(
        request=request, position=1, defaults={"at": BEGAN, "digest": "a" * 64}
    )
    deadline, _made = Deadline.objects.get_or_create(
        pk=1,
        defaults={
            "request": request,
            "kind": KINDS[0][0],
            "owner": KINDS[0][1],
            "started_at": BEGAN,
            "warn_at": AT + timedelta(days=30),
            "due_at": AT + timedelta(days=35),
            "next_at": AT + timedelta(days=30),
        },
    )
    return request, event, deadline


def _copies(first: Model, source: str, **others: str) -> None:
    """A copy `t` of the row for each of `source`, but for the columns given as SQL."""
    columns = [str(field.column) for field in first._meta.concrete_fields]
    kept = [name for name in columns if name != "id" or name in others]
    values = ", ".join(others.get(name, f't."{name}"') for name in kept)
    named = ", ".join(f'"{name}"' for name in kept)
    table = first._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({named}) SELECT {values} FROM {source} "
            f"CROSS JOIN {table} t WHERE t.id = {first.pk}"
        )


def _keep_ladder() -> None:
    """For each rung: a warning and a due moment by which it is reached now, what was
    told before, and when it goes on."""
    calendar = working_days(country="CN", time_zone="Asia/Shanghai")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_ladder (n int, warn_at timestamptz, due_at timestamptz,"
            " told text, reached_at timestamptz, stage text, next_at timestamptz)"
        )
        cursor.executemany(
            "INSERT INTO bench_ladder VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [_rung_as_row(calendar, rung) for rung in Rung],
        )


def _rung_as_row(
    calendar: WorkingDays, rung: Rung
) -> tuple[int | str | datetime | None, ...]:
    due_day = {
        Rung.WARN: calendar.add(TUESDAY, 3),
        Rung.DAY_BEFORE: calendar.add(TUESDAY, 1),
    }.get(rung) or calendar.sub(TUESDAY, rung - Rung.DUE)
    warn_day = TUESDAY if rung is Rung.WARN else calendar.sub(TUESDAY, 9)
    warn_at, due_at = closing(calendar, warn_day), closing(calendar, due_day)
    return (
        int(rung),
        warn_at,
        due_at,
        Rung(rung - 1).stage if rung else "",
        rung_at(calendar, rung, warn_at=warn_at, due_at=due_at),
        rung.stage,
        next_moment(ladder(calendar, warn_at=warn_at, due_at=due_at), after=AT),
    )
