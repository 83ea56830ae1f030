"""Which requests and files a person may open. What is not theirs does not exist."""

from django.db.models import QuerySet
from django.http import Http404
from django.urls.converters import StringConverter

from accounts.access import (
    customers_filed_for,
    customers_of,
    customers_seen_by_staff,
)
from accounts.models import User
from refunds.models import Evidence, RefundRequest
from refunds.states import State


class RequestNumber(StringConverter):
    """In an address: RF-2026-000123 and nothing else."""

    regex = r"RF-[0-9]{4}-[0-9]{6,12}"


def requests_of(user: User) -> QuerySet[RefundRequest]:
    """What was sent for the customers this person acts for."""
    return (
        RefundRequest.objects.exclude(state=State.DRAFT)
        .filter(customer__in=customers_of(user))
        .select_related("service", "contract", "customer", "payout", "handler")
    )


def request_or_404(user: User, number: str) -> RefundRequest:
    found = requests_of(user).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def evidence_or_404(user: User, pk: int) -> Evidence:
    """A draft's files are its writer's; a request's, the customer's and the staff's."""
    evidence = (
        Evidence.objects.select_related("request__customer").filter(pk=pk).first()
    )
    if evidence is None or not _may_see(user, evidence.request):
        raise Http404
    return evidence


def _may_see(user: User, request: RefundRequest) -> bool:
    about = {"pk": request.customer_id}
    if request.state == State.DRAFT:
        mine = request.filed_by_id == user.pk
        return mine and customers_filed_for(user).filter(**about).exists()
    own = customers_of(user).filter(**about).exists()
    return own or customers_seen_by_staff(user).filter(**about).exists()
