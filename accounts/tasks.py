"""The Celery tasks of the records. Twice changes nothing."""

from celery import shared_task
from django.utils import timezone

from accounts.resources.jobs import run_due


@shared_task
def run_imports() -> None:
    run_due(clock=timezone.now)
