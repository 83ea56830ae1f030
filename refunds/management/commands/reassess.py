"""`manage.py reassess`: stored assessments computed again; none may differ."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from refunds.insight.reassessment import reassess


class Command(BaseCommand):
    help = "Computes stored assessments again. Exit 1 if one comes out differently."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", type=_day, metavar="DATE", help="kept on that day or later"
        )

    def handle(self, *args: Any, since: date | None, **options: Any) -> None:
        done = differing = 0
        for checked in reassess(since=since):
            done += checked.size
            differing += len(checked.differences)
            for each in checked.differences:
                self.stdout.write(
                    f"{each.number}, assessment {each.assessment}: "
                    f"stored {each.stored}; now {each.now}"
                )
        if differing:
            raise CommandError(f"{differing} of {done} assessments differ.")
        self.stdout.write(f"All {done} assessments come out as they were stored.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write 2026-11-30.") from None
