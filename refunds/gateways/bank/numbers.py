"""Account and bank numbers as the bank's files want them. Pure."""

from dataclasses import dataclass

from accounts.bank_accounts import BRANCH, is_account_number, is_bank_code, plain_number


def compact(number: str) -> str:
    """Without the blanks and hyphens that people group digits by."""
    return plain_number(number).replace("-", "")


def is_account(number: str) -> bool:
    """What begins like an IBAN has to be one, check digits and all."""
    return is_account_number(compact(number))


def is_iban(number: str) -> bool:
    return is_account(number) and compact(number)[:2].isalpha()


@dataclass(frozen=True)
class BankCode:
    """At most one of them is not empty."""

    bic: str = ""
    cnaps: str = ""


def bank_code(text: str) -> BankCode | None:
    """None for what is neither; nothing given is neither too, and no fault."""
    plain = compact(text)
    if not plain:
        return BankCode()
    if BRANCH.fullmatch(plain):
        return BankCode(cnaps=plain)
    return BankCode(bic=plain) if is_bank_code(plain) else None


def masked_holder(name: str) -> str:
    return f"{name.strip()[:1]}…"
