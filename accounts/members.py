"""Who acts for a customer: owners invite, change and remove, and somebody always owns.

Every verb locks the customer first: two at once follow each other.
"""

from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from secrets import token_urlsafe

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.invitation_mail import send_invitation
from accounts.models import (
    Customer,
    Invitation,
    Membership,
    MembershipEvent,
    Role,
    User,
)

VALID_FOR = timedelta(days=7)
OWNER = Membership.Role.OWNER
Kind = MembershipEvent.Kind


class MembersError(Exception):
    """Says to whoever asked why it can't be, and the way out."""


class NotTheOwner(MembersError):
    def __init__(self) -> None:
        super().__init__(_("Only an owner changes who acts for the customer."))


class ActsAlready(MembersError):
    def __init__(self, email: str) -> None:
        words = _("%(email)s acts for this customer already.")
        super().__init__(words % {"email": email})


class InvitedAlready(MembersError):
    def __init__(self, email: str) -> None:
        words = _(
            "%(email)s is invited already. Send the invitation again if it was lost."
        )
        super().__init__(words % {"email": email})


class LastOwner(MembersError):
    def __init__(self) -> None:
        super().__init__(
            _("This is the only owner. Make somebody else owner first, then try again.")
        )


class NoLongerThere(MembersError):
    def __init__(self) -> None:
        super().__init__(_("Somebody changed this meanwhile. This is how it stands."))


class InvitationOver(MembersError):
    def __init__(self) -> None:
        super().__init__(
            _(
                "This invitation was used, withdrawn, sent anew or is older than seven "
                "days. Ask whoever invited you to send it again."
            )
        )


class ForAnotherAddress(MembersError):
    def __init__(self, email: str) -> None:
        words = _("This invitation is for %(email)s. Sign in with that address.")
        super().__init__(words % {"email": email})


@transaction.atomic
def invite(
    customer: Customer, *, email: str, role: str, by: User, at: datetime
) -> Invitation:
    """Raises NotTheOwner, ActsAlready, InvitedAlready. The mail goes out after commit;
    what is raised then, the invitation survives."""
    _lock(customer.pk, by=by)
    email = email.lower()
    if Membership.objects.filter(customer=customer, user__email=email).exists():
        raise ActsAlready(email)
    invitation = Invitation.objects.filter(
        customer=customer, email=email, accepted_at=None, withdrawn_at=None
    ).first()
    if invitation is None:
        invitation = Invitation(customer=customer, email=email)
    elif invitation.expires_at > at:
        raise InvitedAlready(email)
    invitation.role = role
    _send(invitation, by=by, at=at)
    return invitation


@transaction.atomic
def send_again(invitation: Invitation, *, by: User, at: datetime) -> None:
    """With a new secret: the earlier mail opens nothing any more."""
    _lock(invitation.customer_id, by=by)
    _send(_standing(invitation), by=by, at=at)


@transaction.atomic
def withdraw(invitation: Invitation, *, by: User, at: datetime) -> None:
    _lock(invitation.customer_id, by=by)
    standing = _standing(invitation)
    standing.withdrawn_at = at
    standing.save()
    _record(standing, kind=Kind.WITHDRAWN, email=standing.email, by=by, at=at)


def invitation_for(secret: str, *, at: datetime) -> Invitation | None:
    """What the secret of a mail still opens."""
    return (
        Invitation.objects.select_related("customer", "invited_by")
        .filter(digest=_digest(secret), withdrawn_at=None, expires_at__gt=at)
        .first()
    )


@transaction.atomic
def accept(secret: str, *, by: User, at: datetime) -> Customer:
    """By exactly the person whom the mail reached. Raises InvitationOver,
    ForAnotherAddress. The second click finds what the first one did."""
    known = invitation_for(secret, at=at)
    if known is None:
        raise InvitationOver
    customer = Customer.objects.select_for_update().get(pk=known.customer_id)
    invitation = invitation_for(secret, at=at)
    if invitation is None:
        raise InvitationOver
    if not has_address(by, invitation.email):
        raise ForAnotherAddress(invitation.email)
    if invitation.accepted_at is not None:
        if not Membership.objects.filter(customer=customer, user=by).exists():
            raise InvitationOver
        return customer
    invitation.accepted_at, invitation.accepted_by = at, by
    invitation.save()
    membership, joined = Membership.objects.get_or_create(
        customer=customer, user=by, defaults={"role": invitation.role}
    )
    if joined:
        _record(membership, kind=Kind.JOINED, email=by.email, by=by, at=at)
    return customer


def has_address(user: User, email: str) -> bool:
    """It is theirs, and they have shown it."""
    mine = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True)
    return bool(mine.exists())


@transaction.atomic
def change_role(
    membership: Membership, *, role: str, by: User, at: datetime
) -> Membership:
    """Raises NotTheOwner, LastOwner, NoLongerThere."""
    _lock(membership.customer_id, by=by)
    current = _current(membership)
    if current.role == role:
        return current
    _keep_an_owner(without=current)
    current.role = role
    current.save()
    _record(current, kind=Kind.ROLE_CHANGED, email=current.user.email, by=by, at=at)
    return current


@transaction.atomic
def remove(membership: Membership, *, by: User, at: datetime) -> None:
    """Raises NotTheOwner, LastOwner, NoLongerThere."""
    _lock(membership.customer_id, by=by)
    current = _current(membership)
    _keep_an_owner(without=current)
    _record(current, kind=Kind.REMOVED, email=current.user.email, by=by, at=at)
    current.delete()


@transaction.atomic
def appoint(
    customer: Customer, *, user: User, role: str, by: User, at: datetime
) -> Membership:
    """By our administrator: the first owner, or one where the last has gone. Raises
    NotTheOwner, ActsAlready."""
    if not (by.is_superuser or by.has_role(Role.ADMINISTRATOR)):
        raise NotTheOwner
    Customer.objects.select_for_update().get(pk=customer.pk)
    membership, joined = Membership.objects.get_or_create(
        customer=customer, user=user, defaults={"role": role}
    )
    if not joined:
        raise ActsAlready(user.email)
    _record(membership, kind=Kind.JOINED, email=user.email, by=by, at=at)
    return membership


def owns(user: User, customer: int) -> bool:
    return Membership.objects.filter(
        customer=customer, user=user, role=OWNER, user__is_active=True
    ).exists()


def _lock(customer: int, *, by: User) -> None:
    Customer.objects.select_for_update().get(pk=customer)
    if not owns(by, customer):
        raise NotTheOwner


def _standing(invitation: Invitation) -> Invitation:
    """As it is under the lock."""
    current = Invitation.objects.select_related("customer").get(pk=invitation.pk)
    if current.accepted_at or current.withdrawn_at:
        raise NoLongerThere
    return current


def _current(membership: Membership) -> Membership:
    found = Membership.objects.select_related("user").filter(pk=membership.pk).first()
    if found is None:
        raise NoLongerThere
    return found


def _keep_an_owner(*, without: Membership) -> None:
    others = Membership.objects.filter(
        customer=without.customer_id, role=OWNER, user__is_active=True
    ).exclude(pk=without.pk)
    if without.role == OWNER and not others.exists():
        raise LastOwner


def _send(invitation: Invitation, *, by: User, at: datetime) -> None:
    """The secret is in the mail alone."""
    secret = token_urlsafe(32)
    invitation.digest = _digest(secret)
    invitation.invited_by, invitation.invited_at = by, at
    invitation.expires_at = at + VALID_FOR
    invitation.save()
    _record(invitation, kind=Kind.INVITED, email=invitation.email, by=by, at=at)
    transaction.on_commit(partial(send_invitation, invitation, secret))


def _record(
    of: Invitation | Membership, *, kind: Kind, email: str, by: User, at: datetime
) -> None:
    MembershipEvent.objects.create(
        customer_id=of.customer_id, kind=kind, email=email, role=of.role, by=by, at=at
    )


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
