"""The demo's records in one line each: contract, outage, payment."""

from datetime import datetime

from accounts.models import (
    Contract,
    Customer,
    Outage,
    Payment,
    PaymentAllocation,
    ProductLine,
    Route,
    Service,
    User,
)
from refunds.gateways.sandbox.ledger import Ledger


def contract_for(
    customer: Customer, number: str, line: ProductLine, signed: datetime
) -> Contract:
    return Contract.objects.create(
        number=number,
        customer=customer,
        product_line=line,
        signed_on=signed.date(),
        effective_on=signed.date(),
    )


def outage(service: Service, began: datetime, ended: datetime, reviewer: User) -> None:
    Outage.objects.create(
        service=service,
        began_at=began,
        ended_at=ended,
        extent=Outage.Extent.TOTAL,
        cause=Outage.Cause.PROVIDER,
        business_affected=True,
        verified_by=reviewer,
    )


def paid(
    service: Service,
    amount: int,
    paid_at: datetime,
    trade: str,
    ledger: Ledger,
    *,
    route: Route = Route.ALIPAY,
    payer: str = "138****0088",
    **account: str,
) -> None:
    """`account`: of a bank transfer, where it came from and can go back to."""
    payment = Payment.objects.create(
        customer=service.contract.customer,
        route=route,
        trade_number=trade,
        amount=amount,
        paid_at=paid_at,
        payer_account=payer,
        **account,
    )
    PaymentAllocation.objects.create(payment=payment, service=service, amount=amount)
    if route == Route.BANK_TRANSFER:
        return  # A bank has no gateway that knows of it.
    ledger.put_trade(
        route=route,
        trade_no=trade,
        out_trade_no=f"order-{trade}",
        total_minor=amount,
        currency=payment.currency,
        paid_at=paid_at,
        buyer_logon_id=payer,
    )
