"""Bank batches: what waits becomes one file, made once and kept.

All of a batch is one transaction: file, legs, events and calls, or nothing of it.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import PaymentAllocation, Role, User
from refunds.clock.board import calendar_of
from refunds.clock.deadlines import due_after
from refunds.errors import NotPermitted, RefundError
from refunds.gateways.base import FileGateway, Outcome, Result
from refunds.gateways.registry import gateway_of
from refunds.guards import NOT_OWN_CUSTOMER
from refunds.models import (
    LegState,
    Merchant,
    PayoutBatch,
    PayoutCall,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.attempts import FINGERPRINT, fingerprint, instruction_of
from refunds.payouts.balances import lock_accounts
from refunds.payouts.gate import what_forbids
from refunds.payouts.outcome import block
from refunds.payouts.send import (
    MAY_SEND,
    WAITS_FOR_BATCH,
    enter,
    log_call,
)
from refunds.payouts.stop import stop_of
from refunds.record.events import record
from refunds.step import lock

ACCOUNT_CHANGED = "account_changed"
# One transaction locks them all; what is left makes the next batch.
MOST = 500
RELATED = ("payout__request", "merchant", "account", "allocation__payment")


@dataclass(frozen=True)
class Waiting:
    """What would be in the next batch of a currency; `amount` in minor units."""

    merchant: int
    currency: str
    count: int
    amount: int
    since: datetime


def waiting() -> list[Waiting]:
    """In one query, the oldest first."""
    rows = (
        _waiting_legs()
        .order_by()
        .values_list("merchant", "currency")
        .annotate(Count("pk"), Sum("amount"), Min("prepared_at"))
    )
    return sorted((Waiting(*row) for row in rows), key=lambda each: each.since)


def make_batch(
    merchant: Merchant, *, by: User, at: datetime, currency: str = ""
) -> PayoutBatch | None:
    """One currency per batch: `currency`, or that of the transfer that waits longest.

    None where nothing waits that may go; what may not is handed to a person. Raises
    NotPermitted, and RefundError while payouts are stopped.
    """
    check_finance(by)
    with transaction.atomic():
        gateway = file_gateway(merchant)
        _check_running(merchant)
        pairs = _claimed(merchant, currency, by)
        ready = [
            (request, leg)
            for request, leg in pairs
            if _may_go(request, leg, gateway, at=at)
        ]
        if not ready:
            return None
        return _write(merchant, gateway, ready, by=by, at=at)


def download(batch: PayoutBatch, *, by: User, at: datetime) -> bytes:
    """The same bytes for ever. Raises RefundError if they are not those made."""
    check_finance(by)
    content = bytes(batch.content)
    if hashlib.sha256(content).hexdigest() != batch.sha256:
        raise RefundError(
            _(
                "The file of batch %(number)s is not as it was made. Do not send it; "
                "tell the administrator."
            ),
            number=batch.number,
        )
    first = PayoutBatch.objects.filter(pk=batch.pk, first_downloaded_at=None)
    first.update(first_downloaded_at=at)
    return content


def silence_ends(request: RefundRequest, *, days: int, at: datetime) -> datetime:
    """Until when the bank may say nothing; from then on a person looks."""
    return due_after(calendar_of(request), at, days=days)


def check_finance(by: User) -> None:
    if not by.has_role(Role.FINANCE):
        raise NotPermitted(_("This is for finance."))


def file_gateway(merchant: Merchant) -> FileGateway:
    gateway = gateway_of(merchant)
    if not isinstance(gateway, FileGateway):
        raise RefundError(
            _(
                "%(merchant)s takes no bank files here. An administrator can look at "
                "its settings."
            ),
            merchant=merchant,
        )
    return gateway


def lock_legs(legs: QuerySet[PayoutLeg]) -> list[tuple[RefundRequest, PayoutLeg]]:
    """Their requests in the order of keys, then the legs, then all balances: the one
    order of locks. What changed since `legs` was asked for is not among them."""
    requests = {}
    pks = legs.values_list("payout__request", flat=True)
    for pk in sorted(set(pks)):
        requests[pk] = lock(RefundRequest(pk=pk))
    rows = legs.filter(payout__request__in=requests).order_by("pk")
    locked = list(rows.select_for_update(of=("self",)).select_related(*RELATED))
    allocations = {leg.allocation_id for leg in locked}
    lock_accounts(
        PaymentAllocation.objects.select_related("payment").filter(pk__in=allocations)
    )
    return [(requests[leg.payout.request_id], leg) for leg in locked]


def _check_running(merchant: Merchant) -> None:
    if stopped := stop_of(merchant.route):
        raise RefundError(
            _(
                "Payouts are stopped (%(reason)s). No batch is made until somebody "
                "lets them go on."
            ),
            reason=stopped.reason,
        )
    if Merchant.objects.filter(pk=merchant.pk).exclude(stopped_at=None).exists():
        raise RefundError(
            _(
                "%(merchant)s is stopped because it was refused. Its self-check "
                "lets it go on."
            ),
            merchant=merchant,
        )


def _waiting_legs() -> QuerySet[PayoutLeg]:
    return PayoutLeg.objects.filter(
        state__in=MAY_SEND, code=WAITS_FOR_BATCH, batch=None, merchant__isnull=False
    )


def _claimed(
    merchant: Merchant, currency: str, by: User
) -> list[tuple[RefundRequest, PayoutLeg]]:
    legs = _waiting_legs().filter(merchant=merchant)
    if not currency:
        oldest = legs.order_by("prepared_at", "pk").first()
        currency = oldest.currency if oldest else ""
    chosen = legs.filter(currency=currency).order_by("prepared_at", "pk")
    pks = list(chosen.values_list("pk", flat=True)[:MOST])
    pairs = lock_legs(_waiting_legs().filter(pk__in=pks))
    mine = [pair for pair in pairs if NOT_OWN_CUSTOMER(pair[0], by)]
    if pairs and not mine:
        raise RefundError(
            _("All that waits is of a customer you belong to. A colleague has to.")
        )
    return mine


def _may_go(
    request: RefundRequest, leg: PayoutLeg, gateway: FileGateway, *, at: datetime
) -> bool:
    request = lock(request)  # As its other legs in this batch left it.
    obstacle = what_forbids(leg, gateway, request, at=at)
    obstacle = obstacle or _account_changed(leg, gateway)
    if obstacle:
        block(request, leg, obstacle, at=at)
    return not obstacle


def _account_changed(leg: PayoutLeg, gateway: FileGateway) -> str:
    """The money goes where it was meant to go when the leg was prepared, or nowhere."""
    instruction = instruction_of(leg)
    named, meant = gateway.parameters(instruction), leg.parameters
    same = all(named.get(name) == meant.get(name) for name in ("holder", "bank_code"))
    if instruction.payee is None or not same:
        return ACCOUNT_CHANGED
    unchanged = fingerprint(instruction.payee.number) == meant.get(FINGERPRINT)
    return "" if unchanged else ACCOUNT_CHANGED


def _write(
    merchant: Merchant,
    gateway: FileGateway,
    ready: list[tuple[RefundRequest, PayoutLeg]],
    *,
    by: User,
    at: datetime,
) -> PayoutBatch:
    number = f"MG{timezone.localtime(at):%Y%m%d}{secrets.token_hex(4).upper()}"
    instructions = [instruction_of(leg) for _request, leg in ready]
    name, content = gateway.export(number, instructions, now=at)
    batch = PayoutBatch.objects.create(
        merchant=merchant,
        number=number,
        profile=merchant.settings.get("profile", "")[:20],
        currency=ready[0][1].currency,
        amount=sum(leg.amount for _request, leg in ready),
        count=len(ready),
        name=name,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        made_at=at,
        made_by=by,
    )
    _enter_all(batch, gateway, ready, by=by, at=at)
    return batch


def _enter_all(
    batch: PayoutBatch,
    gateway: FileGateway,
    ready: Iterable[tuple[RefundRequest, PayoutLeg]],
    *,
    by: User,
    at: datetime,
) -> None:
    days = gateway.capabilities.arrival
    for stale, leg in ready:
        request = lock(stale)
        enter(request, leg, at=at)
        leg.state, leg.batch = LegState.PROCESSING, batch
        leg.next_at = silence_ends(request, days=days, at=at)
        leg.save()
        result = Result(Outcome.PROCESSING, code=batch.number, key=leg.key)
        log_call(leg, PayoutCall.Kind.BATCH, result, at=at)
        data = {"key": leg.key, "amount": leg.amount, "batch": batch.number}
        record(request, "payout_batched", by=by, at=at, data=data)
