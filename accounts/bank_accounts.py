"""What an account number must look like before money is sent to it. Pure.

An IBAN by its check digits (ISO 13616, modulo 97); a mainland account by its digits,
because each bank counts them as it likes. Blanks and hyphens don't count; full-width
digits do.
"""

import re
import unicodedata

IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
MAINLAND = re.compile(r"[0-9]{8,32}", re.ASCII)
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)
BRANCH = re.compile(r"[0-9]{12}", re.ASCII)
SHOWN = 4


def plain_number(typed: str) -> str:
    """As it is kept: no blanks or hyphens, no full-width digits, capital letters."""
    plain = unicodedata.normalize("NFKC", typed).replace("-", "")
    return "".join(plain.split()).upper()


def is_account_number(number: str) -> bool:
    """Of a number as it is kept."""
    if IBAN.fullmatch(number):
        return _check_digits_fit(number)
    return MAINLAND.fullmatch(number) is not None


def is_bank_code(code: str) -> bool:
    """A BIC, or the twelve digits of a mainland branch."""
    return bool(BIC.fullmatch(code) or BRANCH.fullmatch(code))


def masked(number: str) -> str:
    """The last four, which is all that anybody is shown."""
    return f"****{number[-SHOWN:]}" if number else ""


def _check_digits_fit(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
