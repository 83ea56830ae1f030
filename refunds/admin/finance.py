"""Finance's home: what is blocked, under way or waiting; and what else is to do."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import customers_seen_by_staff
from accounts.models import Role, User
from refunds.models import (
    Discrepancy,
    Dispute,
    InvoiceReversal,
    LegFinding,
    PayoutAccount,
    PayoutLeg,
)
from refunds.pages.people import signed_in
from refunds.payouts.groups import LABELS, WANT_SOMEBODY, Pile, piles

PAGE = "admin/finance/home.html"
READERS = (Role.FINANCE, Role.AUDITOR)
AccountState, ReversalState = PayoutAccount.State, InvoiceReversal.State
ENDED_REVERSALS = (ReversalState.DONE, ReversalState.DROPPED)


@dataclass(frozen=True)
class Task:
    """A list of things somebody has to do; `query` narrows the page to them."""

    label: Any
    model: type[Model]
    wanted: Q
    page: str
    query: str = ""


TASKS = (
    Task(
        gettext_lazy("findings that wait for a second person"),
        LegFinding,
        Q(agreed=None),
        "payoutleg",
        "show=to_agree",
    ),
    Task(gettext_lazy("open discrepancies"), Discrepancy, Q(outcome=""), "discrepancy"),
    Task(
        gettext_lazy("accounts to check"),
        PayoutAccount,
        Q(state=AccountState.NAMED),
        "payoutaccount",
    ),
    Task(
        gettext_lazy("invoice reversals to do"),
        InvoiceReversal,
        ~Q(state__in=ENDED_REVERSALS),
        "invoicereversal",
    ),
    Task(gettext_lazy("open disputes"), Dispute, Q(outcome=""), "dispute"),
)


@dataclass(frozen=True)
class Tile:
    label: Any
    count: int
    href: str
    urgent: bool


def list_page(model: str, query: str = "") -> str:
    """Its address, or nothing while that list has no page."""
    try:
        address = reverse(f"admin:refunds_{model}_changelist")
    except NoReverseMatch:
        return ""
    return f"{address}?{query}" if query else address


def reads_finance(user: User) -> bool:
    return any(user.has_role(role) for role in READERS)


def finance(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    if not reads_finance(user):
        raise PermissionDenied
    seen = customers_seen_by_staff(user)
    legs = PayoutLeg.objects.filter(payout__request__customer__in=seen)
    found = piles(legs, at=now)
    context = {
        **admin.site.each_context(request),
        "title": _("Finance"),
        "tiles": [*_tiles_of(found), *_tasks()],
        "rows": [(pile, _leg_list(pile.group, pile.route)) for pile in found],
        "batches": list_page("payoutbatch"),
        "pages": [(label, list_page(model)) for label, model in _pages()],
    }
    return render(request, PAGE, context)


def _tiles_of(found: list[Pile]) -> list[Tile]:
    counts = dict.fromkeys(WANT_SOMEBODY, 0)
    for pile in found:
        if pile.group in counts:
            counts[pile.group] += pile.count
    return [
        Tile(LABELS[group], count, _leg_list(group), urgent=bool(count))
        for group, count in counts.items()
    ]


def _tasks() -> list[Tile]:
    tiles = []
    for task in TASKS:
        count = task.model._default_manager.filter(task.wanted).count()
        href = list_page(task.page, task.query)
        tiles.append(Tile(task.label, count, href, urgent=False))
    return tiles


def _leg_list(group: str, route: str = "") -> str:
    narrowed = {"show": group} | ({"route__exact": route} if route else {})
    return list_page("payoutleg", urlencode(narrowed))


def _pages() -> list[tuple[str, str]]:
    return [
        (_("All payout legs"), "payoutleg"),
        (_("Balances of payments"), "paymentbalance"),
        (_("Bank batches"), "payoutbatch"),
        (_("Files received"), "receivedfile"),
        (_("Discrepancies"), "discrepancy"),
        (_("Payout accounts"), "payoutaccount"),
        (_("Invoice reversals"), "invoicereversal"),
        (_("Disputes"), "dispute"),
        (_("Merchants"), "merchant"),
    ]


urlpatterns = [path("", admin.site.admin_view(finance), name="finance")]
