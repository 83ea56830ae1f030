"""Facts that can't contradict each other: what hangs below comes from its parent."""

from datetime import date, datetime, timedelta

import factory
from allauth.mfa.models import Authenticator
from factory.django import DjangoModelFactory

from accounts.models import (
    Contract,
    Customer,
    Fee,
    Outage,
    Payment,
    PaymentAllocation,
    ProductLine,
    Route,
    Service,
    User,
)
from refunds.models import Ticket


def second_factor_of(user: User) -> Authenticator:
    return Authenticator(
        user=user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DP"}
    )


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.test")
    language = "en"

    @factory.post_generation
    def second_factor(self, create: object, _given: object, **_more: object) -> None:
        """Staff have one, or no page opens to them."""
        if create and self.is_staff:
            second_factor_of(self).save()


class CustomerFactory(DjangoModelFactory[Customer]):
    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Customer {n}")


class ContractFactory(DjangoModelFactory[Contract]):
    class Meta:
        model = Contract

    number = factory.Sequence(lambda n: f"C-2026-{n:04d}")
    customer = factory.SubFactory(CustomerFactory)
    product_line = ProductLine.LIVE_STREAMING
    signed_on = date(2026, 10, 26)
    effective_on = factory.SelfAttribute("signed_on")


class ServiceFactory(DjangoModelFactory[Service]):
    class Meta:
        model = Service

    contract = factory.SubFactory(ContractFactory)
    name = "Live streaming, Southeast Asia"
    billing = Service.Billing.TERM


class PaymentFactory(DjangoModelFactory[Payment]):
    class Meta:
        model = Payment

    customer = factory.SubFactory(CustomerFactory)
    route = Route.ALIPAY
    trade_number = factory.Sequence(lambda n: f"20261027220014{n:06d}")
    amount = 12_000_00
    payer_account = "138****0088"


def pay_for(service: Service, *, amount: int, paid_at: datetime) -> PaymentAllocation:
    """A payment that belongs to one service whole."""
    payment = PaymentFactory.create(
        customer=service.contract.customer, amount=amount, paid_at=paid_at
    )
    return PaymentAllocation.objects.create(
        payment=payment, service=service, amount=amount
    )


def live_service(*, customer: Customer, reviewer: User, at: datetime) -> Service:
    """Activated twelve days ago, down for sixty hours, its ticket still open."""
    contract = ContractFactory.create(
        customer=customer, signed_on=(at - timedelta(days=20)).date()
    )
    activated = at - timedelta(days=12)
    service = ServiceFactory.create(
        contract=contract,
        activated_at=activated,
        ends_on=(activated + timedelta(days=364)).date(),
    )
    Fee.objects.create(
        service=service, name="Set-up", amount=500_00, refundable="before_activation"
    )
    began = at - timedelta(days=4)
    Outage.objects.create(
        service=service,
        began_at=began,
        ended_at=began + timedelta(hours=60),
        extent=Outage.Extent.TOTAL,
        cause=Outage.Cause.PROVIDER,
        business_affected=True,
        verified_by=reviewer,
    )
    Ticket.objects.create(
        number=f"T-{service.pk}",
        service=service,
        severity=Ticket.Severity.CRITICAL,
        subject="Nothing can be streamed",
        opened_at=began + timedelta(minutes=20),
    )
    pay_for(service, amount=12_000_00, paid_at=at - timedelta(days=19))
    return service  # type: ignore[no-any-return]
