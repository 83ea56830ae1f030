"""Every Celery task. Each asks the database what is due; twice changes nothing."""

from celery import shared_task
from django.utils import timezone

from refunds.clock.recount import recount_announced
from refunds.clock.sweep import sweep
from refunds.filing.automatic import decide_waiting as decide
from refunds.insight.backtest import run_waiting as run_waiting_backtests
from refunds.models import RefundRequest
from refunds.notices.outbox import send_due as send_due_notices
from refunds.payouts.daily import reconcile_due
from refunds.payouts.release import move_agreed_on
from refunds.payouts.send import send_due as send_due_payouts
from refunds.payouts.slips import lapse_slips as lapse_overdue_slips
from refunds.payouts.stop import probe_stopped as probe_stopped_merchants
from refunds.review.lapse import lapse_overdue as lapse
from refunds.search import reindex


@shared_task
def decide_waiting() -> None:
    decide(at=timezone.now())


@shared_task
def run_backtests() -> None:
    run_waiting_backtests(clock=timezone.now)


@shared_task
def sweep_deadlines() -> None:
    sweep(at=timezone.now())


@shared_task
def lapse_overdue() -> None:
    lapse(at=timezone.now())


@shared_task
def pay_agreed() -> None:
    move_agreed_on(at=timezone.now())


@shared_task
def send_payouts() -> None:
    send_due_payouts(clock=timezone.now)


@shared_task
def probe_stopped() -> None:
    probe_stopped_merchants(at=timezone.now())


@shared_task
def lapse_slips() -> None:
    lapse_overdue_slips(at=timezone.now())


@shared_task
def send_notices() -> None:
    send_due_notices(at=timezone.now())


@shared_task
def recount_provisional() -> None:
    recount_announced(at=timezone.now())


@shared_task
def reconcile() -> None:
    reconcile_due(clock=timezone.now)


@shared_task
def find_by_new_name(kind: str, key: int) -> None:
    """After a customer, contract or service was renamed."""
    reindex(RefundRequest.objects.filter(**{kind: key}))
