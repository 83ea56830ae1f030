"""The database's own refusal to change history. Put back after every migration.

Django drops triggers silently when it rebuilds a table on SQLite, so they are not in
a migration: `manage.py migrate` ends by installing them anew.
"""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Model

from refunds.models import (
    LEG_MOVES,
    AllocationBalance,
    Assessment,
    Event,
    Evidence,
    OutsideRefund,
    PaymentBalance,
    PayoutAccount,
    PayoutBatch,
    PayoutCall,
    PayoutLeg,
    Policy,
    PolicyEvent,
    PolicyRule,
    PolicyVersion,
    ReasonTag,
    ReceivedFile,
    RefundRequest,
    StatementLine,
)
from refunds.states import State

APPEND_ONLY: tuple[type[Model], ...] = (
    Event,
    PolicyEvent,
    Assessment,
    PayoutCall,
    ReceivedFile,
)
TAGGED: type[Model] = RefundRequest.reason_tags.through
# While these last, reviewers may say what a request is about; then it is decided.
UNDECIDED = (
    State.DRAFT,
    State.SUBMITTED,
    State.PRELIMINARY_REVIEW,
    State.EVALUATION,
    State.APPEALED,
)
SENT_FILE = (
    "request_id",
    "name",
    "content_type",
    "size",
    "sha256",
    "file",
    "frozen_at",
)
ASKED = (
    "number",
    "customer_id",
    "contract_id",
    "service_id",
    "ground",
    "amount_asked",
    "currency",
    "keep_service",
    "description",
    "channel",
    "filed_by_id",
    "submitted_at",
)
SENT_MONEY = (
    "payout_id",
    "allocation_id",
    "attempt",
    "route",
    "amount",
    "currency",
    "key",
    "parameters",
)
BATCHED = ("number", "content", "sha256", "name", "amount", "count", "merchant_id")
ACCOUNT = ("request_id", "holder", "number", "masked", "fingerprint", "bank_code")
OUTSIDE = ("payment_id", "cause", "reference", "amount")


def refusals() -> dict[type[Model], tuple[str, str]]:
    """When an UPDATE, and when a DELETE, of a row is refused."""
    frozen = "OLD.frozen_at IS NOT NULL"
    gone = "OLD.reserved + OLD.refunded > 0"
    published = "OLD.published_at IS NOT NULL"
    return {
        **dict.fromkeys(APPEND_ONLY, ("1 = 1", "1 = 1")),
        Evidence: (f"{frozen} AND ({_changes(SENT_FILE)})", frozen),
        PayoutLeg: (f"{_changes(SENT_MONEY)} OR {_strange_leg_move()}", "1 = 1"),
        PayoutBatch: (_changes(BATCHED), "1 = 1"),
        PayoutAccount: (_changes(ACCOUNT), "1 = 1"),
        OutsideRefund: (_changes(OUTSIDE), "1 = 1"),
        # Which leg a line belongs to is found out later.
        StatementLine: (_changes(("file_id", "position", "amount", "key")), "1 = 1"),
        # A state that changes brings its event along; what was sent stays.
        RefundRequest: (
            "(OLD.state <> NEW.state AND NEW.event_count <= OLD.event_count) OR "
            f"(OLD.state <> 'draft' AND ({_changes(ASKED)}))",
            "OLD.state <> 'draft'",
        ),
        PaymentBalance: ("OLD.captured <> NEW.captured", gone),
        AllocationBalance: ("OLD.captured <> NEW.captured", gone),
        Policy: (_changes(("product_line",)), "1 = 1"),
        PolicyVersion: (published, published),
        # Retired instead; what was decided names a tag by its code.
        ReasonTag: (_changes(("code",)), "1 = 1"),
    }


def _strange_leg_move() -> str:
    """A state that a leg can't reach from where it stands; once it has gone to an
    account or stands in a batch, to another one. What WeChat Pay has parked again may
    go to the next account."""
    parked = (
        "OLD.route = 'wechat_pay' AND OLD.state = 'needs_action' AND "
        "OLD.code = 'ABNORMAL' AND NEW.state = 'held'"
    )
    allowed = " OR ".join(
        f"(OLD.state = '{state}' AND NEW.state IN ({_listed(targets)}))"
        for state, targets in LEG_MOVES.items()
        if targets
    )
    return (
        f"(OLD.state <> NEW.state AND NOT ({allowed})) OR (OLD.account_id IS NOT NULL "
        f"AND ({_changes(('account_id',))}) AND NOT ({parked})) OR "
        f"(OLD.batch_id IS NOT NULL AND "
        f"({_changes(('batch_id',))}))"
    )


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def install_triggers() -> None:
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for statement in statements(present):
            cursor.execute(statement)


def drop_triggers() -> None:
    """For tests that must empty the tables, and before SQLite rebuilds them."""
    with connection.cursor() as cursor:
        for table in guarded_tables():
            for statement in _drops(table):
                cursor.execute(statement)


def guarded_tables() -> list[str]:
    guarded: list[type[Model]] = [*refusals(), PolicyRule, TAGGED]
    return [model._meta.db_table for model in guarded]


def statements(present: set[str]) -> Iterator[str]:
    """`present` names the tables that are there."""
    if connection.vendor == "postgresql":
        yield from _functions()
    for model, (update, delete) in refusals().items():
        table = model._meta.db_table
        if table in present:
            yield from _drops(table)
            yield _trigger(table, "update", update)
            yield _trigger(table, "delete", delete)
            if connection.vendor == "postgresql":
                yield _no_truncate(table)
    for model, refused in _by_another_row().items():
        if model._meta.db_table in present:
            yield from _guarded_by(model._meta.db_table, *refused)


def _functions() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION makegood_refuse() RETURNS trigger AS $$ BEGIN "
        "RAISE EXCEPTION '% of % is refused: it is kept as it was written', "
        "TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$ LANGUAGE plpgsql"
    )


def _by_another_row() -> dict[type[Model], tuple[str, str]]:
    """What stands still because of another row: the column that points to it, and
    what is asked of what that column names.

    Rules stand still once their version is published, none is added either; so do a
    request's tags once it is decided.
    """
    version, request = PolicyVersion._meta.db_table, RefundRequest._meta.db_table
    undecided = ", ".join(f"'{state}'" for state in UNDECIDED)
    return {
        PolicyRule: (
            "version_id",
            f"SELECT 1 FROM {version} WHERE published_at IS NOT NULL",
        ),
        TAGGED: (
            "refundrequest_id",
            f"SELECT 1 FROM {request} WHERE state NOT IN ({undecided})",
        ),
    }


def _guarded_by(table: str, column: str, query: str) -> Iterator[str]:
    yield from _drops(table)
    for what, rows in (
        ("insert", ("NEW",)),
        ("update", ("OLD", "NEW")),
        ("delete", ("OLD",)),
    ):
        named = ", ".join(f"{row}.{column}" for row in rows)
        refused = f"EXISTS ({query} AND id IN ({named}))"
        if connection.vendor == "postgresql":
            yield _asking(f"{table}_no_{what}", refused)
            yield (
                f"CREATE TRIGGER {table}_no_{what} BEFORE {what.upper()} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_no_{what}()"
            )
        else:
            yield _trigger(table, what, refused)
    if connection.vendor == "postgresql":
        yield _no_truncate(table)


def _asking(name: str, refused: str) -> str:
    """PostgreSQL takes no query in WHEN, so the question is asked inside."""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$ BEGIN "
        f"IF {refused} THEN "
        "RAISE EXCEPTION '% of % is refused: it is kept as it was written', "
        "TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; "
        "END $$ LANGUAGE plpgsql"
    )


def _drops(table: str) -> Iterator[str]:
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    for what in ("insert", "update", "delete", "truncate"):
        yield f"DROP TRIGGER IF EXISTS {table}_no_{what}{on}"


def _no_truncate(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION makegood_refuse()"
    )


def _changes(columns: tuple[str, ...]) -> str:
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    return " OR ".join(f'OLD."{c}" {differs} NEW."{c}"' for c in columns)


def _trigger(table: str, what: str, condition: str) -> str:
    head = f"CREATE TRIGGER {table}_no_{what} BEFORE {what.upper()} ON {table}"
    if connection.vendor == "postgresql":
        return (
            f"{head} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION makegood_refuse()"
        )
    return (
        f"{head} FOR EACH ROW WHEN {condition} BEGIN SELECT RAISE(ABORT, "
        f"'{what} of {table} is refused: it is kept as it was written'); END"
    )
