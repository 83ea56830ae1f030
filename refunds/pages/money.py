"""The money of a request's service as its customer reads it: paid, gone back, left."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import PaymentAllocation


def money_rows(
    allocations: Iterable[PaymentAllocation], *, currency: str
) -> list[dict[str, Any]]:
    """Rows of a ledger; what is on its way has one only while something is."""
    rows = list(allocations)
    balances = [getattr(row, "balance", None) for row in rows]
    paid = sum(row.amount for row in rows)
    back = sum(balance.refunded for balance in balances if balance)
    coming = sum(balance.reserved for balance in balances if balance)
    lines = [(_("Paid for the service"), paid, False), (_("Gone back"), back, True)]
    if coming:
        lines.append((_("On its way back"), coming, True))
    found: list[dict[str, Any]] = [
        {"label": label, "amount": amount, "currency": currency, "minus": minus}
        for label, amount, minus in lines
    ]
    left = {"label": _("Left"), "amount": paid - back - coming, "currency": currency}
    return [*found, left | {"total": True}]
