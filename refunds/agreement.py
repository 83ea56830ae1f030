"""What is agreed on: written on the locked request; its step saves it."""

from datetime import datetime

from accounts.models import Service
from refunds.models import RefundRequest


def agree(
    request: RefundRequest, *, amount: int, alternative: str, at: datetime
) -> None:
    """Where the request ends the service, it ends at the moment of submission. Whoever
    takes an alternative alone goes on with the service."""
    request.agreed_amount = amount
    request.agreed_alternative = alternative
    request.agreed_at = at
    if amount and not request.keep_service:
        Service.objects.filter(pk=request.service_id, ended_at=None).update(
            ended_at=request.submitted_at
        )
