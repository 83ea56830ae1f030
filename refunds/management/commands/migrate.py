"""`migrate`, and after it what a migration can't keep: triggers, roles, defaults."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connection
from django.utils import timezone

from accounts.roles import install_roles
from refunds.models import PolicyVersion
from refunds.policies.defaults import (
    load_default_policies,
    load_default_reason_tags,
    load_default_thresholds,
)
from refunds.record.triggers import drop_triggers, install_triggers


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        # To alter a table SQLite rebuilds it, and then refuses to give it its name back
        # while a trigger of another table asks it something.
        if connection.vendor == "sqlite":
            drop_triggers()
        try:
            super().handle(*args, **options)
        finally:
            install_triggers()
        # Not there when somebody migrates to an earlier state, or looks at a plan.
        if PolicyVersion._meta.db_table in connection.introspection.table_names():
            install_roles()
            load_default_policies(at=timezone.now())
            load_default_thresholds()
            load_default_reason_tags()
