"""What else is kept, once each: money, files, people, the console's own."""

from datetime import date, timedelta

from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import (
    Absence,
    ContractClause,
    Invitation,
    Invoice,
    MembershipEvent,
    QualityReading,
    RecordsImport,
    Usage,
)
from refunds.models import (
    Backtest,
    BacktestChange,
    CalendarOverride,
    CannedReply,
    Discrepancy,
    Dispute,
    Finding,
    InvoiceReversal,
    LegFinding,
    Measurement,
    Merchant,
    Message,
    PayoutBatch,
    PayoutCall,
    PayoutLeg,
    PayoutStop,
    PolicyVersion,
    Presence,
    ReceivedFile,
    SavedFilter,
)
from tests.people import Case

DAY = date(2026, 11, 15)


def one_of_each(paid: Case, evaluated: Case) -> None:
    _records(paid)
    _said(evaluated)
    _money(paid)
    _bank(paid)
    _console(paid)


def _records(case: Case) -> None:
    service, at = case.service, case.at
    ContractClause.objects.create(
        contract=service.contract,
        rule="free_trial",
        field="enabled",
        value=False,
        wording="Zqxmark clause",
    )
    Usage.objects.create(service=service, share_used="0.25")
    service.items.create(name="Zqxmark item", value=100)
    QualityReading.objects.create(
        service=service,
        metric="zqxmark_latency",
        period_from=at - timedelta(days=3),
        period_to=at - timedelta(days=2),
        promised="1",
        measured="2",
    )
    people = case.people
    Invitation.objects.create(
        customer=people.customer,
        email="zqxmark-invited@example.test",
        invited_by=people.owner,
        invited_at=at,
        expires_at=at + timedelta(days=7),
        digest="d" * 64,
    )
    MembershipEvent.objects.create(
        customer=people.customer,
        kind="invited",
        email="zqxmark-invited@example.test",
        role="member",
        by=people.owner,
        at=at,
    )
    UserSession.objects.create(
        user=people.owner, ip="192.0.2.77", user_agent="Zqxmark", session_key="k" * 32
    )
    RecordsImport.objects.create(
        table="customers",
        file=ContentFile(b"Zqxmark row", name="zqxmark.csv"),
        name="zqxmark.csv",
        size=7,
        sha256="0" * 64,
        uploaded_by=people.superuser,
        uploaded_at=at,
        state="checked",
    )


def _said(case: Case) -> None:
    request, people, at = case.request, case.people, case.at
    Message.objects.create(
        request=request,
        author=people.owner,
        from_customer=True,
        words="Zqxmark?",
        at=at,
    )
    Message.objects.create(
        request=request,
        author=people.evaluator,
        from_customer=False,
        internal=True,
        words="Zqxmark note for ourselves",
        at=at,
    )
    Finding.objects.create(
        request=request,
        kind="defect_verified",
        words="Zqxmark finding",
        by=people.evaluator,
        at=at,
    )
    Measurement.objects.create(
        request=request,
        evidence=request.evidence.get(),
        metric="zqxmark_loss",
        period_from=at - timedelta(days=2),
        period_to=at - timedelta(days=1),
        measured="3",
        added_by=people.owner,
        added_at=at,
    )
    Presence.objects.create(request=request, user=people.evaluator, seen_at=at)


def _money(case: Case) -> None:
    payment = case.service.allocations.get().payment
    invoice = Invoice.objects.create(
        number="ZQXMARK-24312000000000000001",
        contract=case.service.contract,
        kind=Invoice.Kind.DIGITAL,
        issued_on=date(2026, 11, 1),
        amount=100,
    )
    InvoiceReversal.objects.create(
        request=case.request,
        invoice=invoice,
        kind="red_letter",
        amount=100,
        planned_at=case.at,
    )
    Dispute.objects.create(
        payment=payment, reference="zqxmark_dp", amount=100, opened_at=case.at
    )
    leg = PayoutLeg.objects.filter(payout__request=case.request).latest("pk")
    PayoutCall.objects.create(
        leg=leg, kind="query", at=case.at, outcome="unknown", code="ZQXMARK_UNKNOWN"
    )
    LegFinding.objects.create(
        leg=leg,
        moved=True,
        words="Zqxmark found",
        found_by=case.people.lead,
        found_at=case.at,
    )


def _bank(case: Case) -> None:
    bank = Merchant.objects.filter(route="bank_transfer").earliest("pk")
    payment = case.service.allocations.get().payment
    PayoutBatch.objects.create(
        merchant=bank,
        number="ZQXMARK1",
        name="zqxmark.xml",
        currency="CNY",
        amount=1,
        count=1,
        content=b"Zqxmark transfer",
        made_at=case.at,
        made_by=case.people.finance,
    )
    Discrepancy.objects.create(
        merchant=bank,
        kind="not_ours",
        subject="zqxmark 2026-11-15",
        day=DAY,
        payment=payment,
        found_at=case.at,
        due_at=case.at,
    )
    ReceivedFile.objects.create(
        merchant=bank,
        kind="status",
        name="zqxmark.xml",
        content=b"Zqxmark status",
        received_at=case.at,
    )
    PayoutStop.objects.create(
        route="stripe",
        reason="Tried out",
        stopped_at=case.at,
        stopped_by=case.people.lead,
    )


def _console(paid: Case) -> None:
    people, at = paid.people, paid.at
    version = PolicyVersion.objects.earliest("pk")
    draft = PolicyVersion.objects.create(policy=version.policy, version=99)
    rule = version.rules.earliest("pk")
    rule.pk, rule.version = None, draft
    rule.save()
    run = Backtest.objects.create(version=version, rules=[], asked_at=at)
    assessment = paid.request.assessments.latest("pk")
    BacktestChange.objects.create(
        backtest=run, request=paid.request, assessment=assessment, currency="CNY"
    )
    CalendarOverride.objects.create(
        country="CN", day=date(2026, 12, 1), working=False, reason="Storm"
    )
    CannedReply.objects.create(
        title="Log wanted", words_en="Send the log.", words_zh="请发送日志。"
    )
    SavedFilter.objects.create(
        user=people.lead, name="Zqxmark alone", query="q=zqxmark"
    )
    Absence.objects.create(
        user=people.first_line,
        deputy=people.evaluator,
        first_day=timezone.localdate(at),
        last_day=timezone.localdate(at),
    )
