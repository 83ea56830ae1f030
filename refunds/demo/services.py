"""The demo's contracts and services: something of every product line."""

from datetime import datetime, timedelta

from accounts.models import (
    ContractClause,
    Customer,
    Fee,
    ProductLine,
    QualityReading,
    Route,
    Service,
    ServiceItem,
    Usage,
    User,
)
from refunds.demo.records import contract_for, outage, paid
from refunds.gateways.sandbox.ledger import Ledger
from refunds.models import Ticket


def down_since_days(
    customer: Customer, reviewer: User, *, at: datetime, ledger: Ledger
) -> None:
    """Activated twelve days ago, down for sixty hours, the ticket still open."""
    signed = at - timedelta(days=20)
    contract = contract_for(
        customer, "LS-2026-0117", ProductLine.LIVE_STREAMING, signed
    )
    ContractClause.objects.create(
        contract=contract,
        rule="live.before_activation",
        field="window.amount",
        value=14,
        wording="双方约定：开通前无理由退款期限为十四天。",
    )
    activated = at - timedelta(days=12)
    service = Service.objects.create(
        contract=contract,
        name="出海直播解决方案 · 东南亚线路",
        billing=Service.Billing.TERM,
        activated_at=activated,
        ends_on=(activated + timedelta(days=364)).date(),
        promised={"availability": "99.90"},
    )
    Fee.objects.create(
        service=service,
        name="开通费",
        amount=500_00,
        refundable="before_activation",
    )
    began = at - timedelta(days=4)
    ended = began + timedelta(hours=60)
    outage(service, began, ended, reviewer)
    Ticket.objects.create(
        number="T-2026-00391",
        service=service,
        severity=Ticket.Severity.CRITICAL,
        subject="直播推流全部中断",
        opened_at=began + timedelta(minutes=20),
    )
    paid(service, 12_000_00, signed + timedelta(days=1), "2026110122001417", ledger)


def outage_last_month(
    customer: Customer, reviewer: User, *, at: datetime, ledger: Ledger
) -> Service:
    """A yearly service that was down for eighty hours some weeks ago."""
    signed = at - timedelta(days=200)
    contract = contract_for(
        customer, "LS-2026-0042", ProductLine.LIVE_STREAMING, signed
    )
    service = Service.objects.create(
        contract=contract,
        name="出海直播解决方案 · 北美线路",
        billing=Service.Billing.TERM,
        activated_at=signed + timedelta(days=2),
        ends_on=(signed + timedelta(days=366)).date(),
    )
    began = at - timedelta(days=25)
    outage(service, began, began + timedelta(hours=80), reviewer)
    paid(service, 36_000_00, signed + timedelta(days=1), "2026050422001108", ledger)
    return service


def course(customer: Customer, *, at: datetime, ledger: Ledger) -> None:
    signed = at - timedelta(days=3)
    contract = contract_for(customer, "OC-2026-0203", ProductLine.ONLINE_COURSE, signed)
    service = Service.objects.create(
        contract=contract,
        name="Course “Live Sales 101”",
        billing=Service.Billing.LESSONS,
        course_started_at=signed + timedelta(hours=2),
    )
    Usage.objects.create(service=service, lessons_total=20, lessons_used=1)
    paid(
        *(service, 1_999_00, signed + timedelta(hours=1)),
        *("pi_3QMakegoodLiveSales101", ledger),
        route=Route.STRIPE,
        payer="Visa ****4242",
    )


def line_below_its_level(customer: Customer, *, at: datetime, ledger: Ledger) -> None:
    """A dedicated line that measured badly; its contract counts from the payment."""
    signed = at - timedelta(days=70)
    contract = contract_for(
        customer, "DL-2026-0031", ProductLine.DEDICATED_LINE, signed
    )
    ContractClause.objects.create(
        contract=contract,
        rule="line.trial_window",
        field="window.anchor",
        value="paid",
        wording="试用期自首笔付款到账之日起计算。",
    )
    activated = at - timedelta(days=65)
    service = Service.objects.create(
        contract=contract,
        name="海外直播专线 · 法兰克福",
        billing=Service.Billing.TERM,
        activated_at=activated,
        ends_on=(activated + timedelta(days=179)).date(),
        promised={"bandwidth_mbps": "100", "loss": "0.5"},
    )
    for name, value in (("备用线路", 6_000_00), ("7×24 值守", None)):
        ServiceItem.objects.create(service=service, name=name, value=value)
    _reading(service, "bandwidth_mbps", "100", "62.5", at - timedelta(days=20))
    paid(service, 30_000_00, signed + timedelta(days=1), "2026091222001655", ledger)


def sdk_below_its_level(customer: Customer, *, at: datetime, ledger: Ledger) -> None:
    """Two months of availability, one of them in breach."""
    signed = at - timedelta(days=120)
    contract = contract_for(
        customer, "CS-2026-0012", ProductLine.CONFERENCE_SDK, signed
    )
    service = Service.objects.create(
        contract=contract,
        name="Conferencing SDK, Enterprise",
        billing=Service.Billing.TERM,
        activated_at=signed,
        ends_on=(signed + timedelta(days=364)).date(),
        promised={"availability": "99.99"},
        product_version="5.2.1",
    )
    last_month = (at.replace(day=1) - timedelta(days=1)).replace(day=1)
    _reading(service, "availability", "99.99", "99.41", last_month)
    paid(service, 48_000_00, signed + timedelta(hours=1), "2026072422001802", ledger)


def package_delivered_short(
    customer: Customer, *, at: datetime, ledger: Ledger
) -> None:
    signed = at - timedelta(days=45)
    contract = contract_for(
        customer, "QP-2026-0088", ProductLine.QUANTITY_PACKAGE, signed
    )
    service = Service.objects.create(
        contract=contract,
        name="短视频代运营 · 100 条",
        billing=Service.Billing.QUANTITY,
        activated_at=signed,
        delivery_due_on=(at - timedelta(days=5)).date(),
    )
    Usage.objects.create(service=service, ordered=100, delivered=82)
    paid(
        *(service, 8_800_00, signed + timedelta(hours=3)),
        *("BT20261007000331", ledger),
        route=Route.BANK_TRANSFER,
        payer="****0123",
        payer_name=customer.name,
        payer_number="6222020200087650123",
        payer_bank_code="102100099996",
    )


def consumers_course(customer: Customer, *, at: datetime, ledger: Ledger) -> None:
    """Its clause would take the week away; a consumer keeps it."""
    signed = at - timedelta(days=4)
    contract = contract_for(customer, "OC-2026-0217", ProductLine.ONLINE_COURSE, signed)
    ContractClause.objects.create(
        contract=contract,
        rule="course.not_as_expected",
        field="window.amount",
        value=2,
        wording="开课 2 日后不予退款。",
    )
    service = Service.objects.create(
        contract=contract,
        name="数据分析入门课",
        billing=Service.Billing.LESSONS,
        activated_at=signed,
        course_started_at=signed + timedelta(hours=1),
    )
    Usage.objects.create(service=service, lessons_total=40, lessons_used=2)
    paid(
        *(service, 899_00, signed),
        *("4200002419202611170055013877", ledger),
        route=Route.WECHAT_PAY,
        payer="微信零钱",
    )


def _reading(
    service: Service, metric: str, promised: str, measured: str, month: datetime
) -> None:
    began = month.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    QualityReading.objects.create(
        service=service,
        metric=metric,
        period_from=began,
        period_to=(began + timedelta(days=31)).replace(day=1),
        promised=promised,
        measured=measured,
        source=QualityReading.Source.PROVIDER,
        accepted=True,
    )
