"""What became of a leg that no query settles: one person finds out, another agrees."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.gateways.base import Outcome, Result
from refunds.guards import NOT_INVOLVED
from refunds.models import LegFinding, LegState, PayoutCall, PayoutLeg, RefundRequest
from refunds.payouts.outcome import conclude
from refunds.payouts.send import log_call
from refunds.record.events import record
from refunds.step import lock


def find_out(
    leg: PayoutLeg,
    *,
    by: User,
    at: datetime,
    moved: bool,
    words: str,
    provider_number: str = "",
) -> LegFinding:
    """Finance writes what the bank or the provider's portal says; nothing moves yet.
    Raises RefundError for a leg that needs nobody, or has a finding that waits."""
    with transaction.atomic():
        request, locked = _locked(leg)
        _check_person(request, by, Role.FINANCE)
        if locked.state != LegState.NEEDS_ACTION:
            raise RefundError(_("This payout needs no finding now."))
        if not words.strip():
            raise RefundError(_("Say how you found out."), field="words")
        try:
            with transaction.atomic():
                finding = LegFinding.objects.create(
                    leg=locked,
                    moved=moved,
                    provider_number=provider_number.strip(),
                    words=words.strip(),
                    found_by=by,
                    found_at=at,
                )
        except IntegrityError:
            raise RefundError(
                _("A finding waits for its second person already.")
            ) from None
        data = {"key": leg.key, "moved": moved}
        record(request, "payout_found", by=by, at=at, reason=words, data=data)
    return finding


def decide_finding(
    finding: LegFinding, *, by: User, at: datetime, agreed: bool
) -> None:
    """The second person, of finance or an approver. What they agree on is the proof."""
    with transaction.atomic():
        request, leg = _locked(finding.leg)
        _check_person(request, by, Role.FINANCE, Role.APPROVER)
        if finding.found_by_id == by.pk:
            raise NotPermitted(_("You found this out; a second person has to agree."))
        waiting = LegFinding.objects.filter(pk=finding.pk, agreed=None)
        if not waiting.update(agreed=agreed, decided_by=by, decided_at=at):
            raise RefundError(_("Somebody decided this finding already."))
        data = {"key": leg.key, "moved": finding.moved, "agreed": agreed}
        record(request, "payout_found", by=by, at=at, data=data)
        if agreed:
            _conclude(request, leg, finding, at=at)


def _conclude(
    request: RefundRequest, leg: PayoutLeg, finding: LegFinding, *, at: datetime
) -> None:
    if leg.state != LegState.NEEDS_ACTION:
        raise RefundError(_("The payout has moved on since; nothing was decided."))
    if leg.sent_at and leg.sent_at > finding.found_at:
        raise RefundError(
            _(
                "It was sent again after this was found out. Disagree, and have it "
                "looked at anew."
            )
        )
    result = Result(
        Outcome.SUCCEEDED if finding.moved else Outcome.FAILED,
        code="finding",
        message=finding.words,
        provider_number=finding.provider_number,
        amount=leg.amount,
        currency=leg.currency,
        key=leg.key,
        trade_number=leg.allocation.payment.trade_number,
    )
    call = log_call(leg, PayoutCall.Kind.FINDING, result, at=at)
    conclude(request, leg, result, call=call, at=at)


def _locked(leg: PayoutLeg) -> tuple[RefundRequest, PayoutLeg]:
    request = lock(leg.payout.request)
    return request, PayoutLeg.objects.select_for_update().get(pk=leg.pk)


def _check_person(request: RefundRequest, by: User, *roles: Role) -> None:
    if not any(by.has_role(role) for role in roles):
        raise NotPermitted(_("This is for finance."))
    for guard in NOT_INVOLVED:
        if not guard(request, by):
            raise NotPermitted(guard.words)
