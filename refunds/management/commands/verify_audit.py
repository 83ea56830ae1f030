"""`manage.py verify_audit`: walks every event chain, names what was tampered with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from refunds.record.verify import Tally, find_breaks


class Command(BaseCommand):
    help = (
        "Verifies the hash chain of every request's and every policy's events. "
        "Exit 1 if one is broken."
    )

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        tally = Tally()
        if verbosity > 1 or self.stderr.isatty():
            tally.told = self._say_how_far
        with transaction.atomic():
            self._one_moment()
            breaks = self._walk(tally)
        walked = f"{tally.events} events in {tally.chains} chains"
        if breaks:
            raise CommandError(f"{breaks} of the chains do not verify: {walked}.")
        self.stdout.write(f"All {walked} verify.")

    def _one_moment(self) -> None:
        """All tables as of one moment, or a busy one raises a false alarm."""
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def _walk(self, tally: Tally) -> int:
        breaks = 0
        for found in find_breaks(tally=tally):
            breaks += 1
            words = f"{found.chain}: event {found.position} was {found.fault}"
            self.stderr.write(words)
        return breaks

    def _say_how_far(self, tally: Tally) -> None:
        words = f"{tally.events} events in {tally.chains} chains so far"
        self.stderr.write(words, self.style.NOTICE)
