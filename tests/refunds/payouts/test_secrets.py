"""Keys and account numbers stay sealed wherever a row or a fault is written down."""

import pytest
from django.core import serializers

from refunds.gateways.registry import gateway_of
from refunds.models import Merchant
from refunds.payouts.stop import self_check
from tests.refunds.payouts.till import Till

KEY = "sk_test_51AdversaryWasHere"


def test_a_dump_of_the_rows_keeps_the_seal(merchants: None) -> None:
    merchant = Merchant.objects.get(route="stripe")
    secret = merchant.secrets["secret_key"]
    assert secret not in serializers.serialize("json", [merchant])


def test_a_key_with_a_blank_at_its_end_is_not_told(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_KEY_OF_OURS", f"{KEY} ")
    merchant = Merchant.objects.get(route="stripe")
    merchant.set_secrets({**merchant.secrets, "secret_key": "env:STRIPE_KEY_OF_OURS"})
    merchant.save()
    assert gateway_of(merchant) is not None
    self_check(merchant, at=till.at)
    merchant.refresh_from_db()
    assert KEY not in merchant.check_words
