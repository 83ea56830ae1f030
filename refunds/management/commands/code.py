"""`manage.py code EMAIL`: what an authenticator app of the demo's staff shows now."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from refunds.demo.people import code_now


class Command(BaseCommand):
    help = "Prints the six digits that a member of the demo's staff signs in with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        if not settings.PAYS_INTO_SANDBOX:
            raise CommandError(
                "PAYS_INTO_SANDBOX is false: on a server with real money nobody's "
                "second factor is told."
            )
        code = code_now(email.strip().lower())
        if code is None:
            raise CommandError(
                f"{email} has no second factor, or is nobody of the demo. "
                "`manage.py demo` lists who is and gives staff theirs."
            )
        self.stdout.write(code)
