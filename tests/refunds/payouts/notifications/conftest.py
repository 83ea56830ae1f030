import pytest
from django.test import Client

from refunds.models import RefundRequest
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.payouts.notifications.telling import PATH, Alipay
from tests.refunds.payouts.till import Till


@pytest.fixture
def alipay(till: Till) -> Alipay:
    """Who would send its notifications where nobody listens: tests carry them."""
    till.sandbox.notify["alipay"] = f"http://127.0.0.1:9{PATH}"
    return Alipay(till, Client(raise_request_exception=False))


@pytest.fixture
def sent(alipay: Alipay, released: RefundRequest, till: Till) -> RefundRequest:
    """Accepted by Alipay a moment ago, and asked about eleven seconds from now."""
    till.work()
    till.later(seconds=1)
    return released
