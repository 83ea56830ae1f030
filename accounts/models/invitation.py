"""Invitation: an owner asks somebody to act for the customer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.customer import Customer, Membership
from accounts.models.user import User


class Invitation(models.Model):
    """Its secret is in the mail alone; `digest` is what we keep of it.

    Stands until it is accepted, withdrawn, or out of date.
    """

    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.CASCADE,
        related_name="invitations",
    )
    email = models.EmailField(_("email"))
    role = models.CharField(
        _("role"),
        max_length=10,
        choices=Membership.Role.choices,
        default=Membership.Role.MEMBER,
    )
    invited_by = models.ForeignKey(
        User, verbose_name=_("invited by"), on_delete=models.PROTECT, related_name="+"
    )
    invited_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("valid until"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    accepted_at = models.DateTimeField(_("accepted at"), null=True)
    accepted_by = models.ForeignKey(
        User,
        verbose_name=_("accepted by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_one_standing_per_address",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
                name="invitation_accepted_or_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.customer}"


class MembershipEvent(models.Model):
    """Who changed who acts for a customer; kept when the membership is gone."""

    class Kind(models.TextChoices):
        INVITED = "invited", _("invited")
        JOINED = "joined", _("joined")
        WITHDRAWN = "withdrawn", _("invitation withdrawn")
        ROLE_CHANGED = "role_changed", _("role changed")
        REMOVED = "removed", _("removed")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="membership_events"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    email = models.EmailField(_("email"))
    role = models.CharField(_("role"), max_length=10, choices=Membership.Role.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of members")
        verbose_name_plural = _("changes of members")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.email} · {self.get_kind_display()}"
