"""A notice as mail: plain and HTML, in the reader's language, with one link."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from refunds.models import Notice


def send_mail_of(notice: Notice) -> None:
    """Raises OSError where the mail server refuses or can't be reached."""
    with translation.override(notice.recipient.language):
        compose(notice).send()


def compose(notice: Notice) -> EmailMultiAlternatives:
    """The first line of a notice's template is its subject, the rest its words."""
    context = {
        "notice": notice,
        "refund": notice.request,
        "recipient": notice.recipient,
        "deadline": notice.deadline,
        "data": notice.data,
        "link": settings.SITE_URL + _path(notice),
        "brand": settings.BRAND,
    }
    text = render_to_string(f"notices/{notice.kind}.txt", context).strip()
    subject, _, words = text.partition("\n")
    context["words"] = words.strip()
    mail = EmailMultiAlternatives(
        subject=subject.strip(),
        body=render_to_string("notices/mail.txt", context).strip() + "\n",
        to=[notice.recipient.email],
        headers={"Message-ID": f"<notice-{notice.pk}@makegood>"},
    )
    mail.attach_alternative(render_to_string("notices/mail.html", context), "text/html")
    return mail


def _path(notice: Notice) -> str:
    if notice.kind.startswith("customer_"):
        return reverse("request", args=[notice.request.number])
    return reverse("admin:refunds_refundrequest_change", args=[notice.request.pk])
