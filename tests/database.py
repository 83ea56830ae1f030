"""Emptying a database whose triggers refuse it: a path of the tests' own."""

from django.apps import apps
from django.db import connection
from django.utils import timezone

from refunds.policies.defaults import load_default_policies
from refunds.record.triggers import drop_triggers, install_triggers

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
    drop_triggers()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
        else:
            cursor.execute("PRAGMA foreign_keys = OFF")
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")
            cursor.execute("PRAGMA foreign_keys = ON")
    install_triggers()
    load_default_policies(at=timezone.now())
