"""Demo data: a customer with a case, a stranger, and somebody in every role."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction
from PIL import Image, ImageDraw

from accounts.models import (
    Contract,
    ContractClause,
    Customer,
    Fee,
    Lead,
    Membership,
    Outage,
    Payment,
    PaymentAllocation,
    ProductLine,
    Role,
    Route,
    Service,
    Usage,
    User,
)
from refunds.filing.drafts import draft_for, save_draft
from refunds.filing.evidence import add_evidence
from refunds.filing.submit import submit
from refunds.gateways.sandbox.ledger import Ledger
from refunds.models import Evidence, Ground, Ticket


@dataclass(frozen=True)
class Person:
    title: str
    email: str
    name: str
    role: Role | None = None
    language: str = "zh-hans"
    leads: bool = False


PEOPLE = (
    Person("customer, owner", "lina@xinghe.example", "李娜"),
    Person("customer, member", "wangfang@xinghe.example", "王芳"),
    Person("another customer", "sam@harbour.example", "Sam Reed", language="en"),
    Person("first-line reviewer", "zhaomin@makegood.example", "赵敏", Role.FIRST_LINE),
    Person("evaluator", "wanglei@makegood.example", "王磊", Role.EVALUATOR),
    Person("evaluator", "liuyang@makegood.example", "刘洋", Role.EVALUATOR),
    Person("approver", "chenjing@makegood.example", "陈静", Role.APPROVER),
    Person("finance", "sunli@makegood.example", "孙丽", Role.FINANCE),
    Person("account manager", "zhoujie@makegood.example", "周杰", Role.ACCOUNT_MANAGER),
    Person("auditor", "audit@makegood.example", "Ana Ruiz", Role.AUDITOR, "en"),
    Person("administrator", "admin@makegood.example", "Max Berg", Role.ADMINISTRATOR),
    Person(
        "lead of all teams",
        "lead@makegood.example",
        "何伟",
        Role.EVALUATOR,
        leads=True,
    ),
)


@transaction.atomic
def seed(*, at: datetime, password: str, ledger: Ledger) -> None:
    users = {person.email: _user(person, password) for person in PEOPLE}
    lead = users["lead@makegood.example"]
    for role in Role:
        Lead.objects.create(role=Group.objects.get(name=role.value), user=lead)
    User.objects.filter(is_staff=True).exclude(pk=lead.pk).update(superior=lead)
    xinghe = _customer("星河传媒有限公司", users["zhoujie@makegood.example"])
    harbour = _customer("Harbour Learning", None, language="en")
    _join(xinghe, users["lina@xinghe.example"], Membership.Role.OWNER)
    _join(xinghe, users["wangfang@xinghe.example"], Membership.Role.MEMBER)
    _join(harbour, users["sam@harbour.example"], Membership.Role.OWNER)
    reviewer = users["wanglei@makegood.example"]
    _down_since_days(xinghe, reviewer, at=at, ledger=ledger)
    forgotten = _outage_last_month(xinghe, reviewer, at=at, ledger=ledger)
    _file_and_forget(forgotten, users["lina@xinghe.example"], at=at)
    _course(harbour, at=at, ledger=ledger)


def _user(person: Person, password: str) -> User:
    user = User.objects.create_user(
        person.email,
        password,
        name=person.name,
        language=person.language,
        is_staff=person.role is not None,
    )
    EmailAddress.objects.create(
        user=user, email=user.email, verified=True, primary=True
    )
    if person.role is not None:
        user.groups.add(Group.objects.get(name=person.role.value))
    return user


def _customer(
    name: str, account_manager: User | None, language: str = "zh-hans"
) -> Customer:
    return Customer.objects.create(
        name=name, account_manager=account_manager, language=language
    )


def _join(customer: Customer, user: User, role: str) -> None:
    Membership.objects.create(customer=customer, user=user, role=role)


def _down_since_days(
    customer: Customer, reviewer: User, *, at: datetime, ledger: Ledger
) -> None:
    """Activated twelve days ago, down for sixty hours, the ticket still open."""
    signed = at - timedelta(days=20)
    contract = _contract(customer, "LS-2026-0117", ProductLine.LIVE_STREAMING, signed)
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
    _outage(service, began, ended, reviewer)
    Ticket.objects.create(
        number="T-2026-00391",
        service=service,
        severity=Ticket.Severity.CRITICAL,
        subject="直播推流全部中断",
        opened_at=began + timedelta(minutes=20),
    )
    _paid(service, 12_000_00, signed + timedelta(days=1), "2026110122001417", ledger)


def _outage_last_month(
    customer: Customer, reviewer: User, *, at: datetime, ledger: Ledger
) -> Service:
    """A yearly service that was down for eighty hours some weeks ago."""
    signed = at - timedelta(days=200)
    contract = _contract(customer, "LS-2026-0042", ProductLine.LIVE_STREAMING, signed)
    service = Service.objects.create(
        contract=contract,
        name="出海直播解决方案 · 北美线路",
        billing=Service.Billing.TERM,
        activated_at=signed + timedelta(days=2),
        ends_on=(signed + timedelta(days=366)).date(),
    )
    began = at - timedelta(days=25)
    _outage(service, began, began + timedelta(hours=80), reviewer)
    _paid(service, 36_000_00, signed + timedelta(days=1), "2026050422001108", ledger)
    return service


def _course(customer: Customer, *, at: datetime, ledger: Ledger) -> None:
    signed = at - timedelta(days=3)
    contract = _contract(customer, "OC-2026-0203", ProductLine.ONLINE_COURSE, signed)
    service = Service.objects.create(
        contract=contract,
        name="Course “Live Sales 101”",
        billing=Service.Billing.LESSONS,
        course_started_at=signed + timedelta(hours=2),
    )
    Usage.objects.create(service=service, lessons_total=20, lessons_used=1)
    _paid(service, 1_999_00, signed + timedelta(hours=1), "2026111822001930", ledger)


def _contract(
    customer: Customer, number: str, line: ProductLine, signed: datetime
) -> Contract:
    return Contract.objects.create(
        number=number,
        customer=customer,
        product_line=line,
        signed_on=signed.date(),
        effective_on=signed.date(),
    )


def _outage(service: Service, began: datetime, ended: datetime, reviewer: User) -> None:
    Outage.objects.create(
        service=service,
        began_at=began,
        ended_at=ended,
        extent=Outage.Extent.TOTAL,
        cause=Outage.Cause.PROVIDER,
        business_affected=True,
        verified_by=reviewer,
    )


def _paid(
    service: Service, amount: int, paid_at: datetime, trade: str, ledger: Ledger
) -> None:
    payment = Payment.objects.create(
        customer=service.contract.customer,
        route=Route.ALIPAY,
        trade_number=trade,
        amount=amount,
        paid_at=paid_at,
        payer_account="138****0088",
    )
    PaymentAllocation.objects.create(payment=payment, service=service, amount=amount)
    ledger.put_trade(
        trade_no=trade,
        out_trade_no=f"order-{trade}",
        total_minor=amount,
        paid_at=paid_at,
        buyer_logon_id="138****0088",
    )


def _file_and_forget(service: Service, owner: User, *, at: datetime) -> None:
    """A request that nobody touches: its first check is overdue."""
    filed = at - timedelta(days=9)
    draft = draft_for(service, by=owner)
    draft.ground = Ground.OUTAGE
    draft.keep_service = True
    draft.description = "线路中断超过三天，期间三场直播全部取消。"
    draft.amount_asked = 300_00
    save_draft(draft)
    add_evidence(
        draft,
        content=_picture(),
        name="监控截图.jpg",
        kind=Evidence.Kind.FAULT_LOG,
        by=owner,
        at=filed,
    )
    submit(draft, by=owner, at=filed)


def _picture() -> bytes:
    """A plausible monitoring chart, drawn here: no file to ship."""
    image = Image.new("RGB", (960, 420), "#f5f7f6")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 40, 920, 360), outline="#74827e")
    draw.line(
        [(60, 90), (300, 90), (302, 350), (640, 350), (642, 90), (920, 90)],
        fill="#c2332b",
        width=4,
    )
    draw.text((60, 375), "ingest availability, 5 min average", fill="#16211f")
    out = BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()
