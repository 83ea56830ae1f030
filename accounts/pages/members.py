"""Members: who acts for a customer, for its owner to change and its people to see."""

import logging
from collections.abc import Callable
from smtplib import SMTPException

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.access import customers_of
from accounts.members import (
    MembersError,
    NotTheOwner,
    change_role,
    invite,
    owns,
    remove,
    send_again,
    withdraw,
)
from accounts.models import Customer, Invitation, Membership
from accounts.pages.forms import InviteForm, RoleForm
from accounts.pages.people import signed_in

logger = logging.getLogger(__name__)
CHANGES_SHOWN = 20


@login_required
@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """Of the one customer that nearly everybody acts for; else of the first."""
    first = customers_of(signed_in(request)).order_by("name", "pk").first()
    if first is None:
        return render(request, "pages/members_none.html")
    return redirect("members_of", first.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def members_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The list; an owner's invitation is sent from it."""
    user = signed_in(request)
    mine = list(customers_of(user).order_by("name", "pk"))
    customer = next((each for each in mine if each.pk == pk), None)
    if customer is None:
        raise Http404
    owner = owns(user, pk)
    if request.method == "POST" and not owner:
        raise PermissionDenied
    form = InviteForm(request.POST or None)
    if request.method == "POST" and _invited(request, customer, form):
        return redirect("members_of", pk)
    context = {
        "customer": customer,
        "others": [each for each in mine if each != customer],
        "owner": owner,
        "members": customer.memberships.select_related("user").order_by(
            "-role", "user__name", "user__email"
        ),
        "now": timezone.now(),
        "form": form if owner else None,
    }
    if owner:
        context["invitations"] = customer.invitations.filter(
            accepted_at=None, withdrawn_at=None
        ).select_related("invited_by")
        context["changes"] = customer.membership_events.select_related("by")[
            :CHANGES_SHOWN
        ]
    return render(request, "pages/members.html", context)


def _invited(request: HttpRequest, customer: Customer, form: InviteForm) -> bool:
    if not form.is_valid():
        return False
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    user, now = signed_in(request), timezone.now()
    try:
        invite(customer, email=email, role=role, by=user, at=now)
    except MembersError as refusal:
        form.add_error("email", str(refusal))
        return False
    except (SMTPException, OSError):
        _mail_failed(request, email)
        return True
    messages.success(
        request, _("The invitation is on its way to %(email)s.") % {"email": email}
    )
    return True


def _mail_failed(request: HttpRequest, email: str) -> None:
    logger.warning("An invitation could not be mailed; its owner was told.")
    messages.error(
        request,
        _(
            "The invitation of %(email)s is kept, but its mail could not be sent. Send "
            "it again in a few minutes."
        )
        % {"email": email},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what they may do, and the end of it."""
    membership = _membership_or_404(request, pk)
    form = RoleForm(request.POST or None, initial={"role": membership.role})
    if request.method == "POST" and form.is_valid():
        return _done(
            request,
            membership.customer_id,
            lambda: change_role(
                membership,
                role=form.cleaned_data["role"],
                by=signed_in(request),
                at=timezone.now(),
            ),
            said=_("Saved: %(person)s.") % {"person": membership.user},
        )
    context = {"membership": membership, "form": form, "customer": membership.customer}
    return render(request, "pages/members_person.html", context)


@login_required
@require_POST
def remove_member(request: HttpRequest, pk: int) -> HttpResponse:
    membership = _membership_or_404(request, pk)
    return _done(
        request,
        membership.customer_id,
        lambda: remove(membership, by=signed_in(request), at=timezone.now()),
        said=_("%(person)s no longer acts for %(customer)s.")
        % {"person": membership.user, "customer": membership.customer},
    )


@login_required
@require_POST
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = _invitation_or_404(request, pk)
    return _done(
        request,
        invitation.customer_id,
        lambda: send_again(invitation, by=signed_in(request), at=timezone.now()),
        said=_("The invitation is on its way to %(email)s.")
        % {"email": invitation.email},
        email=invitation.email,
    )


@login_required
@require_POST
def withdraw_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = _invitation_or_404(request, pk)
    return _done(
        request,
        invitation.customer_id,
        lambda: withdraw(invitation, by=signed_in(request), at=timezone.now()),
        said=_("The invitation of %(email)s is withdrawn.")
        % {"email": invitation.email},
    )


def _done(
    request: HttpRequest,
    customer: int,
    verb: Callable[[], object],
    *,
    said: str,
    email: str = "",
) -> HttpResponse:
    """Back to the list, which says what happened or why it did not. Who has just
    removed themselves has no list any more."""
    try:
        verb()
    except NotTheOwner:
        raise PermissionDenied from None
    except MembersError as refusal:
        messages.error(request, str(refusal))
    except (SMTPException, OSError):
        _mail_failed(request, email)
    else:
        messages.success(request, said)
    still = customers_of(signed_in(request)).filter(pk=customer).exists()
    return redirect("members_of", customer) if still else redirect("home")


def _membership_or_404(request: HttpRequest, pk: int) -> Membership:
    """Of a customer they act for; only its owner goes further."""
    rows = Membership.objects.select_related("customer", "user")
    mine = customers_of(signed_in(request))
    membership: Membership = get_object_or_404(rows, pk=pk, customer__in=mine)
    _owners_only(request, membership.customer_id)
    return membership


def _invitation_or_404(request: HttpRequest, pk: int) -> Invitation:
    mine = customers_of(signed_in(request))
    invitation: Invitation = get_object_or_404(Invitation, pk=pk, customer__in=mine)
    _owners_only(request, invitation.customer_id)
    return invitation


def _owners_only(request: HttpRequest, customer: int) -> None:
    if not owns(signed_in(request), customer):
        raise PermissionDenied
