"""The database's own refusal to change history. Put back after every migration.

Django drops triggers silently when it rebuilds a table on SQLite, so they are not in
a migration: `manage.py migrate` ends by installing them anew.
"""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Model

from refunds.models import Assessment, Event, Evidence, PayoutCall, PayoutLeg

APPEND_ONLY: tuple[type[Model], ...] = (Event, Assessment, PayoutCall)
# Columns that never change once the row is as the condition says.
FROZEN: dict[type[Model], tuple[tuple[str, ...], str]] = {
    Evidence: (
        ("request_id", "name", "content_type", "size", "sha256", "file", "frozen_at"),
        "OLD.frozen_at IS NOT NULL",
    ),
    PayoutLeg: (
        (
            "payout_id",
            "allocation_id",
            "attempt",
            "route",
            "amount",
            "currency",
            "key",
            "parameters",
        ),
        "1 = 1",
    ),
}


def install_triggers() -> None:
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for statement in statements(present):
            cursor.execute(statement)


def drop_triggers() -> None:
    """For tests that must empty the tables; nothing else calls this."""
    with connection.cursor() as cursor:
        for model in (*APPEND_ONLY, *FROZEN):
            for statement in _drops(model._meta.db_table):
                cursor.execute(statement)


def statements(present: set[str]) -> Iterator[str]:
    if connection.vendor == "postgresql":
        yield from _functions()
    for model in APPEND_ONLY:
        if model._meta.db_table in present:
            yield from _drops(model._meta.db_table)
            yield from _append_only(model._meta.db_table)
    for model, (columns, condition) in FROZEN.items():
        if model._meta.db_table in present:
            yield from _drops(model._meta.db_table)
            yield from _frozen(model._meta.db_table, columns, condition)


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


def _append_only(table: str) -> Iterator[str]:
    yield _trigger(table, "update")
    yield _trigger(table, "delete")
    if connection.vendor == "postgresql":
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION makegood_refuse()"
        )


def _frozen(table: str, columns: tuple[str, ...], condition: str) -> Iterator[str]:
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    changed = " OR ".join(f'OLD."{c}" {differs} NEW."{c}"' for c in columns)
    yield _trigger(table, "update", f"({condition}) AND ({changed})")
    yield _trigger(table, "delete", condition)


def _trigger(table: str, what: str, condition: str = "1 = 1") -> str:
    head = f"CREATE TRIGGER {table}_no_{what} BEFORE {what.upper()} ON {table}"
    if connection.vendor == "postgresql":
        return (
            f"{head} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION makegood_refuse()"
        )
    return (
        f"{head} FOR EACH ROW WHEN {condition} BEGIN SELECT RAISE(ABORT, "
        f"'{what} of {table} is refused: it is kept as it was written'); END"
    )
