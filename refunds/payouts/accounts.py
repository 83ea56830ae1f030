"""Another account, where the way that money came by is closed: an owner names it, one
person checks it, a second one approves it, and the money goes there."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.bank_accounts import masked
from accounts.models import Role, User
from refunds import guards as g
from refunds.clock.board import move_deadlines
from refunds.errors import NotPermitted, RefundError, Words
from refunds.models import (
    Deadline,
    Event,
    Evidence,
    PayoutAccount,
    PayoutLeg,
    RefundRequest,
)
from refunds.notices.outbox import tell_owners, tell_role
from refunds.payouts.account_details import Details, details_of
from refunds.payouts.elsewhere import send_there
from refunds.record.events import record
from refunds.states import State
from refunds.step import lock, moved_on

S = PayoutAccount.State
BY_OWNER = g.Permission(g.AN_OWNER)
BY_CHECKER = g.Permission(g.FINANCE, *g.NOT_INVOLVED)
BY_APPROVER = g.Permission(g.role(Role.APPROVER), *g.NOT_INVOLVED)
# Who decides next, by where the account stands.
DECIDES = {S.NAMED: BY_CHECKER, S.CHECKED: BY_APPROVER}


def name_account(
    request: RefundRequest,
    *,
    by: User,
    at: datetime,
    holder: str,
    number: str,
    bank_name: str,
    bank_code: str,
    proof: Evidence,
    closure: Evidence | None = None,
    words: str = "",
) -> PayoutAccount:
    """Naming it is the recorded consent. `proof`, `closure`: evidence of this request.
    Raises RefundError naming the field at fault; then nothing is kept."""
    details = details_of(holder, number, bank_name, bank_code)
    with transaction.atomic():
        locked = check_may_name(request, by=by)
        _check_evidence(locked, proof=proof, closure=closure)
        _check_it_did_not_come_back(locked, details)
        _set_aside(locked, at=at)
        account = _insert(
            locked,
            details,
            proof=proof,
            closure=closure,
            words=words.strip(),
            named_by=by,
            named_at=at,
        )
        event = _record(account, locked, "account_named", by=by, at=at, reason=words)
        move_deadlines(locked, at=at)
        tell_role(locked, event, "staff_account", role=Deadline.Owner.FINANCE)
    return account


def check_may_name(request: RefundRequest, *, by: User) -> RefundRequest:
    """Locks the request, for the transaction that names the account. Raises
    NotPermitted, or NotAllowedAnyMore."""
    locked = lock(request)
    if unmet := BY_OWNER.unmet(locked, by):
        raise NotPermitted(unmet.words)
    if locked.state != State.PAYOUT_BLOCKED:
        raise moved_on(locked)
    if words := _not_asked_for(locked):
        raise RefundError(words)
    return locked


def why_not_name(request: RefundRequest, *, by: User) -> Words | None:
    """What forbids this person to name an account now, or None."""
    if unmet := BY_OWNER.unmet(request, by):
        return unmet.words
    return _not_asked_for(request)


def _not_asked_for(request: RefundRequest) -> Words | None:
    if request.waits_for_account():
        return None
    if request.state == State.PAYOUT_BLOCKED and request.open_account():
        return _("An account is named already. You hear from us once it is checked.")
    return _("No other account is needed: nothing stops the money on its way back.")


def _check_evidence(
    request: RefundRequest, *, proof: Evidence, closure: Evidence | None
) -> None:
    papers = {"proof": proof, "closure": closure}
    for field, paper in papers.items():
        if paper and (paper.request_id != request.pk or paper.frozen_at is None):
            raise RefundError(_("Choose a file of this request."), field=field)


def _check_it_did_not_come_back(request: RefundRequest, details: Details) -> None:
    tried = PayoutLeg.objects.filter(
        payout__request=request, account__fingerprint=details.fingerprint
    )
    if any(leg.needs_account for leg in tried):
        raise RefundError(
            _(
                "The money came back from this account already. Name another one, or "
                "write us a message if your bank says otherwise."
            ),
            field="number",
        )


def _set_aside(request: RefundRequest, *, at: datetime) -> None:
    """An approved account that the money came back from makes room for the next."""
    came_back = request.open_account()
    if came_back is None:
        return
    came_back.state = S.REFUSED
    came_back.refusal = _("The money came back from this account.")
    came_back.save(update_fields=["state", "refusal"])
    _record(came_back, request, "account_refused", by=None, at=at)


def _insert(request: RefundRequest, details: Details, **rest: object) -> PayoutAccount:
    account = PayoutAccount(
        request=request,
        holder=details.holder,
        number=details.number,
        masked=masked(details.number),
        fingerprint=details.fingerprint,
        bank_name=details.bank_name,
        bank_code=details.bank_code,
        **rest,
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise RefundError(_("An account is named already.")) from None
    return account


def check_account(
    account: PayoutAccount, *, by: User, at: datetime, words: str
) -> None:
    """The first of two: finance, who says what was looked at."""
    with transaction.atomic():
        request, locked = _locked(account, S.NAMED, by=by)
        if not words.strip():
            raise RefundError(_("Say what you checked."), field="words")
        locked.state, locked.check_words = S.CHECKED, words.strip()
        locked.checked_by, locked.checked_at = by, at
        locked.save(update_fields=["state", "check_words", "checked_by", "checked_at"])
        event = _record(
            locked, request, "account_checked", by=by, at=at, reason=words.strip()
        )
        tell_role(request, event, "staff_account", role=Deadline.Owner.APPROVER)


def approve_account(account: PayoutAccount, *, by: User, at: datetime) -> None:
    """The second of two; then the money goes there. Raises RefundError where it can't;
    then nothing is approved."""
    with transaction.atomic():
        request, locked = _locked(account, S.CHECKED, by=by)
        locked.state, locked.decided_by, locked.decided_at = S.APPROVED, by, at
        locked.save(update_fields=["state", "decided_by", "decided_at"])
        _record(locked, request, "account_approved", by=by, at=at)
        send_there(request, locked, at=at)


def refuse_account(
    account: PayoutAccount, *, by: User, at: datetime, reason: str
) -> None:
    """By whoever decides next. The customer hears why, and names another."""
    with transaction.atomic():
        request, locked = _locked(account, *DECIDES, by=by)
        if not reason.strip():
            raise RefundError(
                _("Say why; the customer reads it and names another account."),
                field="reason",
            )
        locked.state, locked.refusal = S.REFUSED, reason.strip()
        locked.decided_by, locked.decided_at = by, at
        locked.save(update_fields=["state", "refusal", "decided_by", "decided_at"])
        event = _record(
            locked, request, "account_refused", by=by, at=at, reason=reason.strip()
        )
        move_deadlines(request, at=at)
        tell_owners(request, event, "customer_account_refused")


def why_not_decide(account: PayoutAccount, *, by: User) -> Words | None:
    """What forbids this person the account's next step, or None."""
    if account.request.state != State.PAYOUT_BLOCKED:
        return _("The refund is not held up any more; no other account is needed now.")
    if account.state not in DECIDES:
        return _("This account is decided on.")
    if words := _unmet(account.request, S(account.state), by):
        return words
    if account.named_by_id == by.pk:
        return _("You named this account; two others look at it.")
    if account.checked_by_id == by.pk:
        return _("You checked this account; a second person approves or refuses it.")
    return None


def _unmet(request: RefundRequest, state: S, by: User) -> Words | None:
    unmet = DECIDES[state].unmet(request, by)
    return unmet.words if unmet else None


def _locked(
    account: PayoutAccount, *expected: S, by: User
) -> tuple[RefundRequest, PayoutAccount]:
    """Under both locks, and only where this person may decide now."""
    request = lock(account.request)
    locked = PayoutAccount.objects.select_for_update().get(pk=account.pk)
    locked.request = request
    if not any(DECIDES[state](request, by) for state in expected):
        raise NotPermitted(_unmet(request, expected[0], by))
    if request.state != State.PAYOUT_BLOCKED:
        raise moved_on(request)
    if locked.state not in expected:
        raise RefundError(
            _("Somebody was first: this account is now “%(state)s”."),
            state=locked.get_state_display(),
        )
    if words := why_not_decide(locked, by=by):
        raise NotPermitted(words)
    return request, locked


def _record(
    account: PayoutAccount,
    request: RefundRequest,
    kind: str,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> Event:
    names = {"masked": account.masked, "holder": account.holder}
    data = {"account": account.pk, **names}
    return record(request, kind, by=by, at=at, reason=reason, data=data)
