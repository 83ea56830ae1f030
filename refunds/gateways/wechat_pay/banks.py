"""The fifteen banks that an abnormal refund can go to, by the account's bank code."""

import re

from refunds.gateways.base import Payee

# `bank_type`, the first digits of the branch number (CNAPS), the bank's part of a BIC.
BANKS = (
    ("ICBC_DEBIT", "102", "ICBK"),
    ("ABC_DEBIT", "103", "ABOC"),
    ("BOC_DEBIT", "104", "BKCH"),
    ("CCB_DEBIT", "105", "PCBC"),
    ("COMM_DEBIT", "301", "COMM"),
    ("CITIC_DEBIT", "302", "CIBK"),
    ("CEB_DEBIT", "303", "EVER"),
    ("CMBC_DEBIT", "305", "MSBC"),
    ("GDB_DEBIT", "306", "GDBK"),
    ("PAB_DEBIT", "307", "SZDB"),
    ("CMB_DEBIT", "308", "CMBC"),
    ("CIB_DEBIT", "309", "FJIB"),
    ("SPDB_DEBIT", "310", "SPDB"),
    ("NBCB_DEBIT", "313332", "BKNB"),
    ("PSBC_DEBIT", "403", "PSBC"),
)
BIC = re.compile(r"[A-Z]{4}CN[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)
BRANCH = re.compile(r"\d{12}", re.ASCII)


def bank_type_of(payee: Payee) -> str | None:
    """None where WeChat Pay sends no abnormal refund to."""
    code = "".join(payee.bank_code.split()).upper()
    for bank_type, branch, bic in BANKS:
        if BRANCH.fullmatch(code) and code.startswith(branch):
            return bank_type
        if BIC.fullmatch(code) and code.startswith(bic):
            return bank_type
    return None
