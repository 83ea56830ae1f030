"""What the console says once a door's verb is done: what became of which request."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from refunds.admin.doors import Door
from refunds.models import RefundRequest
from refunds.states import State

DONE: dict[str, str | Promise] = {
    "claim": gettext_lazy("%(number)s is in your hands now."),
    "take_up": gettext_lazy("%(number)s is in your hands now."),
    "take_appeal": gettext_lazy("%(number)s is in your hands now."),
    "pass_on": gettext_lazy("%(number)s is passed on to evaluation."),
    "offer": gettext_lazy("Offer sent for %(number)s."),
    "approve": gettext_lazy("Offer approved and sent for %(number)s."),
    "send_back": gettext_lazy("%(number)s is sent back to evaluation."),
    "ask_for_information": gettext_lazy("Information asked for in %(number)s."),
    "reject": gettext_lazy("%(number)s is declined."),
    "uphold_appeal": gettext_lazy("The appeal in %(number)s is upheld."),
    "reject_finally": gettext_lazy("The appeal in %(number)s is declined."),
    "let_offer_stand": gettext_lazy("The offer in %(number)s stands."),
    "message": gettext_lazy("Message sent for %(number)s."),
    "note": gettext_lazy("Note written for %(number)s."),
}
PROPOSED = gettext_lazy("The offer for %(number)s waits for a second person.")


def words_after(door: Door, request: RefundRequest) -> str:
    values = {"verb": door.label, "number": request.number}
    if door.name == "offer" and _state_of(request) == State.PENDING_APPROVAL:
        return str(PROPOSED) % values
    words = DONE.get(door.name) or _("%(verb)s: done for %(number)s.")
    return str(words) % values


def _state_of(request: RefundRequest) -> str:
    rows = RefundRequest.objects.filter(pk=request.pk)
    return rows.values_list("state", flat=True).get()
