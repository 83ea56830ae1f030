"""Who is looking at a page."""

from django.http import HttpRequest

from accounts.models import User


def signed_in(request: HttpRequest) -> User:
    """The user of a page behind `login_required`."""
    if not isinstance(request.user, User):
        raise TypeError("this page needs login_required")
    return request.user
