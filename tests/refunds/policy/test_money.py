"""Minor units, decimals and the one rounding."""

from fractions import Fraction

import pytest

from accounts.minor_units import to_decimal, to_minor
from refunds.policy.errors import FactsError
from refunds.policy.facts import Fee
from refunds.policy.money import balance, round_half_up
from tests.refunds.policy.situations import live, paid


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [("0", 0), ("1/3", 0), ("1/2", 1), ("3/2", 2), ("5/2", 3), ("249/100", 2)],
)
def test_half_is_rounded_up(exact: str, rounded: int) -> None:
    assert round_half_up(Fraction(exact)) == rounded


@pytest.mark.parametrize(
    ("decimal", "currency", "minor", "shown"),
    [
        ("12.50", "CNY", 1250, "12.50"),
        ("0.05", "CNY", 5, "0.05"),
        ("1250", "JPY", 1250, "1250"),
        ("1250.00", "JPY", 1250, "1250"),
        ("1.5", "KWD", 1500, "1.500"),
        (7, "CNY", 700, "7.00"),
        ("-0.05", "CNY", -5, "-0.05"),
    ],
)
def test_decimals_become_minor_units_and_back(
    decimal: object, currency: str, minor: int, shown: str
) -> None:
    assert to_minor(decimal, currency=currency) == minor
    assert to_decimal(minor, currency=currency) == shown


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("1.005", "CNY"), ("0.5", "JPY"), ("a", "CNY"), ("1", "yuan"), ("1e9", "CNY")],
)
def test_what_a_currency_does_not_have_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match=amount if currency != "yuan" else "yuan"):
        to_minor(amount, currency=currency)


def test_money_is_never_a_float() -> None:
    with pytest.raises(TypeError):
        to_minor(12.5, currency="CNY")


@pytest.mark.parametrize(
    ("refundable", "before", "after"),
    [
        ("never", 1000, 1000),
        ("before_activation", 0, 1000),
        ("always", 0, 0),
        ("0.25", 750, 750),
    ],
)
def test_a_fee_is_kept_as_agreed(refundable: str, before: int, after: int) -> None:
    fee = Fee("set-up", 1000, refundable)
    assert fee.kept(activated=False) == before
    assert fee.kept(activated=True) == after


@pytest.mark.parametrize("refundable", ["sometimes", "1.5", "-0.1"])
def test_a_fee_that_makes_no_sense_is_refused(refundable: str) -> None:
    with pytest.raises(FactsError, match="refundable"):
        Fee("set-up", 1000, refundable)


def test_the_balance_adds_up() -> None:
    facts = live(
        payments=(paid(1000, refunded=100), paid(500)), fees=(Fee("set-up", 200),)
    )
    account = balance(facts)
    assert (account.paid, account.gone) == (1500, 100)
    assert [account.fees, account.value, account.remaining] == [200, 1300, 1200]
