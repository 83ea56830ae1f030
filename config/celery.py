"""The Celery application and what beats: every promise in the database is swept."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("makegood")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
SECONDS_BETWEEN = {
    "refunds.tasks.send_payouts": 5.0,
    "refunds.tasks.send_notices": 5.0,
    "refunds.tasks.decide_waiting": 5.0,
    "refunds.tasks.pay_agreed": 15.0,
    "refunds.tasks.sweep_deadlines": 15.0,
    "refunds.tasks.lapse_overdue": 15.0,
    "refunds.tasks.run_backtests": 15.0,
    "accounts.tasks.run_imports": 15.0,
    "refunds.tasks.probe_stopped": 60.0,
    "refunds.tasks.lapse_slips": 60.0,
    "refunds.tasks.recount_provisional": 3_600.0,
    "refunds.tasks.reconcile": 3_600.0,
}
# Each entry expires before its next beat, so that a stopped worker finds one, not many.
app.conf.beat_schedule = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for task, seconds in SECONDS_BETWEEN.items()
}
