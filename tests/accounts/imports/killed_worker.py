"""A worker for `test_steps.py`, to be killed: it has written all rows, and not ended.

    python -m tests.accounts.imports.killed_worker

Its settings come from the environment.
"""

import sys
from collections.abc import Sequence

import django

django.setup()

from django.utils import timezone  # noqa: E402

from accounts.resources.jobs import run_due  # noqa: E402
from accounts.resources.payments import PaymentResource  # noqa: E402
from accounts.resources.rows import Record  # noqa: E402

create = PaymentResource.create


def never_done(self: PaymentResource, records: Sequence[Record]) -> None:
    create(self, records)
    sys.stdout.write("written\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    PaymentResource.create = never_done  # type: ignore[method-assign]
    run_due(clock=timezone.now)
