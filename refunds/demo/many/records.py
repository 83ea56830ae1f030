"""The rows of what was bought: contract, service, payment, and what went wrong."""

from datetime import datetime
from random import Random

from accounts.models import (
    Contract,
    Outage,
    Payment,
    PaymentAllocation,
    QualityReading,
    Route,
    Service,
    Usage,
)
from refunds.demo.many.life import Paid
from refunds.demo.many.people import Client
from refunds.demo.many.tables import Ids, Rows, written
from refunds.policy.facts import Facts

ROUTES = (Route.ALIPAY, Route.WECHAT_PAY, Route.STRIPE)
# Where a bank transfer came from, and can go back to.
ACCOUNT = "6222020200087650123"


def bought(
    facts: Facts, client: Client, *, rows: Rows, ids: Ids, dice: Random, by_bank: bool
) -> Paid:
    """Contract and payment; the service's own row follows once it is known whether a
    refund ended it."""
    contract, [payment] = ids.next(Contract), facts.payments
    route = Route.BANK_TRANSFER if by_bank else dice.choice(ROUTES)
    paid = Paid(
        route=route.value,
        trade_number=f"{payment.paid_at:%Y%m%d}22{contract:012d}",
        amount=payment.amount,
        payment=ids.next(Payment),
        allocation=ids.next(PaymentAllocation),
        service=ids.next(Service),
        contract=contract,
    )
    rows.add(
        Payment,
        id=paid.payment,
        customer_id=client.pk,
        route=paid.route,
        trade_number=paid.trade_number,
        amount=paid.amount,
        currency=facts.currency,
        paid_at=payment.paid_at,
        payer_account=f"****{dice.randint(0, 9999):04d}",
        payer_name=client.name if by_bank else "",
    )
    rows.add(
        PaymentAllocation,
        id=paid.allocation,
        payment_id=paid.payment,
        service_id=paid.service,
        amount=paid.amount,
    )
    return paid


def contract(
    number: str, paid: Paid, client: Client, facts: Facts, *, rows: Rows
) -> None:
    rows.add(
        Contract,
        id=paid.contract,
        number=number,
        customer_id=client.pk,
        product_line=facts.product_line,
        signed_on=facts.contract.signed_on,
        effective_on=facts.contract.effective_on,
    )


def service(
    name: str, paid: Paid, facts: Facts, *, ended_at: datetime | None, rows: Rows
) -> None:
    told = facts.service
    levels = {metric: str(float(level)) for metric, level in told.promised.items()}
    rows.add(
        Service,
        id=paid.service,
        contract_id=paid.contract,
        name=name,
        billing=told.billing,
        activated_at=told.activated_at,
        ends_on=told.ends_on,
        ended_at=ended_at,
        course_started_at=told.course_started_at,
        delivery_due_on=told.delivery_due_on,
        promised=written(levels),
    )


def what_happened(paid: Paid, facts: Facts, *, verified_by: int, rows: Rows) -> None:
    for outage in facts.outages:
        rows.add(
            Outage,
            service_id=paid.service,
            began_at=outage.began_at,
            ended_at=outage.ended_at,
            extent=outage.extent,
            cause=outage.cause,
            business_affected=outage.business_affected,
            verified_by_id=verified_by,
        )
    for reading in facts.readings:
        rows.add(
            QualityReading,
            service_id=paid.service,
            metric=reading.metric,
            period_from=reading.began_at,
            period_to=reading.ended_at,
            promised=str(float(reading.promised or 0)),
            measured=str(float(reading.measured)),
            source=str(QualityReading.Source.PROVIDER),
            accepted=reading.accepted,
        )
    used = facts.usage
    if used.lessons_total or used.ordered:
        rows.add(
            Usage,
            service_id=paid.service,
            lessons_total=used.lessons_total,
            lessons_used=used.lessons_used,
            ordered=used.ordered,
            delivered=used.delivered,
            recorded_at=facts.requested_at,
        )
