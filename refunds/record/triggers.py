"""The database's own refusal to change history. Put back after every migration.

Django drops triggers silently when it rebuilds a table on SQLite, so they are not in
a migration: `manage.py migrate` ends by installing them anew.
"""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Model

from refunds.models import (
    AllocationBalance,
    Assessment,
    Event,
    Evidence,
    PaymentBalance,
    PayoutCall,
    PayoutLeg,
    RefundRequest,
)

APPEND_ONLY: tuple[type[Model], ...] = (Event, Assessment, PayoutCall)
SENT_FILE = (
    "request_id",
    "name",
    "content_type",
    "size",
    "sha256",
    "file",
    "frozen_at",
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


def refusals() -> dict[type[Model], tuple[str, str]]:
    """When an UPDATE, and when a DELETE, of a row is refused."""
    frozen = "OLD.frozen_at IS NOT NULL"
    gone = "OLD.reserved + OLD.refunded > 0"
    return {
        **dict.fromkeys(APPEND_ONLY, ("1 = 1", "1 = 1")),
        Evidence: (f"{frozen} AND ({_changes(SENT_FILE)})", frozen),
        PayoutLeg: (_changes(SENT_MONEY), "1 = 1"),
        # A state that changes brings its event along; what was sent stays.
        RefundRequest: (
            "OLD.state <> NEW.state AND NEW.event_count <= OLD.event_count",
            "OLD.state <> 'draft'",
        ),
        PaymentBalance: ("OLD.captured <> NEW.captured", gone),
        AllocationBalance: ("OLD.captured <> NEW.captured", gone),
    }


def install_triggers() -> None:
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for statement in statements(present):
            cursor.execute(statement)


def drop_triggers() -> None:
    """For tests that must empty the tables; nothing else calls this."""
    with connection.cursor() as cursor:
        for model in refusals():
            for statement in _drops(model._meta.db_table):
                cursor.execute(statement)


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


def _functions() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION makegood_refuse() RETURNS trigger AS $$ BEGIN "
        "RAISE EXCEPTION '% of % is refused: it is kept as it was written', "
        "TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$ LANGUAGE plpgsql"
    )


def _drops(table: str) -> Iterator[str]:
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    for what in ("update", "delete", "truncate"):
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
