"""Emptying a database whose triggers refuse it: a path of the tests' own."""

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from refunds.policies.defaults import load_default_policies
from refunds.record.triggers import (
    drop_triggers,
    guarded_tables,
    install_triggers,
)

# Loaded by `migrate`, needed by every test.
KEPT = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "refunds_reasontag",
    "refunds_threshold",
}


def wipe() -> None:
    """Refuses any database that the tests did not make."""
    name = str(connection.settings_dict["NAME"])
    if "test" not in name and "memory" not in name:
        raise RuntimeError(f"{name} is no test database; nothing was emptied")
    models = apps.get_models(include_auto_created=True)
    tables = sorted({model._meta.db_table for model in models} - KEPT)
    if connection.vendor == "postgresql":
        _truncate(tables)
    else:
        _delete(tables)
    load_default_policies(at=timezone.now())


def _truncate(tables: list[str]) -> None:
    """In one go, with the triggers switched off rather than dropped: hundreds of tests
    do this."""
    guarded = guarded_tables()
    off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in guarded]
    on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in guarded]
    emptied = f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join([*off, emptied, *on]))


def _delete(tables: list[str]) -> None:
    drop_triggers()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("PRAGMA foreign_keys = ON")
    install_triggers()
