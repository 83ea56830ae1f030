"""Tags of the console: the home's lists, and what stands beside a request in lists."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from refunds.clock.words import Owed
from refunds.models import RefundRequest
from refunds.review.queue import (
    MOST,
    complaints_to,
    counts,
    my_queue,
    show_beside,
    takes_cases,
)
from refunds.templatetags._tones import LOOKS
from refunds.templatetags.makegood import short_when

register = template.Library()


@register.simple_tag(takes_context=True)
def queue_of_mine(context: Context) -> list[RefundRequest]:
    """With `owed` and `others` on each."""
    user, now = context["request"].user, timezone.now()
    cases = my_queue(user)
    show_beside(cases, to=user, at=now)
    return cases


@register.simple_tag(takes_context=True)
def queue_counts(context: Context) -> dict[str, int]:
    return counts(context["request"].user)


@register.filter
def capped(count: int) -> str:
    """1,000+ where nobody counted further."""
    return f"{MOST:,}+" if count > MOST else f"{count:,}"


@register.simple_tag(takes_context=True)
def complaints(context: Context) -> Any:
    return complaints_to(context["request"].user)[:12]


@register.simple_tag(takes_context=True)
def may_take_next(context: Context) -> bool:
    return takes_cases(context["request"].user)


@register.filter
def others_in_words(people: Sequence[User]) -> str:
    """“Zhao Min has this case open too.”, or nothing."""
    if not people:
        return ""
    names = pgettext("between names", ", ").join(str(person) for person in people)
    words = ngettext(
        "%(names)s has this case open too.",
        "%(names)s have this case open too.",
        len(people),
    )
    return words % {"names": names}


@register.filter
def owed_markup(owed: Sequence[Owed]) -> SafeString:
    """What is due first in a request: who, what, when and how long."""
    if not owed:
        return format_html('<span class="muted">{}</span>', _("nothing is owed"))
    first = owed[0]
    deadline = first.deadline
    who_owes_what = _("%(who)s: %(what)s") % {
        "who": deadline.user or deadline.get_owner_display(),
        "what": deadline.get_kind_display(),
    }
    return format_html(
        '<span class="due{}">{}<small>{} · {}{}</small></span>',
        " due-late" if first.late else " due-today" if first.today else "",
        who_owes_what,
        short_when(deadline.due_at),
        first.left,
        _(" · provisional") if deadline.provisional else "",
    )


def state_markup(state: str) -> SafeString:
    look = LOOKS[state]
    context = {
        "state": state,
        "label": look.label,
        "tone": look.tone,
        "icon": look.icon,
        "ended": look.ended,
    }
    return render_to_string("components/tag.html", context)
