"""A notice as mail: plain and HTML, in the reader's language, with one link."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from refunds.models import Notice


def compose(notice: Notice) -> EmailMultiAlternatives:
    """In the recipient's language. Nothing of it depends on the try it is sent with."""
    with translation.override(notice.recipient.language):
        return _compose(notice)


def _compose(notice: Notice) -> EmailMultiAlternatives:
    """The first line of a notice's template is its subject, the rest its words."""
    context = {
        "notice": notice,
        "refund": notice.request,
        "recipient": notice.recipient,
        "deadline": notice.deadline,
        "due_at": _moment(notice.data.get("due_at")),
        "data": notice.data,
        "link": settings.SITE_URL + _path(notice),
        "brand": settings.BRAND,
    }
    text = render_to_string(f"notices/{notice.kind}.txt", context).strip()
    subject, _, words = text.partition("\n")
    context |= {"subject": subject.strip(), "words": words.strip()}
    mail = EmailMultiAlternatives(
        subject=subject.strip(),
        body=render_to_string("notices/mail.txt", context).strip() + "\n",
        to=[notice.recipient.email],
        headers={
            "Message-ID": _message_id(notice),
            # Out-of-office replies stay away.
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string("notices/mail.html", context), "text/html")
    return mail


def _moment(written: str | None) -> datetime | None:
    """What was due by when, as it stood when the notice was written."""
    return datetime.fromisoformat(written) if written else None


def _message_id(notice: Notice) -> str:
    """The same for every try; another one at every other installation."""
    return f"<notice-{notice.pk}@{urlsplit(settings.SITE_URL).hostname}>"


def _path(notice: Notice) -> str:
    if notice.data.get("account_needed"):
        return reverse("payout_account", args=[notice.request.number])
    if notice.kind.startswith("customer_"):
        return reverse("request", args=[notice.request.number])
    return reverse("admin:refunds_refundrequest_change", args=[notice.request.pk])
