"""The refund, part by part, as its customer reads it: how much, where to, how it
stands, by when, and why it is late."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.bank_accounts import masked
from refunds.clock.board import calendar_of
from refunds.models import LegState, PayoutLeg, RefundRequest
from refunds.payouts.expected import Expected, WhyLate, expected_of
from refunds.policy.calendar import WorkingDays
from refunds.templatetags.makegood import day_plain, when_plain

L = LegState
# %(day)s: by when it is expected; %(moment)s: since when it is back.
ON_ITS_WAY = gettext_lazy("On its way, expected by %(day)s")
WAITS = gettext_lazy("Waits to be sent, expected by %(day)s")
HELD_UP = gettext_lazy(
    "Held up. The money is set aside for you; finance is on it. Expected by %(day)s"
)
SENTENCES: dict[str, str | Promise] = {
    L.PREPARED: ON_ITS_WAY,
    L.SENDING: ON_ITS_WAY,
    L.PROCESSING: ON_ITS_WAY,
    L.UNKNOWN: gettext_lazy("We are making sure that it arrived, expected by %(day)s"),
    L.HELD: WAITS,
    L.NEEDS_ACTION: HELD_UP,
    L.FAILED: HELD_UP,
    L.ROUTE_CLOSED: HELD_UP,
    L.REVERSED: gettext_lazy(
        "It came back to us. The money is set aside for you; finance is on it. "
        "Expected by %(day)s"
    ),
    L.ABANDONED: HELD_UP,
    L.SUCCEEDED: gettext_lazy("Back since %(moment)s"),
}
SHOWN_LATER = gettext_lazy("Back since %(moment)s; your account shows it by %(day)s")
NAME_ONE = gettext_lazy(
    "Held up. The money is set aside for you until you name another account."
)
WHY: dict[WhyLate, str | Promise] = {
    WhyLate.STOPPED: gettext_lazy(
        "Later than promised: we have stopped payouts by this route for the moment. It "
        "goes on by itself."
    ),
    WhyLate.BALANCE: gettext_lazy(
        "Later than promised: our balance at the route does not suffice. We are "
        "topping it up."
    ),
    WhyLate.CHECKED: gettext_lazy(
        "Later than promised: something is wrong with the route, and we are checking "
        "it."
    ),
    WhyLate.CLOSED: gettext_lazy(
        "The account that the money was to go to takes it no longer."
    ),
    WhyLate.DISPUTE: gettext_lazy(
        "Later than promised: this payment is in dispute with your bank. Nothing of it "
        "goes back until that has ended."
    ),
    WhyLate.INVOICE: gettext_lazy(
        "Later than promised: the invoice has to be corrected first."
    ),
    WhyLate.BANK_FILE: gettext_lazy(
        "Later than promised: it goes with our next transfers to the bank."
    ),
    WhyLate.PERSON: gettext_lazy(
        "Later than promised: the route left open what became of it, and we are "
        "finding out."
    ),
    WhyLate.ROUTE: gettext_lazy(
        "Later than promised: the route has it and needs until then."
    ),
}


@dataclass(frozen=True)
class Part:
    """One payment's share of the refund, by its last attempt."""

    leg: PayoutLeg
    where: str
    sentence: str
    why: str | Promise
    icon: str
    expected: Expected


def parts_of(request: RefundRequest, *, at: datetime) -> list[Part]:
    """In the order in which the payments were taken; the queries don't grow with
    their number."""
    return _parts(_attempts(request), request, at, calendar_of(request))


def _parts(
    legs: list[PayoutLeg], request: RefundRequest, at: datetime, calendar: WorkingDays
) -> list[Part]:
    last = list({leg.allocation_id: leg for leg in legs}.values())
    if not last:
        return []
    days = expected_of(last, request=request, at=at, calendar=calendar)
    return [_part(leg, days[leg.pk], at) for leg in last]


def _attempts(request: RefundRequest) -> list[PayoutLeg]:
    payout = getattr(request, "payout", None)
    related = ("payout", "merchant", "account", "allocation__payment")
    legs = PayoutLeg.objects.filter(payout=payout).select_related(*related)
    rows = legs.defer("account__number").order_by("attempt", "pk")
    return list(rows) if payout else []


def _part(leg: PayoutLeg, found: Expected, at: datetime) -> Part:
    return Part(
        leg,
        _where(leg),
        _sentence(leg, found, at),
        WHY[found.why_late] if found.why_late else "",
        _icon(leg),
        found,
    )


def _where(leg: PayoutLeg) -> str:
    """The route and an account, masked."""
    if leg.account:
        return f"{leg.account.bank_name} {leg.account.masked}"
    payment = leg.allocation.payment
    payer = payment.payer_account or masked(payment.payer_number)
    return f"{leg.get_route_display()} {payer}".strip()


def _sentence(leg: PayoutLeg, found: Expected, at: datetime) -> str:
    if found.day is None:
        return str(NAME_ONE)
    waits = leg.state == L.PREPARED and leg.code
    text = WAITS if waits else SENTENCES[leg.state]
    if leg.state == L.SUCCEEDED and found.day > timezone.localtime(at).date():
        text = SHOWN_LATER
    return str(text) % {
        "day": day_plain(found.day),
        "moment": when_plain(leg.settled_at),
    }


def _icon(leg: PayoutLeg) -> str:
    if leg.state == L.SUCCEEDED:
        return "tick"
    return "clock" if leg.state in (*_MOVING, L.HELD) else "warning"


_MOVING = (L.PREPARED, L.SENDING, L.PROCESSING, L.UNKNOWN)


@dataclass(frozen=True)
class Attempt:
    """A leg in the console; `part` where it is the last on its payment."""

    leg: PayoutLeg
    part: Part | None

    @property
    def expected(self) -> str:
        if self.part is None or self.leg.state == L.SUCCEEDED:
            return ""
        if self.part.expected.day is None:
            return _("The customer has to name another account.")
        return _("expected by %(day)s") % {"day": day_plain(self.part.expected.day)}


def attempts_of(
    request: RefundRequest, *, at: datetime, calendar: WorkingDays
) -> list[Attempt]:
    """Every leg, with what its customer reads of the last ones."""
    legs = _attempts(request)
    parts = {part.leg.pk: part for part in _parts(legs, request, at, calendar)}
    return [
        Attempt(leg, parts.get(leg.pk)) for leg in sorted(legs, key=lambda leg: leg.pk)
    ]
