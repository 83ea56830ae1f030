"""A draft keeps itself; deleting it leaves nothing."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from accounts.access import contracts_of, services_of
from accounts.models import PaymentAllocation, Service, User
from refunds.errors import AlreadyOpen, NothingToRefund, RefundError
from refunds.facts import Judgement, judge
from refunds.filing.files import delete_files
from refunds.lifecycle import State
from refunds.models import AllocationBalance, Evidence, RefundRequest

FIELDS = ("ground", "keep_service", "amount_asked", "description")


def why_not_refundable(service: Service) -> RefundError | None:
    """Why a service can't be asked back, before anybody writes a word."""
    if left_of(service) <= 0:
        return NothingToRefund()
    return None


def left_of(service: Service) -> int:
    """Minor units paid for the service and not gone back, nor on their way."""
    paid = PaymentAllocation.objects.filter(service=service).aggregate(n=Sum("amount"))
    gone = AllocationBalance.objects.filter(allocation__service=service).aggregate(
        reserved=Sum("reserved"), refunded=Sum("refunded")
    )
    return (paid["n"] or 0) - (gone["reserved"] or 0) - (gone["refunded"] or 0)


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
        "contract__customer", "customer", "service"
    ).get(
        pk=pk,
        state=State.DRAFT,
        filed_by=user,
        contract__in=contracts_of(user),
        service__in=services_of(user),
    )


def save_draft(request: RefundRequest) -> None:
    request.save(update_fields=[*FIELDS, "saved_at"])


def delete_draft(request: RefundRequest, *, by: User) -> None:
    """The files go from the disk once the rows are gone."""
    with transaction.atomic():
        locked = RefundRequest.objects.select_for_update().get(
            pk=request.pk, filed_by=by, state=State.DRAFT
        )
        gone = list(locked.evidence.all())
        Evidence.objects.filter(request=locked).delete()
        locked.delete()
        transaction.on_commit(lambda: delete_files(*gone))


def estimate(request: RefundRequest, *, at: datetime) -> Judgement | None:
    """What the policy says now; None until a ground is chosen."""
    if not request.ground:
        return None
    return judge(request, at=at)


def open_request_like(request: RefundRequest) -> AlreadyOpen | None:
    """The open request for the same service and ground, as the error that names it."""
    number = request.open_twin()
    return AlreadyOpen(number=number) if number else None
