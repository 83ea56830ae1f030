"""The recovery codes as a file, for a few minutes after they were shown."""

import time

from allauth.mfa.recovery_codes.internal.flows import view_recovery_codes
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SHOWN_FOR_SECONDS = 600


@login_required
@never_cache
@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """allauth asks for the password again where it was typed long ago."""
    codes, _first = view_recovery_codes(request)
    if codes is None:
        raise Http404
    if time.time() - codes.instance.data["viewed_at"] > SHOWN_FOR_SECONDS:
        raise PermissionDenied
    response = render(
        request,
        "mfa/recovery_codes/download.txt",
        {"codes": codes.get_unused_codes()},
        content_type="text/plain; charset=utf-8",
    )
    name = "recovery-codes.txt"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
