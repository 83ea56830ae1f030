"""Money as whole minor units and as people write it. Pure.

Minor digits per currency: ISO 4217, list one.
"""

from fractions import Fraction

NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"


def minor_digits(currency: str) -> int:
    """ISO 4217; ValueError where the code is none."""
    if len(currency) != 3 or not (currency.isascii() and currency.isupper()):
        raise ValueError(f"{currency!r} is no currency code")
    if currency in NO_DIGITS:
        return 0
    return 3 if currency in THREE_DIGITS else 2


def exact(value: object) -> Fraction:
    """A whole number or a decimal or fraction in text, exactly; never a float."""
    if isinstance(value, bool) or not isinstance(value, int | str | Fraction):
        raise TypeError(f"{value!r} is not an exact number")
    if isinstance(value, str) and "e" in value.lower():
        raise ValueError(f"{value!r}: write it out")
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{value!r} is not a number") from None


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
