"""What every page needs to have something on it: a request in each room of its life.

Runs in the stack, by `manage.py shell`; prints what the addresses are made of.
"""

import json
import sys
import time
from datetime import datetime, timedelta
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Absence, Contract, Customer, Payment, User
from accounts.resources.jobs import upload
from refunds.gateways.sandbox.ledger import LEDGER_FILE, Ledger
from refunds.insight.backtest import begin
from refunds.models import (
    CalendarOverride,
    CannedReply,
    Discrepancy,
    Merchant,
    PolicyVersion,
    ReceivedFile,
    RefundRequest,
)
from refunds.payouts.accounts import name_account
from refunds.payouts.batches import make_batch
from refunds.payouts.disputes import record_dispute
from refunds.payouts.invoices import begin_invoicing
from refunds.payouts.release import release
from refunds.payouts.send import send_due
from refunds.payouts.stop import stop
from refunds.policies.versions import begin_draft_from
from refunds.review.hands import claim
from refunds.review.information import ask_for_information
from refunds.review.rejection import reject
from tests.factories import ContractFactory, PaymentFactory, live_service
from tests.people import Case, People
from tests.refunds.payouts.bank.counter import paid_by_bank
from tests.refunds.payouts.invoices.desk import issue

NAMES = {
    "owner": "lina@xinghe.example",
    "member": "wangfang@xinghe.example",
    "stranger": "sam@harbour.example",
    "first_line": "zhaomin@makegood.example",
    "evaluator": "wanglei@makegood.example",
    "second_evaluator": "liuyang@makegood.example",
    "approver": "chenjing@makegood.example",
    "finance": "sunli@makegood.example",
    "auditor": "audit@makegood.example",
    "account_manager": "zhoujie@makegood.example",
    "lead": "lead@makegood.example",
}


def people() -> People:
    """The demo's, in the parts that tests know. Its administrator may open every stock
    page here, because each is looked at."""
    User.objects.filter(email="admin@makegood.example").update(is_superuser=True)
    # Another run may have made some before.
    ContractFactory.reset_sequence(Contract.objects.count())
    PaymentFactory.reset_sequence(Payment.objects.count())
    User.objects.update(language="en")
    return People(
        customer=Customer.objects.get(members__email=NAMES["owner"]),
        superuser=User.objects.get(email="admin@makegood.example"),
        **{part: User.objects.get(email=email) for part, email in NAMES.items()},
    )


def new_case(known: People, at: datetime) -> Case:
    service = live_service(customer=known.customer, reviewer=known.evaluator, at=at)
    return Case(known, service, at)


def requests_everywhere(known: People, at: datetime, ledger: Ledger) -> dict[str, str]:
    """Numbers, by what has become of each."""
    finance, owner = known.finance, known.owner
    declined = new_case(known, at)
    reject(
        declined.in_evaluation(),
        by=known.evaluator,
        at=at,
        code="not_proven",
        words="The log shows no outage.",
    )
    asked = new_case(known, at)
    asked.submitted()
    claim(asked.request, by=known.first_line, at=at)
    ask_for_information(
        asked.request, by=known.first_line, at=at, words="Send us the log of that day."
    )
    paid = new_case(known, at)
    paid.known_in(ledger)
    release(paid.agreed(), by=finance, at=at)
    closed = new_case(known, at)
    Payment.objects.filter(allocations__service=closed.service).update(route_open=False)
    release(closed.agreed(), by=finance, at=at)
    by_bank = new_case(known, at)
    paid_by_bank(by_bank)
    release(by_bank.agreed(), by=finance, at=at)
    while send_due(clock=lambda: at):
        pass
    make_batch(Merchant.objects.get(route="bank_transfer"), by=finance, at=at)
    invoiced = new_case(known, at)
    issue(invoiced, 12_000_00, on=at.date(), tax=679_25)
    begin_invoicing(invoiced.agreed(), by=finance, at=at)
    blocked = closed.request
    name_account(
        blocked,
        by=owner,
        at=at,
        holder="Xinghe Media",
        number="6222 0202 0011 2233 445",
        bank_name="ICBC, Haidian",
        bank_code="102100099996",
        proof=blocked.evidence.earliest("pk"),
    )
    cases = {
        "evaluated": new_case(known, at).in_evaluation(),
        "second": new_case(known, at).pending_approval(),
        "offered": new_case(known, at).offered(),
        "unclaimed": new_case(known, at).submitted(),
        "declined": declined.request,
        "asked": asked.request,
        "paid": paid.request,
        "blocked": blocked,
        "by_bank": by_bank.request,
        "invoiced": invoiced.request,
    }
    return {name: case.number or "" for name, case in cases.items()}


def rest(known: People, at: datetime) -> None:
    """One of each thing that has a list of its own."""
    editor = User.objects.get(email="policy@makegood.example")
    published = PolicyVersion.objects.earliest("pk")
    begin(begin_draft_from(published, by=editor, at=at), by=editor, at=at)
    today, finance = at.date(), known.finance
    Absence.objects.create(
        user=known.second_evaluator,
        deputy=known.evaluator,
        first_day=today + timedelta(days=30),
        last_day=today + timedelta(days=31),
    )
    CalendarOverride.objects.create(
        country="CN", day=today + timedelta(days=90), working=False, reason="Typhoon"
    )
    payment = Payment.objects.filter(customer__members=known.stranger).earliest("pk")
    record_dispute(
        payment,
        by=finance,
        at=at,
        opened_at=at - timedelta(days=1),
        reference="CB-1",
        amount=100_00,
        reason="Not recognised",
    )
    stop(route="stripe", reason="A try", by=finance, at=at)
    merchant = Merchant.objects.get(route="alipay")
    Discrepancy.objects.create(
        merchant=merchant,
        kind="no_file",
        subject=str(today),
        day=today,
        found_at=at,
        due_at=at,
    )
    ReceivedFile.objects.create(
        merchant=merchant,
        kind="status",
        name="answer.xml",
        sha256="0" * 64,
        content=b"<a/>",
        received_at=at,
    )
    RecoveryCodes.activate(known.first_line)
    CannedReply.objects.create(
        title="The log", words_en="Send us the log.", words_zh="请提供日志。"
    )
    upload(
        SimpleUploadedFile("customers.csv", b"name\nNew Media\n,\n"),
        name="customers.csv",
        table="customers",
        by=known.superuser,
        at=at,
    )


def sign_in(user: User) -> str:
    """A session as the sign-in page makes it; pages are many, sign-ins cost."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session["second_factor"] = user.is_staff
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    # Just now, so that nothing asks for the password again.
    now = {"method": "password", "at": time.time(), "email": user.email}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**now, "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return str(session.session_key)


def first_keys() -> dict[str, str]:
    """Of each table, whatever its first row is called."""
    firsts = {
        model._meta.label_lower.replace(".", "_"): model._default_manager.order_by("pk")
        .values_list("pk", flat=True)
        .first()
        for model in apps.get_models()
    }
    return {label: str(pk) for label, pk in firsts.items() if pk is not None}


def known_addresses(
    known: People, numbers: dict[str, str], *, at: datetime
) -> dict[str, Any]:
    """What stands in the addresses that are about something in particular."""
    draft = new_case(known, at).draft()
    version = PolicyVersion.objects.filter(published_at=None).earliest("pk")
    rule = version.rules.earliest("pk")
    sheets = RefundRequest.objects.filter(number__in=numbers.values())
    of_rule = {"pk": version.pk, "code": rule.code}
    return {
        "draft": {"pk": draft.pk},
        "check_draft": {"pk": draft.pk},
        "service": {"pk": draft.service_id},
        "services_for": {"pk": known.customer.pk},
        "terms": {"number": draft.contract.number},
        "members_of": {"pk": known.customer.pk},
        "member": {"pk": known.customer.memberships.latest("pk").pk},
        "policy_version": {"line": "live_streaming", "version": 1},
        "account_confirm_email": {"key": "none"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "none-none"},
        "admin:absence_hand_over": {"pk": known.second_evaluator.pk},
        "admin:refunds_backtest_cases": {"pk": version.backtests.get().pk, "number": 1},
        "admin:refunds_policyversion_rule": of_rule,
        "admin:refunds_policyversion_remove_rule": of_rule,
        "admin:refunds_policyversion_add_rule": {"pk": version.pk},
        "admin:refunds_policyversion_publish": {"pk": version.pk},
        "admin:refunds_policyversion_discard": {"pk": version.pk},
        "sheets": [sheets.get(number=number).pk for number in numbers.values()],
    }


def main() -> None:
    at, known = timezone.now(), people()
    numbers = requests_everywhere(known, at, Ledger(settings.SANDBOX_DIR / LEDGER_FILE))
    rest(known, at)
    signed_in = {
        email.split("@")[0]: sign_in(user)
        for email, user in User.objects.in_bulk(field_name="email").items()
    }
    told = {
        "numbers": numbers,
        "sessions": signed_in,
        "keys": first_keys(),
        "known": known_addresses(known, numbers, at=at),
    }
    sys.stdout.write("\n" + json.dumps(told))
