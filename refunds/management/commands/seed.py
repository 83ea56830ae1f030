"""`manage.py seed --requests N`: a full database to look at, never a real one."""

import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from refunds.demo.many.fill import fill


class Command(BaseCommand):
    help = (
        "Adds N requests of two years, with all that hangs on them. Stop it whenever "
        "you like; run it again and it adds more. For the sandbox only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--requests", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, help="other lives")

    def handle(self, *args: Any, requests: int, seed: int, **options: Any) -> None:
        if not settings.PAYS_INTO_SANDBOX:
            raise CommandError(
                "PAYS_INTO_SANDBOX is false: made-up requests are for the sandbox on "
                "this machine only, never for real customers' records."
            )
        if requests < 1:
            raise CommandError("--requests: say how many, 1 or more.")
        began = time.monotonic()

        def tell_of(done: int) -> None:
            spent = time.monotonic() - began
            self.stderr.write(
                f"\r{done:,} of {requests:,} requests, {spent:.0f} s", ending=""
            )
            self.stderr.flush()

        fill(requests, seed=seed, at=timezone.now(), tell_of=tell_of)
        sys.stderr.write("\n")
