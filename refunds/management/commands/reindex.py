"""`manage.py reindex`: what every request is found by, anew from its records."""

from typing import Any

from django.core.management.base import BaseCommand

from refunds.models import RefundRequest
from refunds.search import reindex


class Command(BaseCommand):
    help = "Writes anew what every request is found by, batch by batch."

    def handle(self, *args: Any, **options: Any) -> None:
        done = reindex(RefundRequest.objects.all())
        self.stdout.write(f"{done} requests can be found.")
