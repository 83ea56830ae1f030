"""`manage.py verify_audit`: walks every event chain, names what was tampered with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from refunds.models import Event
from refunds.record.verify import find_breaks


class Command(BaseCommand):
    help = "Verifies the hash chain of every request's events. Exit 1 if one is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            self._one_moment()
            self._walk()

    def _one_moment(self) -> None:
        """Both tables as of one moment, or a busy one raises a false alarm."""
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def _walk(self) -> None:
        breaks = 0
        for found in find_breaks():
            breaks += 1
            self.stderr.write(
                f"{found.request}: event {found.position} was {found.fault}"
            )
        if breaks:
            raise CommandError(f"{breaks} of the event chains do not verify.")
        self.stdout.write(f"All {Event.objects.count()} events verify.")
