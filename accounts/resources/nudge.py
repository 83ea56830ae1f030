"""The task by its name, after the commit. What a nudge loses, the beat finds."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def nudge_imports() -> None:
    transaction.on_commit(_send)


def _send() -> None:
    try:
        current_app.send_task("accounts.tasks.run_imports", retry=False)
    except (OperationalError, OSError) as fault:
        log.warning("Imports were not nudged, the beat will find them: %s", fault)
