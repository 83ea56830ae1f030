"""No stock form of the admin writes the truth; only the verbs do."""

from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client

from accounts.models import Payment, User
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import (
    Backtest,
    CalendarOverride,
    Discrepancy,
    Dispute,
    Event,
    InvoiceReversal,
    Merchant,
    PaymentBalance,
    PayoutAccount,
    PayoutBatch,
    PayoutLeg,
    PolicyVersion,
    ReasonTag,
    ReceivedFile,
    RefundRequest,
    Threshold,
    Ticket,
)
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import visitor
from tests.refunds.payouts.invoices.desk import issue

SET_BY_THE_ADMINISTRATOR = {
    CalendarOverride,
    Merchant,
    ReasonTag,
    Threshold,
    Ticket,
}
KEPT = [
    model
    for model in admin.site._registry
    if model._meta.app_label == "refunds" and model not in SET_BY_THE_ADMINISTRATOR
]


def rows(model: type[Model]) -> list[Any]:
    return list(model._default_manager.order_by("pk").values())


def address(model: type[Model], *parts: object) -> str:
    app = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    return app + "".join(f"{part}/" for part in parts)


def test_what_is_registered_is_kept_or_set_by_the_administrator() -> None:
    assert {model.__name__ for model in KEPT} == {
        "Assessment",
        "Backtest",
        "Deadline",
        "Discrepancy",
        "Dispute",
        "Event",
        "InvoiceReversal",
        "Notice",
        "PaymentBalance",
        "Payout",
        "PayoutAccount",
        "PayoutBatch",
        "PayoutCall",
        "PayoutLeg",
        "Policy",
        "PolicyVersion",
        "ReceivedFile",
        "RefundRequest",
    }


def test_nobody_adds_changes_or_deletes_what_is_kept(
    case: Case, sandbox: Sandbox
) -> None:
    states.money_back(case, sandbox)
    version = PolicyVersion.objects.latest("pk")
    Backtest.objects.create(version=version, rules=[], asked_at=case.at)
    _reverses_and_disputes(case)
    _batches(case)
    PayoutAccount.objects.create(
        request=case.request,
        proof=case.request.evidence.get(),
        named_by=case.people.owner,
        named_at=case.at,
    )
    before = {model: rows(model) for model in KEPT}
    assert all(before.values()), "there is one of each"
    for person in (case.people.superuser, case.people.auditor):
        client = visitor(person)
        for model in KEPT:
            _tries_everything(client, model)
    assert {model: rows(model) for model in KEPT} == before


def _reverses_and_disputes(case: Case) -> None:
    InvoiceReversal.objects.create(
        request=case.request,
        invoice=issue(case, 100),
        kind="red_letter",
        amount=100,
        planned_at=case.at,
    )
    Dispute.objects.create(
        payment=Payment.objects.get(),
        reference="dp_1",
        amount=100,
        opened_at=case.at,
    )


def _batches(case: Case) -> None:
    bank = Merchant.objects.create(route="bank_transfer", number="1", name="Bank")
    PayoutBatch.objects.create(
        merchant=bank,
        number="MG1",
        currency="CNY",
        amount=1,
        count=1,
        content=b"",
        made_at=case.at,
        made_by=case.people.finance,
    )
    Discrepancy.objects.create(
        merchant=bank,
        kind="no_file",
        subject="2026-11-15",
        day=date(2026, 11, 15),
        found_at=case.at,
        due_at=case.at,
    )
    ReceivedFile.objects.create(
        merchant=bank, kind="status", name="a.xml", content=b"", received_at=case.at
    )


def _tries_everything(client: Client, model: type[Model]) -> None:
    first = model._default_manager.order_by("pk").first()
    assert first is not None
    everything = {
        field.attname: "1" for field in model._meta.concrete_fields if field.editable
    }
    everything |= {"state": "refunded", "_save": "Save"}
    change = address(model, first.pk, "change")
    for path in (address(model, "add"), address(model, first.pk, "delete")):
        assert client.get(path).status_code == 403, path
        assert client.post(path, {**everything, "post": "yes"}).status_code == 403, path
    assert client.get(change).status_code == 200, change
    refused = client.post(change, everything)
    assert refused.status_code == (200 if model is RefundRequest else 403), change
    assert client.get(address(model, first.pk, "history")).status_code == 200
    assert client.get(address(model)).status_code == 200
    client.post(
        address(model),
        {
            "action": "delete_selected",
            "_selected_action": [str(first.pk)],
            "post": "yes",
        },
    )


@pytest.mark.parametrize(
    "model", [RefundRequest, Event, PayoutLeg, PaymentBalance], ids=lambda m: m.__name__
)
def test_staff_without_a_role_open_no_list(case: Case, model: type[Model]) -> None:
    assert visitor(case.people.lead).get(address(model)).status_code == 403
    owner = visitor(case.people.owner).get(address(model))
    assert owner["Location"].startswith("/admin/login/")


def test_who_is_a_superuser_is_set_on_no_page(case: Case) -> None:
    administrator = case.people.lead
    administrator.groups.add(_group("administrator"))
    path = address(User, administrator.pk, "change")
    client = visitor(administrator)
    assert "is_superuser" not in client.get(path).content.decode()
    client.post(
        path,
        {
            "email": administrator.email,
            "name": "Lead",
            "language": "en",
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
        },
    )
    administrator.refresh_from_db()
    assert administrator.name == "Lead"
    assert not administrator.is_superuser


def test_an_administrator_does_not_take_over_a_superuser(case: Case) -> None:
    administrator = case.people.lead
    administrator.groups.add(_group("administrator"))
    root = case.people.superuser
    password = "a longer one than most"
    visitor(administrator).post(
        address(User, root.pk, "password"),
        {"password1": password, "password2": password, "usable_password": "true"},
    )
    root.refresh_from_db()
    assert not root.check_password(password)


def test_the_administrator_keeps_the_calendar_and_reads_no_case(case: Case) -> None:
    administrator = case.people.lead
    administrator.groups.add(_group("administrator"))
    client = visitor(administrator)
    typed = {"country": "CN", "day": "2026-12-01", "reason": "Storm", "_save": "Save"}
    page: Any = client.post(address(CalendarOverride, "add"), typed)
    seen = page.context["foreseen"].fingerprint
    client.post(address(CalendarOverride, "add"), typed | {"seen": seen})
    assert CalendarOverride.objects.get().day == date(2026, 12, 1)
    request = case.submitted()
    assert client.get(address(RefundRequest)).status_code == 403
    assert client.get(address(RefundRequest, request.pk, "change")).status_code == 403


def _group(name: str) -> Group:
    return Group.objects.get(name=name)
