"""What does not agree is somebody's: taken in hand, found out about, ended in words."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import membership_of
from accounts.models import Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.guards import NOT_OWN_CUSTOMER
from refunds.models import Discrepancy
from refunds.models.leg_state import MOVED_NOTHING
from refunds.payouts.booking import book, line_of
from refunds.payouts.outside import unbook_portal

OPEN = Discrepancy.Outcome.OPEN
BOOKED = Discrepancy.Outcome.BOOKED
LONGEST = 5000


def forbids(discrepancy: Discrepancy, user: User) -> str:
    """What keeps this person from ending it, in words; empty if nothing does."""
    if not user.has_role(Role.FINANCE):
        return _("This is for finance.")
    payment = discrepancy.payment
    if payment and membership_of(user, payment.customer_id):
        return str(NOT_OWN_CUSTOMER.words)
    return ""


def take(discrepancy: Discrepancy, *, by: User, at: datetime) -> None:
    """In hand, and nobody else's; from a colleague who left us it may be taken."""
    _check_person(discrepancy, by)
    nobodys = Q(owner=None) | Q(owner=by) | Q(owner__is_active=False)
    rows = Discrepancy.objects.filter(pk=discrepancy.pk, outcome=OPEN)
    if not rows.filter(nobodys).update(owner=by):
        found = _now(discrepancy)
        _check_open(found)
        raise RefundError(_("%(name)s has this in hand."), name=found.owner)


def end(
    discrepancy: Discrepancy, *, by: User, at: datetime, outcome: str, words: str
) -> None:
    """`booked` books what is not booked yet. Raises RefundError; then nothing changes,
    in the books neither."""
    _check_person(discrepancy, by)
    said = _said(words)
    if outcome not in Discrepancy.Outcome.values or outcome == OPEN:
        raise RefundError(_("Choose how this ends."), field="outcome")
    with transaction.atomic():
        found = _locked(discrepancy)
        _check_open(found)
        if outcome == BOOKED:
            _book(found, by=by, at=at)
        _end(found, by=by, at=at, outcome=outcome, words=said)


def book_now(discrepancy: Discrepancy, *, by: User, at: datetime, words: str) -> None:
    """What had no room then has it now, or its payment was imported since."""
    end(discrepancy, by=by, at=at, outcome=BOOKED, words=words)


def take_back(discrepancy: Discrepancy, *, by: User, at: datetime, words: str) -> None:
    """Booked wrongly: the payment has that money again, and it is explained by `words`.
    It is not booked by itself again."""
    _check_person(discrepancy, by)
    said = _said(words)
    with transaction.atomic():
        found = _locked(discrepancy)
        line = line_of(found)
        if found.payment is None or line is None:
            raise RefundError(_("Nothing of this is booked."))
        if not unbook_portal(found.payment, reference=line.reference, at=at):
            raise RefundError(_("Nothing of this is booked."))
        explained = Discrepancy.Outcome.EXPLAINED
        _end(found, by=by, at=at, outcome=explained, words=said)


def _book(discrepancy: Discrepancy, *, by: User, at: datetime) -> None:
    line = line_of(discrepancy)
    leg = discrepancy.leg
    # What ended unmoved here, and is stated, did go: that is nobody else's leg.
    ours = leg is not None and leg.state not in MOVED_NOTHING
    if discrepancy.kind != Discrepancy.Kind.NOT_OURS or line is None or ours:
        raise RefundError(
            _("Only a line that is not ours can be booked against a payment."),
            field="outcome",
        )
    discrepancy.payment = book(discrepancy, line, by=by, at=at)


def _end(
    discrepancy: Discrepancy, *, by: User, at: datetime, outcome: str, words: str
) -> None:
    discrepancy.outcome, discrepancy.words = outcome, words
    discrepancy.ended_by, discrepancy.ended_at = by, at
    discrepancy.owner = discrepancy.owner or by
    discrepancy.save()


def _said(words: str) -> str:
    said = words.replace("\x00", "").strip()
    if not said:
        raise RefundError(_("Say what you found out."), field="words")
    if len(said) > LONGEST:
        raise RefundError(_("Say it in fewer words."), field="words")
    return said


def _locked(discrepancy: Discrepancy) -> Discrepancy:
    rows = Discrepancy.objects.select_for_update(of=("self",))
    return rows.select_related("merchant", "payment", "leg", "owner", "ended_by").get(
        pk=discrepancy.pk
    )


def _now(discrepancy: Discrepancy) -> Discrepancy:
    rows = Discrepancy.objects.select_related("owner", "ended_by")
    return rows.get(pk=discrepancy.pk)


def _check_open(found: Discrepancy) -> None:
    if found.outcome != OPEN:
        raise RefundError(
            _("This was ended already, by %(name)s. Nothing was changed by you."),
            name=found.ended_by or _("the system"),
        )


def _check_person(discrepancy: Discrepancy, by: User) -> None:
    if words := forbids(discrepancy, by):
        raise NotPermitted(words)
