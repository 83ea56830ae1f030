"""Where an invitation's mail leads: who it is for, and the button that accepts it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.adapters import INVITATION
from accounts.members import MembersError, accept, has_address, invitation_for
from accounts.models import User


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Open to whoever has the mail; accepted by whose address it is."""
    if request.method == "POST" and isinstance(request.user, User):
        return _accept(request, request.user, secret)
    found = invitation_for(secret, at=timezone.now())
    user = request.user if isinstance(request.user, User) else None
    if found is not None and user is None:
        request.session[INVITATION] = request.path
    context = {
        "invitation": found,
        "theirs": bool(found and user and has_address(user, found.email)),
    }
    status = 200 if found else 404
    return render(request, "pages/members_invitation.html", context, status=status)


def _accept(request: HttpRequest, user: User, secret: str) -> HttpResponse:
    try:
        customer = accept(secret, by=user, at=timezone.now())
    except MembersError as refusal:
        messages.error(request, str(refusal))
        return redirect("invitation", secret)
    messages.success(
        request, _("You act for %(customer)s now.") % {"customer": customer}
    )
    return redirect("services")
