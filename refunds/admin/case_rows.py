"""The rows of one case: all that its sheet shows, in two round trips.

What stands here is for showing. A move locks the request, fetches it anew and judges on
that: nothing of this reaches it.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet

from accounts.models import Membership, User
from refunds.admin.door_forms import lists_for
from refunds.admin.invoices_panel import reversals_on
from refunds.admin.payout_account_forms import accounts_named
from refunds.clock.calendars import calendar_with, corrections_among
from refunds.clock.words import Running, running_in
from refunds.errors import NotAssessable
from refunds.insight.similar import similar_to
from refunds.judging import Basis
from refunds.models import Assessment, CannedReply, RefundRequest
from refunds.pages.additions import evidence_of, measurement_rows
from refunds.pages.history import events_before
from refunds.policy.calendar import WorkingDays
from refunds.review.evidence import sent_elsewhere
from refunds.review.presence import leases_of_others
from refunds.rows import ask_together
from refunds.states import State

DECIDING = (State.SUBMITTED, State.PRELIMINARY_REVIEW, State.EVALUATION)
EARLIER = 5


class CaseRows:
    """`before`: of the history, the stretch that ends before that position."""

    def __init__(
        self, request: RefundRequest, user: User, *, at: datetime, before: int | None
    ) -> None:
        self.request = request
        self.deciding = request.state in DECIDING
        self.basis = Basis(request)
        self.records = self.basis.records
        self.clauses = self.basis.clauses
        self.assessments = _latest_assessment(request, unless=self.deciding)
        self.offers = request.offers.select_related("proposed_by", "approved_by")
        self.memberships = _memberships(request)
        self.lists = lists_for(request)
        self.tags = request.reason_tags.order_by("code")
        self.canned = CannedReply.objects.filter(retired=False)
        self.evidence = evidence_of(request)
        self.measurements = measurement_rows(request)
        self.messages = request.messages.select_related("author")
        self.events = events_before(request, before)
        self.complaints = _complaints(request)
        self.invoices = request.contract.invoices.order_by("-issued_on", "-pk")
        self.reversals = reversals_on(request)
        self.own_reversals = request.invoice_reversals.all()
        self.deadlines = request.deadlines.all()
        self.accounts = accounts_named(request)
        self.earlier = _earlier(request)
        self.similar = similar_to(request, to=user)
        self.leases = leases_of_others([request], by=user, at=at)
        self._ask(user)

    def _ask(self, user: User) -> None:
        mine = [value for value in vars(self).values() if isinstance(value, QuerySet)]
        ask_together(*self.basis.first, *self.lists, *mine)
        hashes = [file.sha256 for file in self.evidence]
        self.elsewhere = sent_elsewhere(self.request, hashes, to=user)
        self.running: Running = running_in([self.request, *self.earlier])
        ask_together(self.elsewhere, *self.running, *self._rules())
        self._tell_the_guards()

    def _rules(self) -> tuple[QuerySet[Any], ...]:
        if not self.deciding:
            return ()
        try:
            return (self.basis.rules,)
        except NotAssessable:
            return ()

    def _tell_the_guards(self) -> None:
        """What they ask the request, as Django keeps what was prefetched."""
        _keep(
            self.request,
            offers=self.offers,
            invoice_reversals=self.own_reversals,
            reason_tags=self.tags,
            deadlines=self.deadlines,
        )
        _keep(self.request.contract, invoices=self.invoices)

    @cached_property
    def calendar(self) -> WorkingDays:
        contract = self.request.contract
        return calendar_with(
            corrections_among(self.running.overrides, contract.calendar),
            country=contract.calendar,
            time_zone=contract.time_zone,
        )

    @cached_property
    def language(self) -> str:
        """The customer's: of who filed, else of their first owner."""
        return _language(self.request, self.memberships)


def customers_language(request: RefundRequest) -> str:
    return _language(request, _memberships(request))


def _language(request: RefundRequest, memberships: Iterable[Membership]) -> str:
    people = [row.user for row in memberships]
    filed = [user for user in people if user.pk == request.filed_by_id]
    return next((user.language for user in (*filed, *people)), settings.LANGUAGE_CODE)


def _keep(instance: Model, **rows: QuerySet[Any]) -> None:
    instance.__dict__.setdefault("_prefetched_objects_cache", {}).update(rows)


def _latest_assessment(request: RefundRequest, *, unless: bool) -> QuerySet[Assessment]:
    found = request.assessments.order_by("-pk")
    return found.none() if unless else found[:1]


def _memberships(request: RefundRequest) -> QuerySet[Membership]:
    """Owners first."""
    rows = Membership.objects.filter(customer=request.customer_id)
    return rows.select_related("user").order_by("-role", "pk")


def _complaints(request: RefundRequest) -> QuerySet[Any]:
    events = request.events.filter(kind="complain").select_related("actor")
    return events.order_by("-position")[:1]


def _earlier(request: RefundRequest) -> QuerySet[RefundRequest]:
    others = RefundRequest.objects.filter(customer=request.customer_id)
    sent = others.exclude(pk=request.pk).exclude(state=State.DRAFT)
    return sent.select_related("service", "contract").order_by("-pk")[:EARLIER]
