"""A draft keeps itself; deleting it leaves nothing."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.access import customers_filed_for, membership_of
from accounts.models import PaymentAllocation, Service, User
from refunds.errors import (
    AlreadyOpen,
    NothingToRefund,
    RefundError,
    SentAlready,
)
from refunds.filing.files import delete_files
from refunds.models import Evidence, RefundRequest
from refunds.states import State

FIELDS = ("ground", "keep_service", "amount_asked", "description", "channel")


def why_not_refundable(service: Service) -> RefundError | None:
    """Why a service can't be asked back, before anybody writes a word."""
    return refusal_for(left_of(service))


def refusal_for(left: int) -> RefundError | None:
    return NothingToRefund() if left <= 0 else None


def left_of(service: Service) -> int:
    return lefts_of([service])[service.pk]


def lefts_of(services: Iterable[Service]) -> dict[int, int]:
    """Minor units paid for each service and not gone back, nor on their way."""
    left = {service.pk: 0 for service in services}
    rows = PaymentAllocation.objects.filter(service__in=left).values_list(
        "service_id", "amount", "balance__reserved", "balance__refunded"
    )
    for pk, amount, reserved, refunded in rows:
        left[pk] += amount - (reserved or 0) - (refunded or 0)
    return left


def draft_for(service: Service, *, by: User) -> RefundRequest:
    """This person's draft for the service, begun if there is none yet."""
    if refusal := why_not_refundable(service):
        raise refusal
    with transaction.atomic():
        # The lock makes a double click find the first click's draft.
        Service.objects.select_for_update().get(pk=service.pk)
        begun = RefundRequest.objects.filter(
            service=service, filed_by=by, state=State.DRAFT
        ).first()
        return begun or RefundRequest.objects.create(
            customer=service.contract.customer,
            contract=service.contract,
            service=service,
            currency=service.contract.currency,
            filed_by=by,
        )


def draft_of(user: User, pk: int) -> RefundRequest:
    """Raises DoesNotExist for anybody else's, and for what was sent already."""
    return RefundRequest.objects.select_related(
        "contract__customer", "customer", "service", "filed_by"
    ).get(
        pk=pk,
        state=State.DRAFT,
        filed_by=user,
        contract__customer__in=customers_filed_for(user),
        service__contract__customer__in=customers_filed_for(user),
    )


def is_on_behalf(request: RefundRequest) -> bool:
    """Whether its writer is no member, but asks for the customer who wrote or called;
    an account manager who is a member asks for themselves."""
    return membership_of(request.filed_by, request.customer_id) is None


def save_draft(request: RefundRequest) -> None:
    """Raises SentAlready; a save that comes late changes nothing of what was sent."""
    request.saved_at = timezone.now()
    kept = {name: getattr(request, name) for name in (*FIELDS, "saved_at")}
    drafts = RefundRequest.objects.filter(pk=request.pk, state=State.DRAFT)
    if not drafts.update(**kept):
        raise SentAlready


def lock_draft(pk: int, **who: User) -> RefundRequest:
    """Raises SentAlready where it is no draft any more."""
    drafts = RefundRequest.objects.select_for_update()
    found = drafts.filter(pk=pk, state=State.DRAFT, **who).first()
    if found is None:
        raise SentAlready
    return found


def delete_draft(request: RefundRequest, *, by: User) -> None:
    """The files go from the disk once the rows are gone."""
    with transaction.atomic():
        locked = lock_draft(request.pk, filed_by=by)
        gone = list(locked.evidence.all())
        Evidence.objects.filter(request=locked).delete()
        locked.delete()
        transaction.on_commit(lambda: delete_files(*gone))


def open_request_like(request: RefundRequest) -> AlreadyOpen | None:
    """The open request for the same service and ground, as the error that names it."""
    number = request.open_twin()
    return AlreadyOpen(number=number) if number else None
