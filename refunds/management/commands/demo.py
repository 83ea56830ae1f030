"""`manage.py demo`: a database to play with; the second time it changes nothing."""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Customer
from refunds.demo.merchants import ensure_merchants
from refunds.demo.people import PEOPLE, ensure_second_factors
from refunds.demo.seed import seed
from refunds.gateways.sandbox.ledger import LEDGER_FILE, Ledger


class Command(BaseCommand):
    help = "Migrates, loads demo data where there is none, and says how to sign in."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PAYS_INTO_SANDBOX:
            raise CommandError(
                "PAYS_INTO_SANDBOX is false: demo data is for the sandbox on this "
                "machine only. Set it to true, or DEBUG."
            )
        password = os.environ.get("DEMO_PASSWORD", "")
        if len(password) < 8:
            raise CommandError(
                "DEMO_PASSWORD is not set, or shorter than 8 characters. `make setup` "
                "writes one to .env; or set it in the environment."
            )
        call_command("migrate", verbosity=0)
        ensure_merchants(
            settings.SANDBOX_DIR, url=f"http://127.0.0.1:{settings.SANDBOX_PORT}"
        )
        if not Customer.objects.exists():
            seed(
                at=timezone.now(),
                password=password,
                ledger=Ledger(settings.SANDBOX_DIR / LEDGER_FILE),
            )
        ensure_second_factors(password)
        self._say(password)

    def _say(self, password: str) -> None:
        url = settings.SITE_URL
        self.stdout.write(
            f"\nMakegood\n\n  customers   {url}/\n  console     {url}/admin/\n"
            f"  mail        {settings.EMAIL_FILE_PATH}\n"
            f"\nDemo sign-ins, all with the password {password}\n\n"
            + "".join(f"  {p.title:<20}{p.email}\n" for p in PEOPLE)
            + "\nStaff are asked for six digits too: `make code EMAIL=wanglei@…` prints"
            " them.\nCtrl-C stops everything.\n"
        )
