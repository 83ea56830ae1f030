"""The task by its name, after the commit. What a nudge loses, the beat finds."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def nudge_imports() -> None:
    transaction.on_commit(_send)


def nudge_search(kind: str, key: int) -> None:
    """A customer, contract or service has a new name, by which requests are found.
    What this nudge loses, `manage.py reindex` mends."""
    transaction.on_commit(lambda: _send_renamed(kind, key))


def _send() -> None:
    try:
        current_app.send_task("accounts.tasks.run_imports", retry=False)
    except (OperationalError, OSError) as fault:
        log.warning("Imports were not nudged, the beat will find them: %s", fault)


def _send_renamed(kind: str, key: int) -> None:
    try:
        current_app.send_task(
            "refunds.tasks.find_by_new_name", args=[kind, key], retry=False
        )
    except (OperationalError, OSError) as fault:
        log.warning("%s %s goes by its old name until reindex: %s", kind, key, fault)
