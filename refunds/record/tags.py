"""Reason tags as they are at a decision: the names of then stay in its event, whatever
becomes of the list."""

from refunds.models import RefundRequest

# Whose event carries the tags of the moment it was made.
DECISIONS = frozenset(
    {
        "offer",
        "propose",
        "reject",
        "agree_automatically",
        "uphold_appeal",
        "reject_finally",
        "let_offer_stand",
        "accept",
    }
)


def frozen_tags(request: RefundRequest) -> list[list[str]]:
    """[code, English name, Chinese name] of each, by code; for the event's `tags`."""
    named = request.reason_tags.order_by("code")
    return [list(names) for names in named.values_list("code", "name_en", "name_zh")]
