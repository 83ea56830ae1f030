"""A sum as people type it. Touches no database."""

import pytest
from django.core.exceptions import ValidationError

from accounts.forms import MinorUnitsField


def field(currency: str = "CNY") -> MinorUnitsField:
    made = MinorUnitsField(max_length=40, required=False)
    made.currency = currency
    return made


@pytest.mark.parametrize(
    ("currency", "typed", "amount"),
    [
        ("CNY", "300", 300_00),
        ("CNY", "300.5", 300_50),
        ("CNY", "1,000.50", 1000_50),
        ("CNY", "CNY 1,000.50", 1000_50),
        ("CNY", "cny1000", 1000_00),
        ("CNY", "¥ 300", 300_00),
        ("CNY", "￥１２，０００", 12_000_00),
        ("CNY", " 0.01 ", 1),
        ("CNY", "", None),
        ("JPY", "3,000", 3000),
        ("JPY", "¥3000", 3000),
        ("KWD", "1.234", 1234),
    ],
)
def test_an_amount_is_read_as_people_write_it(
    currency: str, typed: str, amount: int | None
) -> None:
    assert field(currency).clean(typed) == amount


@pytest.mark.parametrize(
    ("currency", "typed", "words"),
    [
        ("CNY", "1.234", "Write the amount in CNY with 2 decimals at most."),
        ("JPY", "3000.5", "Write the amount in JPY with 0 decimals at most."),
        ("KWD", "1.2345", "Write the amount in KWD with 3 decimals at most."),
        ("CNY", "0", "has to be above zero"),
        ("CNY", "-5", "has to be above zero"),
        ("CNY", "garbage", "with 2 decimals at most"),
        ("CNY", "USD 5", "with 2 decimals at most"),
        ("CNY", "1e3", "with 2 decimals at most"),
        ("CNY", "nan", "with 2 decimals at most"),
        ("CNY", "1/0", "with 2 decimals at most"),
        ("CNY", "1.2.3", "with 2 decimals at most"),
        ("CNY", "9" * 30, "is too large"),
        ("CNY", "9" * 41, "at most 40 characters"),
    ],
)
def test_what_is_no_amount_says_what_one_is(
    currency: str, typed: str, words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        field(currency).clean(typed)
    assert words in " ".join(refused.value.messages)


@pytest.mark.parametrize("typed", ["12,50", "1.000", "1,2,3", "100/4", "1_0"])
def test_an_amount_that_could_mean_two_sums_is_not_guessed(typed: str) -> None:
    with pytest.raises(ValidationError):
        field().clean(typed)
