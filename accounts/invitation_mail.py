"""The invitation as mail, in its reader's language; the only place its secret goes."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Invitation, User


def send_invitation(invitation: Invitation, secret: str) -> None:
    """Raises what the mail server raises."""
    reader = User.objects.filter(email=invitation.email).first()
    language = reader.language if reader else invitation.customer.language
    with translation.override(language):
        _compose(invitation, secret).send()


def _compose(invitation: Invitation, secret: str) -> EmailMultiAlternatives:
    """The first line of the template is the subject, the rest its words."""
    context = {
        "invitation": invitation,
        "link": settings.SITE_URL + reverse("invitation", args=[secret]),
        "link_words": _("Open the invitation"),
        "brand": settings.BRAND,
    }
    text = render_to_string("pages/members_mail.txt", context).strip()
    subject, _line, words = text.partition("\n")
    context |= {"subject": subject.strip(), "words": words.strip()}
    mail = EmailMultiAlternatives(
        subject=subject.strip(),
        body=render_to_string("notices/mail.txt", context).strip() + "\n",
        to=[invitation.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("notices/mail.html", context), "text/html")
    return mail
