"""Thousands of agreed requests in a few statements, each with a payment of its own."""

from datetime import datetime, timedelta

from accounts.models import (
    Contract,
    Customer,
    Payment,
    PaymentAllocation,
    Route,
    Service,
)
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.rows import Trade
from refunds.models import Deadline, Event, RefundRequest
from refunds.record.events import next_event
from refunds.states import State
from tests.people import People

# Less than half, so that a gateway would let it go twice.
AMOUNT, PAID = 40_00, 100_00


def agree_on_many(
    people: People, count: int, *, at: datetime, ledger: Ledger, series: int = 0
) -> list[RefundRequest]:
    """40.00 of 100.00 each, below the threshold: the task releases them by itself.
    Another `series` has other numbers."""
    contract = Contract.objects.create(
        number=f"MANY-{series}",
        customer=people.customer,
        product_line="live_streaming",
        signed_on=at.date(),
        effective_on=at.date(),
    )
    services = Service.objects.bulk_create(
        Service(contract=contract, name=f"Live {n}", billing="term")
        for n in range(count)
    )
    _pay(people.customer, services, at=at, ledger=ledger, series=series)
    requests = RefundRequest.objects.bulk_create(
        RefundRequest(
            number=f"RF-2026-{(series + 1) * 100_000 + n}",
            customer=people.customer,
            contract=contract,
            service=service,
            ground="outage",
            amount_asked=AMOUNT,
            currency="CNY",
            filed_by=people.owner,
            submitted_at=at,
            agreed_at=at,
            agreed_amount=AMOUNT,
            state=State.AGREED,
            event_count=1,
        )
        for n, service in enumerate(services)
    )
    _write_histories(requests, at=at)
    return requests


def _pay(
    customer: Customer,
    services: list[Service],
    *,
    at: datetime,
    ledger: Ledger,
    series: int,
) -> None:
    paid_at = at - timedelta(days=30)
    payments = Payment.objects.bulk_create(
        Payment(
            customer=customer,
            route=Route.ALIPAY,
            trade_number=f"20261022{series:02d}{n:012d}",
            amount=PAID,
            paid_at=paid_at,
        )
        for n in range(len(services))
    )
    PaymentAllocation.objects.bulk_create(
        PaymentAllocation(payment=payment, service=service, amount=PAID)
        for payment, service in zip(payments, services, strict=True)
    )
    with ledger.transaction() as books:
        for payment in payments:
            books.put_trade(
                Trade(
                    trade_no=payment.trade_number,
                    out_trade_no=f"order-{payment.pk}",
                    total_minor=PAID,
                    paid_at=paid_at,
                )
            )


def _write_histories(requests: list[RefundRequest], *, at: datetime) -> None:
    """A chain of one event each, and the deadlines that run while it is agreed."""
    events = []
    for request in requests:
        request.event_count, request.event_head = 0, ""
        event = next_event(
            request,
            kind="agree_automatically",
            by=None,
            at=at,
            from_state=State.SUBMITTED,
            to_state=State.AGREED,
            data={"assessment": 0, "amount": AMOUNT},
        )
        events.append(event)
    Event.objects.bulk_create(events)
    RefundRequest.objects.bulk_update(requests, ["event_count", "event_head"])
    Deadline.objects.bulk_create(
        Deadline(
            request=request,
            kind=kind,
            owner=Deadline.Owner.FINANCE,
            started_at=at,
            warn_at=at + timedelta(days=2),
            due_at=at + timedelta(days=5),
            next_at=at + timedelta(days=2),
        )
        for request in requests
        for kind in (Deadline.Kind.RELEASE, Deadline.Kind.PAYOUT)
    )
