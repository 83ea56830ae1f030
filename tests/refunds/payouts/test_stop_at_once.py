"""The stop switch beside a worker: once it has stopped, nothing enters `sending`."""

from datetime import datetime

import pytest

from refunds.models import PayoutStop
from refunds.payouts.stop import stop, stop_of
from tests.people import make_people
from tests.refunds.together import queued_while

pytestmark = pytest.mark.postgres


def test_a_stop_waits_for_whoever_read_that_nothing_is_stopped(
    committed: None, now: datetime
) -> None:
    """A worker reads it in the transaction that commits `sending`."""
    finance = make_people().finance
    read: list[PayoutStop | None] = []
    (stopped,) = queued_while(
        lambda: read.append(stop_of("alipay")),
        lambda: stop(route="", reason="A wrong key.", by=finance, at=now),
    )
    assert read == [None]
    assert stop_of("alipay") == stopped
