"""A colleague's phone is lost: an administrator takes the second factor off, with a
reason. They are signed out everywhere and set a new one up at the next sign-in."""

from datetime import datetime
from functools import partial

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Role, User


class MayNotReset(Exception):
    """Says why to whoever asked."""


def why_not_reset(user: User, *, by: User) -> str:
    """Empty: they may."""
    if user == by:
        return _("Nobody resets their own second factor: ask another administrator.")
    if not (by.is_superuser or by.has_role(Role.ADMINISTRATOR)):
        return _("Only an administrator resets a second factor.")
    if user.is_superuser and not by.is_superuser:
        return _("Only a superuser resets a superuser's second factor.")
    return ""


@transaction.atomic
def reset_second_factor(user: User, *, by: User, reason: str, at: datetime) -> None:
    """Raises MayNotReset. Twice is as once, but for the record and the mail."""
    why_not = why_not_reset(user, by=by)
    if why_not:
        raise MayNotReset(why_not)
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=str(user)[:200],
        action_flag=CHANGE,
        action_time=at,
        change_message=f"Second factor reset: {reason}",
    )
    transaction.on_commit(partial(_tell, user, by, reason))


def _tell(user: User, by: User, reason: str) -> None:
    """In their language. Who did not ask for it learns of it."""
    with translation.override(user.language):
        context = {
            "user": user,
            "by": by,
            "reason": reason,
            "brand": settings.BRAND,
            "link": settings.SITE_URL,
        }
        text = render_to_string("account/email/second_factor_reset.txt", context)
        subject, _line, words = text.strip().partition("\n")
        EmailMessage(subject.strip(), words.strip() + "\n", to=[user.email]).send()
