"""All that is known of one leg, for its page; and what this person may do about it."""

from datetime import datetime
from typing import Any

from accounts.models import Role, User
from refunds.guards import NOT_OWN_CUSTOMER
from refunds.models import (
    AllocationBalance,
    LegFinding,
    LegState,
    PaymentBalance,
    PayoutLeg,
)
from refunds.pages.payout_words import Explained, explained
from refunds.payouts.attempts import FINGERPRINT
from refunds.payouts.follow import STUCK
from refunds.review.queue import show_owed
from refunds.step import why_not

EXPLAINED = (*STUCK, LegState.PREPARED, LegState.HELD, LegState.UNKNOWN)


def leg_context(leg: PayoutLeg, user: User, *, at: datetime) -> dict[str, Any]:
    request = leg.payout.request
    show_owed([request], at=at)
    findings = list(leg.findings.select_related("found_by", "decided_by"))
    waiting = next((each for each in findings if each.agreed is None), None)
    return {
        "leg": leg,
        "case": request,
        "payment": leg.allocation.payment,
        "explained": why(leg),
        "balances": _balances(leg),
        "parameters": _parameters(leg),
        "attempts": _attempts(leg),
        "calls": leg.calls.order_by("pk"),
        "notifications": leg.notifications.order_by("pk"),
        "lines": leg.statement_lines.select_related("file").defer("file__content"),
        "discrepancies": leg.discrepancies.order_by("pk"),
        "findings": findings,
        "waiting": waiting,
        **_doors(leg, waiting, user, at=at),
    }


def why(leg: PayoutLeg) -> Explained | None:
    """Of what wants somebody or waits; a code of the rest explains nothing."""
    if not leg.code or leg.state not in EXPLAINED:
        return None
    return explained(leg.code, stuck=leg.state == LegState.NEEDS_ACTION)


def _doors(
    leg: PayoutLeg, waiting: LegFinding | None, user: User, *, at: datetime
) -> dict[str, bool]:
    """What the page offers; each verb decides for itself once it is pressed."""
    request = leg.payout.request
    free = NOT_OWN_CUSTOMER(request, user)
    finance, approver = user.has_role(Role.FINANCE), user.has_role(Role.APPROVER)
    stuck = leg.state == LegState.NEEDS_ACTION
    return {
        "may_find": finance and free and stuck and waiting is None,
        "may_decide": waiting is not None
        and free
        and (finance or approver)
        and waiting.found_by_id != user.pk,
        "may_retry": finance
        and why_not(request, "retry_payout", by=user, at=at) is None,
    }


def _balances(leg: PayoutLeg) -> list[tuple[str, Any]]:
    payment = PaymentBalance.objects.filter(pk=leg.allocation.payment_id).first()
    own = AllocationBalance.objects.filter(pk=leg.allocation_id).first()
    return [
        (which, balance)
        for which, balance in (("payment", payment), ("allocation", own))
        if balance
    ]


def _parameters(leg: PayoutLeg) -> list[tuple[str, Any]]:
    """An account is there by its fingerprint only; of that, what eyes can compare."""
    shown = dict(leg.parameters)
    if FINGERPRINT in shown:
        shown[FINGERPRINT] = f"{str(shown[FINGERPRINT])[:8]}…"
    return sorted(shown.items())


def _attempts(leg: PayoutLeg) -> list[PayoutLeg]:
    """All attempts of the same payout, where there is more than this one."""
    rows = PayoutLeg.objects.filter(payout=leg.payout_id).order_by("pk")
    found = list(rows.only("key", "state", "amount", "currency", "code"))
    return found if len(found) > 1 else []
