"""What is sealed: the database holds no plain secret, and a wrong key opens nothing."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from accounts.sealed import SealBroken, seal, unseal
from refunds.models import Merchant

pytestmark = [pytest.mark.database_rules, pytest.mark.django_db]
SECRET = "sk_test_nobody_reads_this"


def kept() -> Merchant:
    merchant = Merchant(route="stripe", number="acct_1", name="Ours")
    merchant.set_secrets({"secret_key": SECRET})
    merchant.save()
    return merchant


def at_rest() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_secrets FROM refunds_merchant")
        return str(cursor.fetchone()[0])


def test_the_row_holds_no_plain_secret() -> None:
    kept()
    assert SECRET not in at_rest()
    assert "secret_key" not in at_rest(), "not even its name"
    assert Merchant.objects.get().secrets == {"secret_key": SECRET}


def test_the_same_secret_is_never_sealed_the_same() -> None:
    merchant = kept()
    first = at_rest()
    merchant.save()
    assert at_rest() != first


def test_a_wrong_key_opens_nothing(settings: Settings) -> None:
    kept()
    settings.SEALING_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SealBroken):
        Merchant.objects.get()
    assert Merchant.objects.defer("sealed_secrets").get().number == "acct_1"


def test_what_was_altered_is_not_believed() -> None:
    token = bytearray(seal(b"12345"))
    token[-5] ^= 1
    with pytest.raises(SealBroken):
        unseal(bytes(token))


def test_a_new_first_key_seals_and_the_old_one_still_opens(settings: Settings) -> None:
    merchant = kept()
    old = list(settings.SEALING_KEYS)
    new = Fernet.generate_key().decode()
    settings.SEALING_KEYS = [new, *old]
    assert Merchant.objects.get().secrets == {"secret_key": SECRET}
    merchant.save()
    settings.SEALING_KEYS = [new]
    assert Merchant.objects.get().secrets == {"secret_key": SECRET}


@pytest.mark.parametrize("keys", [["too short"], ["x" * 44]])
def test_a_key_that_is_none_says_what_it_should_be(
    settings: Settings, keys: list[str]
) -> None:
    settings.SEALING_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="make setup"):
        seal(b"1")


def test_nothing_to_seal_stays_nothing() -> None:
    Merchant.objects.create(route="bank_transfer", number="1", name="Bank")
    assert at_rest() == ""
