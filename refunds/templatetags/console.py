"""Tags of the console: the home's queue, a state's tag as markup for lists."""

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from refunds.review.queue import counts, my_queue
from refunds.templatetags._tones import LOOKS

register = template.Library()


@register.simple_tag(takes_context=True)
def queue_of_mine(context: Context) -> Any:
    return my_queue(context["request"].user)


@register.simple_tag(takes_context=True)
def queue_counts(context: Context) -> Any:
    return counts(context["request"].user)


@register.filter
def is_past(moment: datetime | None) -> bool:
    return moment is not None and moment < timezone.now()


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
