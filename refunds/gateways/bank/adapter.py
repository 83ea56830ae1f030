"""The route by bank transfer: files out, files in, no calls.

The bank's word that a transfer is settled (`ACSC`) counts as success only where it
says the amount too; else it is under way until the statement (camt.053) books it.
Success may still come back days later: the statement says that as well.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.bank_accounts import masked
from accounts.minor_units import to_decimal
from refunds.gateways.bank import camt053, csv_profile, pain001, pain002
from refunds.gateways.bank.numbers import (
    BankCode,
    bank_code,
    compact,
    is_account,
    is_iban,
    masked_holder,
)
from refunds.gateways.bank.pain001 import Debtor
from refunds.gateways.bank.reading import is_xml
from refunds.gateways.base import (
    Access,
    Capabilities,
    Instruction,
    Line,
    Parameters,
    Payee,
    Reason,
    Result,
    Setting,
    StatementBroken,
)

# What each profile can carry.
PROFILES = {
    "pain.001": ("CNY", "EUR", "USD", "HKD", "GBP", "JPY", "SGD"),
    "csv": ("CNY",),
}
ENCODINGS = ("gb18030", "utf-8")
LONGEST_HOLDER = 140


class Bank:
    capabilities: ClassVar[Capabilities] = Capabilities(
        currencies=PROFILES["pain.001"],
        window=None,
        spacing=timedelta(0),
        polls=(),
        arrival=2,
        same_key=False,
        by_file=True,
    )
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("holder", gettext_lazy("Account holder")),
        Setting(
            "account",
            gettext_lazy("Our account number or IBAN"),
            help=gettext_lazy("The account that refunds are paid from."),
        ),
        Setting(
            "bank_code",
            gettext_lazy("BIC, or the 12 digits of our branch"),
            required=False,
        ),
        Setting(
            "profile",
            gettext_lazy("Format of the batches"),
            help=gettext_lazy(
                "pain.001 for ISO 20022, csv for the plain table of banks in mainland "
                "China."
            ),
        ),
        Setting(
            "encoding",
            gettext_lazy("Encoding of the tables"),
            required=False,
            help=gettext_lazy("For csv: gb18030, or utf-8. Empty: gb18030."),
        ),
    )

    def __init__(self, access: Access) -> None:
        given = access.settings
        self._account = compact(given.get("account", "") or access.number)
        self._holder = given.get("holder", "").strip()
        self._code = bank_code(given.get("bank_code", ""))
        self._profile = given.get("profile", "")
        self._encoding = given.get("encoding", "") or ENCODINGS[0]

    def check(
        self, instruction: Instruction, *, paid_at: datetime, now: datetime
    ) -> list[Reason]:
        reasons = []
        if not self._is_set_up():
            reasons.append(Reason.CONFIG)
        if instruction.currency not in PROFILES.get(self._profile, ()):
            reasons.append(Reason.DATA)
        if instruction.payee is None:
            reasons.append(Reason.ROUTE_CLOSED)
        elif not self._can_reach(instruction.payee, instruction.currency):
            reasons.append(Reason.DATA)
        return reasons

    def _is_set_up(self) -> bool:
        return bool(
            self._holder
            and is_account(self._account)
            and self._code is not None
            and self._profile in PROFILES
            and self._encoding in ENCODINGS
        )

    def _can_reach(self, payee: Payee, currency: str) -> bool:
        """Euro goes by SEPA, which knows IBANs alone."""
        reaches = is_iban if currency == "EUR" else is_account
        return bool(
            len("".join(filter(str.isprintable, payee.holder)).strip()) > 0
            and len(payee.holder.strip()) <= LONGEST_HOLDER
            and reaches(payee.number)
            and bank_code(payee.bank_code) is not None
        )

    def parameters(self, instruction: Instruction) -> Parameters:
        payee = instruction.payee
        parameters: Parameters = {
            "end_to_end_id": instruction.key,
            "amount": to_decimal(instruction.amount, currency=instruction.currency),
            "currency": instruction.currency,
            "reference": instruction.reason,
            "profile": self._profile,
        }
        if payee:
            parameters["holder"] = masked_holder(payee.holder)
            parameters["account"] = masked(compact(payee.number))
            parameters["bank_code"] = compact(payee.bank_code)
        return parameters

    def export(
        self, number: str, instructions: list[Instruction], *, now: datetime
    ) -> tuple[str, bytes]:
        if len({each.currency for each in instructions}) != 1:
            raise ValueError("A batch has transfers of one currency, at least one.")
        debtor = Debtor(self._holder, self._account, self._code or BankCode())
        if self._profile == "csv":
            content = csv_profile.write(
                number,
                instructions,
                debtor=debtor,
                now=now,
                encoding=self._encoding,
            )
            return f"{number}.csv", content
        content = pain001.write(number, instructions, debtor=debtor, now=now)
        return f"{number}.xml", content

    def read_answer(self, content: bytes) -> tuple[str, list[Result]]:
        """Whatever the profile: a file says itself which one it is. A result without a
        key holds for every transfer of the batch that is not listed."""
        if is_xml(content):
            number, results = pain002.read(content)
        else:
            number, results = csv_profile.read(content, encoding=self._encoding)
        for key, times in Counter(each.key for each in results).items():
            if times > 1:
                raise StatementBroken(
                    _("The answer names %(key)s more than once.") % {"key": key or "–"},
                    content,
                )
        return number, results

    def read_statement(self, content: bytes) -> list[Line]:
        return camt053.read(content, account=self._account)
