"""`manage.py sweep`: what the scheduler does, once and now."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from refunds.clock.sweep import sweep
from refunds.notices.outbox import send_due as send_notices
from refunds.payouts.release import move_agreed_on
from refunds.payouts.send import send_due as send_payouts
from refunds.review.lapse import lapse_overdue


class Command(BaseCommand):
    help = "Reminds, lapses, pays and sends mail: everything that is due, once."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        self.stdout.write(
            f"{sweep(at=now)} reminded, {lapse_overdue(at=now)} lapsed, "
            f"{move_agreed_on(at=now)} moved on, "
            f"{send_payouts(clock=timezone.now)} payouts looked at, "
            f"{send_notices(at=now)} notices sent"
        )
