"""What a route rightly signed is taken, however odd: else it is told for ever."""

import json
from typing import Any

import pytest
from django.test import Client

from refunds.gateways.stripe.webhooks import signature
from refunds.models import Merchant
from tests.refunds.payouts.till import Till


@pytest.mark.filterwarnings("ignore:No directory at")
@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": {"key": "RF\x00"}},
        {"metadata": {"key": "RF\ud83d"}},
        {"metadata": {"key": "RF1"}, "amount": 10**30},
    ],
)
def test_an_odd_refund_of_somebody_else_is_taken(
    odd: dict[str, Any], till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: till.at)
    merchant = Merchant.objects.get(route="stripe")
    refund = {"object": "refund", "status": "succeeded", "amount": 1, **odd}
    event = {"id": "evt_1", "type": "refund.updated", "data": {"object": refund}}
    body = json.dumps(event).encode()
    sent = str(int(till.at.timestamp()))
    signed = signature(merchant.secrets["webhook_secret"], sent, body)
    answer = Client().post(
        f"/notify/stripe/{merchant.number}/",
        data=body,
        content_type="application/json",
        headers={"stripe-signature": f"t={sent},v1={signed}"},
    )
    assert answer.status_code < 500
