"""Everything one decision needs, on one page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from refunds.admin.additions import additions_context
from refunds.admin.case_rows import CaseRows
from refunds.admin.door_forms import DoorForm
from refunds.admin.doors import Door, side_doors, standing_doors
from refunds.admin.invoices_panel import invoices_panel
from refunds.admin.looked import Looked
from refunds.admin.payout_account_forms import accounts_on_sheet
from refunds.admin.similar_panel import similar_panel
from refunds.clock.words import owed_in_lists
from refunds.errors import NotAssessable, NotPermitted
from refunds.judging import Judgement, judge
from refunds.models import Offer, RefundRequest
from refunds.pages.history import history_for_staff
from refunds.pages.payout import attempts_of
from refunds.pages.verdict import explain, explain_kept
from refunds.record.case_file import check_may_export
from refunds.review.offer import bounds
from refunds.review.presence import renew
from refunds.states import State
from refunds.templatetags.makegood import money_code

TAKES = ("claim", "take_up", "take_appeal")
LAST_KEY = 4


@dataclass(frozen=True)
class Canned:
    """A reply to choose, in the customer's language."""

    pk: int
    title: str
    words: str


@dataclass(frozen=True)
class Way:
    """A door with the form it shows, filled in where we know better. `key`: the one on
    the keyboard, or nothing."""

    door: Door
    form: DoorForm
    opened: bool
    label: str | Promise
    key: str = ""
    canned: tuple[Canned, ...] = ()


class Sheet:
    """One look at a case, by one person at one moment."""

    def __init__(
        self, request: RefundRequest, user: User, *, at: datetime, looked: Looked
    ) -> None:
        self.request, self.user, self.at = request, user, at
        self.bound = looked.bound
        renew(request, by=user, at=at)
        self.rows = CaseRows(request, user, at=at, before=looked.before)
        self.judgement, self.refusal = self._judged()
        self.limits = bounds(request, self.judgement) if self.judgement else None

    def context(self) -> dict[str, Any]:
        request, rows = self.request, self.rows
        open_doors, shut = standing_doors(request, self.user, at=self.at)
        side = side_doors(request, self.user, at=self.at)
        return {
            "case": request,
            "ways": list(self._ways(open_doors)),
            "side_ways": list(self._ways(side)),
            "shut": shut,
            # Nothing here waits for this person any more: on to the next.
            "decided": not any(door.primary for door in open_doors),
            "verdict": self._verdict(),
            "refusal": self.refusal,
            "limits": self.limits,
            "offer": request.latest_offer(),
            "agreed": _agreed(request),
            "records": self._records(),
            "findings": rows.records.findings,
            "tags": [tag.label() for tag in rows.tags],
            **self._money(),
            **self._evidence(),
            "thread": _thread(rows),
            "history": history_for_staff(rows.events),
            "complaint": _complaint(rows),
            "others": [lease.user for lease in rows.leases],
            "similar": similar_panel(rows.similar),
            **self._owed(),
            "exports": _may_export(request, self.user),
        }

    def _judged(self) -> tuple[Judgement | None, NotAssessable | None]:
        if not self.rows.deciding:
            return None, None
        try:
            return judge(self.request, at=self.at, basis=self.rows.basis), None
        except NotAssessable as found:
            return None, found

    def _verdict(self) -> Any:
        if self.judgement is not None:
            return explain(self.judgement)
        latest = next(iter(self.rows.assessments), None)
        return explain_kept(latest) if latest else None

    def _ways(self, doors: list[Door]) -> Iterator[Way]:
        outcomes = 0
        for door in doors:
            outcomes += door.outcome
            key = str(outcomes) if door.outcome and outcomes <= LAST_KEY else ""
            if door.name in TAKES:
                key = "c"
            yield self._way(door, key)

    def _way(self, door: Door, key: str) -> Way:
        opened = door.name in self.bound
        form = self.bound.get(door.name) or door.form(auto_id=f"id_{door.name}_%s")
        if not opened:
            form.fit(self.request, self.rows.lists)
            form.fill(self.request, self.limits, self.rows.lists)
        canned = self._canned() if form.canned else ()
        return Way(door, form, opened, self._label(door), key, canned)

    def _label(self, door: Door) -> str | Promise:
        """The sum, where the policy computed one."""
        if door.name != "offer" or self.limits is None or not self.limits.due:
            return door.label
        sum_ = money_code(self.limits.due, self.request.currency)
        return _("Offer %(amount)s") % {"amount": sum_}

    def _canned(self) -> tuple[Canned, ...]:
        language = self.rows.language
        return tuple(
            Canned(reply.pk, reply.title, reply.words(language))
            for reply in self.rows.canned
        )

    def _records(self) -> dict[str, Any]:
        records = self.rows.records
        return {
            "service": self.request.service,
            "outages": records.outages,
            "tickets": records.tickets,
            "readings": records.readings,
            "clauses": self.rows.clauses,
        }

    def _money(self) -> dict[str, Any]:
        request, rows = self.request, self.rows
        service = request.service_id
        own = [row for row in rows.records.allocations if row.service_id == service]
        balances = {row.pk: getattr(row, "balance", None) for row in own}
        return {
            "money": [
                {
                    "payment": row.payment,
                    "paid": row.amount,
                    "gone": balance.gone if (balance := balances[row.pk]) else 0,
                    "left": balance.left if balance else row.amount,
                }
                for row in own
            ],
            "fees": rows.records.fees,
            "attempts": attempts_of(request, at=self.at, calendar=rows.calendar),
            "accounts": accounts_on_sheet(request, self.user, rows.accounts),
            "invoices": invoices_panel(
                request,
                self.user,
                at=self.at,
                invoices=rows.invoices,
                reversals=rows.reversals,
            ),
        }

    def _evidence(self) -> dict[str, Any]:
        return additions_context(
            self.request,
            self.user,
            bound=self.bound,
            files=self.rows.evidence,
            measurements=self.rows.measurements,
            elsewhere=self.rows.elsewhere,
        )

    def _owed(self) -> dict[str, Any]:
        """Of this case, and of the customer's earlier ones."""
        request, earlier = self.request, list(self.rows.earlier)
        cases = [request, *earlier]
        owed = owed_in_lists(cases, at=self.at, running=self.rows.running)
        for other in earlier:
            other.__dict__["owed"] = owed[other.pk]
        return {"owed": owed[request.pk], "earlier": earlier}


def _agreed(request: RefundRequest) -> str:
    """What the customer chose, and whether it has been carried out."""
    if request.agreed_amount is None:
        return ""
    parts = []
    if request.agreed_amount:
        parts.append(money_code(request.agreed_amount, request.currency))
    if request.agreed_alternative:
        parts.append(str(Offer.Alternative(request.agreed_alternative).label))
    words = {
        State.FULFILLED: _("Agreed on and carried out: %(what)s"),
        State.REFUNDED: _("Agreed on and paid back: %(what)s"),
    }.get(State(request.state), _("Agreed on: %(what)s"))
    return words % {"what": " + ".join(parts)}


def _may_export(request: RefundRequest, user: User) -> bool:
    try:
        check_may_export(request, by=user)
    except NotPermitted:
        return False
    return True


def _complaint(rows: CaseRows) -> dict[str, Any] | None:
    """The last time the customer said that we are late."""
    event = next(iter(rows.complaints), None)
    if event is None:
        return None
    said = {message.pk: message.words for message in rows.messages}
    return {"event": event, "words": said.get(event.data["message"], "")}


def _thread(rows: CaseRows) -> list[dict[str, Any]]:
    return [
        {
            "author": message.author,
            "role": _("Customer") if message.from_customer else "",
            "at": message.at,
            "text": message.words,
            "ours": not message.from_customer,
            "internal": message.internal,
        }
        for message in rows.messages
    ]
