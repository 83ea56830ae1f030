"""My services: what was bought and paid, and what can be asked back."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import (
    customers_filed_for,
    customers_managed_by,
    customers_of,
    payments_of,
    services_of,
)
from accounts.models import Outage, Service, User
from refunds.errors import RefundError
from refunds.filing.drafts import (
    draft_for,
    left_of,
    lefts_of,
    refusal_for,
    why_not_refundable,
)
from refunds.models import RefundRequest, Ticket
from refunds.pages.half_written import signed_in_first
from refunds.pages.people import signed_in
from refunds.states import OPEN, State


@require_safe
def home(http: HttpRequest) -> HttpResponse:
    if not http.user.is_authenticated:
        return redirect("account_login")
    if http.user.is_staff:
        return redirect("admin:index")
    return redirect("services")


@dataclass(frozen=True)
class Card:
    """One service on the list; `refusal` says why nothing can be asked back."""

    service: Service
    refusal: RefundError | None
    draft: RefundRequest | None
    open_requests: list[RefundRequest]


@signed_in_first()
@require_safe
def services(http: HttpRequest) -> HttpResponse:
    user = signed_in(http)
    return render(
        http, "pages/services.html", {"cards": _cards(services_of(user), user)}
    )


@signed_in_first()
@require_safe
def services_for(http: HttpRequest, pk: int) -> HttpResponse:
    """A customer's services, for the account manager whom they asked to file."""
    user = signed_in(http)
    customer = get_object_or_404(customers_managed_by(user), pk=pk)
    if customers_of(user).filter(pk=pk).exists():
        return redirect("services")
    theirs = Service.objects.filter(contract__customer=customer)
    context = {"cards": _cards(theirs, user), "customer": customer}
    return render(http, "pages/services.html", context)


def _cards(services: QuerySet[Service], user: User) -> list[Card]:
    found = list(
        services.select_related("contract__customer").order_by(
            "contract__customer", "-contract__signed_on", "pk"
        )
    )
    waiting = RefundRequest.objects.filter(
        service__in=found, state__in=(*OPEN, State.DRAFT)
    ).order_by("-pk")
    by_service: dict[int, list[RefundRequest]] = {}
    for request in waiting:
        if request.state != State.DRAFT or request.filed_by_id == user.pk:
            by_service.setdefault(request.service_id, []).append(request)
    lefts = lefts_of(found)
    return [
        _card(service, by_service.get(service.pk, []), lefts[service.pk])
        for service in found
    ]


def _card(service: Service, requests: list[RefundRequest], left: int) -> Card:
    drafts = [r for r in requests if r.state == State.DRAFT]
    return Card(
        service=service,
        refusal=refusal_for(left),
        draft=drafts[0] if drafts else None,
        open_requests=[r for r in requests if r.state != State.DRAFT],
    )


@signed_in_first()
@require_safe
def service(http: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(http)
    found = get_object_or_404(
        services_of(user).select_related("contract__customer"), pk=pk
    )
    return render(
        http,
        "pages/service.html",
        {
            "service": found,
            "contract": found.contract,
            "payments": payments_of(user).filter(allocations__service=found),
            "invoices": found.contract.invoices.all(),
            "outages": Outage.objects.filter(service=found),
            "tickets": Ticket.objects.filter(service=found),
            "clauses": found.contract.clauses.all(),
            "requests": RefundRequest.objects.filter(service=found).exclude(
                state=State.DRAFT
            ),
            "left": left_of(found),
            "refusal": why_not_refundable(found),
        },
    )


@signed_in_first(back="service")
@require_POST
def ask(http: HttpRequest, pk: int) -> HttpResponse:
    """Begins a draft, or goes on with the one that is there."""
    user = signed_in(http)
    services = Service.objects.filter(contract__customer__in=customers_filed_for(user))
    found = get_object_or_404(services.select_related("contract__customer"), pk=pk)
    try:
        draft = draft_for(found, by=user)
    except RefundError as refusal:
        if services_of(user).filter(pk=pk).exists():
            return redirect("service", pk=pk)
        messages.error(http, str(refusal))
        return redirect("services_for", found.contract.customer_id)
    return redirect("draft", pk=draft.pk)
