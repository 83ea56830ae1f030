"""The Celery application and what beats: every promise in the database is swept."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("makegood")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Each entry expires before its next beat, so that a stopped worker finds one, not many.
app.conf.beat_schedule = {
    name: {
        "task": f"refunds.tasks.{name}",
        "schedule": seconds,
        "options": {"expires": seconds},
    }
    for name, seconds in {
        "send_payouts": 5.0,
        "send_notices": 5.0,
        "decide_waiting": 5.0,
        "pay_agreed": 15.0,
        "sweep_deadlines": 15.0,
        "lapse_overdue": 15.0,
    }.items()
}
