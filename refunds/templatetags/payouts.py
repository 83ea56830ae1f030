"""How payouts read in the console: states in colour, codes in words, the stops."""

import json
from typing import Any

from django import template
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from refunds.gateways.base import Outcome
from refunds.models import LegState, Merchant, PayoutLeg, PayoutStop
from refunds.pages.payout_words import Explained, code_in_words, explained
from refunds.payouts.groups import blocked
from refunds.review.queue import MOST
from refunds.rows import ask_together
from refunds.templatetags._tones import ICONS

register = template.Library()

L = LegState
TONES: dict[str, tuple[str, ...]] = {
    "grey": (L.ABANDONED, L.FAILED, L.ROUTE_CLOSED, L.REVERSED),
    "blue": (L.PREPARED, L.SENDING, L.PROCESSING),
    "amber": (L.UNKNOWN, L.HELD),
    "green": (L.SUCCEEDED,),
    "red": (L.NEEDS_ACTION,),
}


def leg_markup(state: str) -> SafeString:
    tone = next(tone for tone, states in TONES.items() if state in states)
    context = {"label": L(state).label, "tone": tone, "icon": ICONS[tone]}
    return render_to_string("components/tag.html", context)


register.filter("leg_tag", leg_markup)
register.filter("code_words", code_in_words)


@register.filter
def code_explained(code: str) -> Explained:
    return explained(code)


@register.filter
def outcome_words(outcome: str) -> str:
    """What one exchange proved."""
    words = {
        Outcome.SUCCEEDED: pgettext("outcome", "went back"),
        Outcome.PROCESSING: pgettext("outcome", "under way"),
        Outcome.NOT_SEEN: pgettext("outcome", "not found there"),
        Outcome.REJECTED: pgettext("outcome", "refused"),
        Outcome.FAILED: pgettext("outcome", "nothing moved"),
        Outcome.REVERSED: pgettext("outcome", "came back"),
        Outcome.UNKNOWN: pgettext("outcome", "not known"),
    }
    return words.get(Outcome(outcome), outcome) if outcome in set(Outcome) else outcome


@register.filter
def plain_value(value: Any) -> str:
    """A frozen parameter as it is, or as JSON where it has parts."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


@register.simple_tag
def stopped_now() -> dict[str, QuerySet[Any]]:
    """By hand, and merchants by a refusal; these without what is sealed: a page that
    only names them needs no key."""
    stops = PayoutStop.objects.filter(resumed_at=None).select_related("stopped_by")
    merchants = Merchant.objects.filter(enabled=True).exclude(stopped_at=None)
    found = {
        "stops": stops.order_by("route"),
        "merchants": merchants.defer("sealed_secrets"),
    }
    ask_together(*found.values())
    return found


@register.simple_tag
def payouts_wanting_somebody() -> int:
    """Capped like the other counts of the home."""
    wanting = PayoutLeg.objects.filter(blocked() | Q(state=L.UNKNOWN))
    return wanting.order_by()[: MOST + 1].count()


@register.filter
def in_role(user: Any, names: str) -> bool:
    """`names` with blanks between; being a superuser gives none."""
    roles: frozenset[str] = getattr(user, "roles", frozenset())
    return not roles.isdisjoint(names.split())


@register.filter
def agrees_words(agrees: bool | None) -> str:  # noqa: FBT001 - a filter's value
    if agrees is None:
        return _("not asked yet")
    return _("the query agrees") if agrees else _("the query says otherwise")
