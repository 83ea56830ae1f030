"""A nudge sends a task by its name after the commit. What it loses, the sweep finds."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def nudge(task: str) -> None:
    transaction.on_commit(lambda: _send(task))


def _send(task: str) -> None:
    try:
        current_app.send_task(f"refunds.tasks.{task}", retry=False)
    except (OperationalError, OSError) as fault:
        log.warning("%s was not nudged, the sweep will find it: %s", task, fault)
