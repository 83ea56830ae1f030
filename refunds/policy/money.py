"""Whole minor units, exact fractions until the end, one rounding, half up.

Minor digits per currency: ISO 4217, list one.
"""

from dataclasses import dataclass
from fractions import Fraction

from refunds.policy.facts import Facts
from refunds.policy.plain import exact
from refunds.policy.records import activated

NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"


@dataclass(frozen=True)
class Balance:
    """Of one service, in minor units: what came, went back, is kept, is at stake."""

    paid: int
    gone: int
    fees: Fraction

    @property
    def value(self) -> Fraction:
        """What a formula takes its share of."""
        return self.paid - self.fees

    @property
    def remaining(self) -> Fraction:
        return self.paid - self.gone - self.fees

    @property
    def nothing_left(self) -> bool:
        return self.gone >= self.paid


def balance(facts: Facts) -> Balance:
    """All payments count, also later ones; fees by activation."""
    active = activated(facts)
    return Balance(
        paid=sum(payment.amount for payment in facts.payments),
        gone=sum(payment.refunded for payment in facts.payments),
        fees=sum((fee.kept(activated=active) for fee in facts.fees), Fraction(0)),
    )


def round_half_up(amount: Fraction) -> int:
    """Whole minor units of an amount that is not negative."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def minor_digits(currency: str) -> int:
    """ISO 4217; ValueError where the code is none."""
    if len(currency) != 3 or not (currency.isascii() and currency.isupper()):
        raise ValueError(f"{currency!r} is no currency code")
    if currency in NO_DIGITS:
        return 0
    return 3 if currency in THREE_DIGITS else 2


def to_minor(amount: object, *, currency: str) -> int:
    """Minor units of a decimal ("12.50") or a whole number; exact or ValueError."""
    minor: Fraction = exact(amount) * 10 ** minor_digits(currency)
    if minor.denominator != 1:
        raise ValueError(f"{amount} has more digits than {currency}")
    return minor.numerator


def to_decimal(amount: int, *, currency: str) -> str:
    """The decimal of minor units: 1250 in CNY is "12.50"."""
    digits = minor_digits(currency)
    sign = "-" if amount < 0 else ""
    text = str(abs(amount)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else sign + text
