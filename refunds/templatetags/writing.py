"""Whose form it is, for words that outlive their writer's session."""

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from refunds.pages.half_written import WRITER, named

register = template.Library()


@register.simple_tag(takes_context=True)
def writer(context: Context) -> SafeString:
    value = named(context["request"].user)
    return format_html('<input type="hidden" name="{}" value="{}">', WRITER, value)
