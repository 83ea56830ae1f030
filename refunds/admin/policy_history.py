"""A policy's events in words, as its sheet shows them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from refunds.models import Policy, PolicyEvent

WORDS: dict[str, str | Promise] = {
    "default_loaded": _(
        "Version %(version)s came with the installation, in force from "
        "%(in_force_from)s"
    ),
    "draft_begun": _("Version %(version)s begun as a draft"),
    "draft_imported": _("Version %(version)s read from a file as a draft"),
    "rule_added": _("Rule %(rule)s added"),
    "rule_changed": _("Rule %(rule)s changed"),
    "rule_removed": _("Rule %(rule)s removed"),
    "rule_moved": _("Rule %(rule)s moved from place %(from)s to place %(to)s"),
    "rule_switched": _("Rule %(rule)s switched off"),
    "draft_discarded": _("Draft of version %(version)s discarded"),
    "published": _("Version %(version)s published, in force from %(in_force_from)s"),
}
SWITCHED_ON = _("Rule %(rule)s switched on")


@dataclass(frozen=True)
class Line:
    """`details` name the fields of a rule that changed, as a policy file names them."""

    words: str
    at: datetime
    who: str
    details: str


def history_of(policy: Policy, *, most: int = 60) -> list[Line]:
    """Newest first."""
    events = policy.events.select_related("actor").order_by("-position")
    return [_line(event) for event in events[:most]]


def _line(event: PolicyEvent) -> Line:
    words = SWITCHED_ON if event.data.get("enabled") else WORDS[event.kind]
    fields: set[str] = set()
    if event.kind == "rule_changed":
        fields = {*event.data["before"], *event.data["after"]}
    return Line(
        words=str(words) % {**event.data, "version": event.version},
        at=event.at,
        who=str(event.actor or "Makegood"),
        details=", ".join(sorted(fields)),
    )
