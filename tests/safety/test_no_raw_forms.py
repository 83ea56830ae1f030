"""No stock form of the admin writes the truth: state, money, assessments, events and
all that hangs on them change by the verbs alone, whoever asks.

Every model of ours has a verdict; one without fails, registered or not.
"""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.test import Client, RequestFactory

from accounts.models import Role, User
from accounts.resources.tables import RESOURCES
from config.console import OURS
from tests.refunds.pages.visits import visitor
from tests.safety.world import World

# Only verbs write these.
TRUTH = {
    "accounts.MembershipEvent",
    "accounts.RecordsImport",
    "refunds.AllocationBalance",
    "refunds.Assessment",
    "refunds.Backtest",
    "refunds.BacktestChange",
    "refunds.Compensation",
    "refunds.Deadline",
    "refunds.Discrepancy",
    "refunds.Dispute",
    "refunds.Event",
    "refunds.Evidence",
    "refunds.Finding",
    "refunds.InvoiceReversal",
    "refunds.LegFinding",
    "refunds.Measurement",
    "refunds.Message",
    "refunds.Notice",
    "refunds.Notification",
    "refunds.NumberSeries",
    "refunds.Offer",
    "refunds.OutsideRefund",
    "refunds.PaymentBalance",
    "refunds.Payout",
    "refunds.PayoutAccount",
    "refunds.PayoutBatch",
    "refunds.PayoutCall",
    "refunds.PayoutLeg",
    "refunds.PayoutStop",
    "refunds.Policy",
    "refunds.PolicyEvent",
    "refunds.PolicyRule",
    "refunds.PolicyVersion",
    "refunds.Presence",
    "refunds.ReceivedFile",
    "refunds.RefundRequest",
    "refunds.RequestWords",
    "refunds.StatementLine",
}
# What the administrator keeps, because it comes from elsewhere; never deleted. Which
# fields stand still in the marked case, where money hangs on them.
FACTS: dict[str, set[str]] = {
    "accounts.Contract": {"customer", "product_line", "currency"},
    "accounts.ContractClause": set(),
    "accounts.Customer": set(),
    "accounts.Fee": set(),
    "accounts.Invoice": {"contract", "amount", "reversed"},
    "accounts.Outage": set(),
    "accounts.Payment": {
        "customer",
        "route",
        "trade_number",
        "currency",
        "amount",
        "paid_at",
    },
    "accounts.PaymentAllocation": {"payment", "service", "amount"},
    "accounts.QualityReading": set(),
    "accounts.Service": {"contract"},
    "accounts.ServiceItem": set(),
    "accounts.Usage": set(),
}
# How the house is run: nothing here is about a case.
SETTINGS = {
    "accounts.Absence",
    "accounts.Invitation",
    "accounts.Lead",
    "accounts.Membership",
    "accounts.User",
    "refunds.CalendarOverride",
    "refunds.CannedReply",
    "refunds.Merchant",
    "refunds.ReasonTag",
    "refunds.SavedFilter",
    "refunds.Threshold",
    "refunds.Ticket",
}
# Each of these writes as it is looked at, by itself.
LOOKED_AT = {"refunds.Presence"}


def every_model() -> list[type[Model]]:
    return [each for app in OURS for each in apps.get_app_config(app).get_models()]


def registered() -> dict[str, ModelAdmin]:
    return {model._meta.label: page for model, page in admin.site._registry.items()}


def inlines() -> set[str]:
    return {
        inline.model._meta.label
        for page in registered().values()
        for inline in page.inlines
    }


def address(model: type[Model], *parts: object) -> str:
    start = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    return start + "".join(f"{part}/" for part in parts)


def test_every_model_has_one_verdict() -> None:
    known = [*TRUTH, *FACTS, *SETTINGS]
    assert len(known) == len(set(known))
    assert {model._meta.label for model in every_model()} == set(known)


def test_the_console_registers_nothing_of_others() -> None:
    """The forms of libraries would show secrets of second factors, and change them."""
    assert not set(registered()) - TRUTH - set(FACTS) - SETTINGS


def test_nothing_that_only_verbs_write_hangs_below_a_form() -> None:
    assert not inlines() & TRUTH


def test_no_list_is_a_form() -> None:
    assert not [name for name, page in registered().items() if page.list_editable]


def test_imports_bring_facts_alone() -> None:
    assert {each.model._meta.label for each in RESOURCES} <= set(FACTS)


def asked_by(user: User) -> HttpRequest:
    asked = RequestFactory().get("/admin/")
    asked.user = user
    return asked


def people(world: World) -> dict[str, User]:
    roles = {str(role): user for role, user in world.only.items()}
    return {"superuser": world.people.superuser, **roles}


def test_nobody_may_add_change_or_delete_the_truth(world: World) -> None:
    """Not even by a permission that somebody gave them."""
    for label in TRUTH & set(registered()):
        page = registered()[label]
        row = page.model._default_manager.first()
        for who, user in people(world).items():
            asked, where = asked_by(user), f"{label}, {who}"
            assert not page.has_add_permission(asked), where
            assert not page.has_change_permission(asked), where
            assert not page.has_change_permission(asked, row), where
            assert not page.has_delete_permission(asked), where
            assert not page.has_delete_permission(asked, row), where
            assert "delete_selected" not in page.get_actions(asked), where


def test_facts_are_never_deleted(world: World) -> None:
    for label in set(FACTS) & set(registered()):
        page = registered()[label]
        for who, user in people(world).items():
            asked = asked_by(user)
            assert not page.has_delete_permission(asked), f"{label}, {who}"
            assert "delete_selected" not in page.get_actions(asked), f"{label}, {who}"
        for inline in page.get_inline_instances(asked_by(world.people.superuser)):
            if inline.model._meta.label in FACTS:
                assert not inline.can_delete, inline


def whole_truth() -> dict[str, list[dict[str, Any]]]:
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in every_model()
        if model._meta.label in TRUTH - LOOKED_AT
    }


def typed(model: type[Model], row: Model) -> dict[str, Any]:
    """A form sent with everything in it, other than it is kept."""
    fields = {field.name: "1" for field in model._meta.concrete_fields}
    return fields | {
        "state": "refunded",
        "_save": "Save",
        "post": "yes",
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(row.pk),
        "form-0-state": "refunded",
        "_selected_action": str(row.pk),
    }


def tries_everything(client: Client, model: type[Model]) -> None:
    row = model._default_manager.order_by("pk").first()
    assert row is not None, f"there is one of each: {model}"
    form = typed(model, row)
    for path in (
        address(model, "add"),
        address(model, "add") + "?_popup=1&_to_field=id",
        address(model, row.pk, "delete"),
        address(model, row.pk, "delete") + "?_popup=1",
        address(model, row.pk, "change"),
        address(model, row.pk, "change") + "?_popup=1",
    ):
        status = client.post(path, form).status_code
        sheet = model._meta.model_name == "refundrequest" and "change" in path
        assert status in ((200,) if sheet else (400, 403, 404)), f"{path}: {status}"
    for action in ("delete_selected", "", "nothing_known"):
        client.post(address(model), {**form, "action": action})
    client.post(address(model, row.pk, "history"), form)


def test_no_stock_form_changes_the_truth(world: World) -> None:
    before = whole_truth()
    never_there = {
        "refunds.Notification",
        "refunds.OutsideRefund",
        "refunds.PolicyEvent",
        "refunds.StatementLine",
    }
    assert not [n for n, rows in before.items() if not rows and n not in never_there]
    for user in (world.people.superuser, *world.only.values()):
        client = visitor(user)
        for label in sorted(TRUTH & set(registered())):
            model = apps.get_model(label)
            if user.is_superuser:
                tries_everything(client, model)
            else:
                add = client.post(address(model, "add"), {"_save": "Save"})
                assert add.status_code == 403, f"{user} {label}"
    assert whole_truth() == before


@pytest.mark.parametrize("label", [name for name, fixed in FACTS.items() if fixed])
def test_what_money_hangs_on_stands_still(world: World, label: str) -> None:
    """However complete the form is that says otherwise."""
    model = apps.get_model(label)
    page = registered().get(label)
    row = _under_a_refund(world)[label]
    before = model._base_manager.filter(pk=row.pk).values().get()
    if page is None:
        assert label in inlines()
    else:
        asked = asked_by(world.only[Role.ADMINISTRATOR])
        asked.method = "GET"
        found = page.get_object(asked, str(row.pk))
        assert FACTS[label] <= set(page.untyped(asked, found))  # type: ignore[attr-defined]
    client = visitor(world.only[Role.ADMINISTRATOR])
    above = row if page else row.payment
    client.post(address(type(above), above.pk, "change"), _otherwise(above, row))
    after = model._base_manager.filter(pk=row.pk).values().get()
    fixed = {model._meta.get_field(name).attname for name in FACTS[label]}
    assert {k: after[k] for k in fixed} == {k: before[k] for k in fixed}


def _under_a_refund(world: World) -> dict[str, Any]:
    allocation = world.paid.service.allocations.get()
    return {
        "accounts.Contract": world.paid.contract,
        "accounts.Invoice": world.paid.contract.invoices.first(),
        "accounts.Payment": allocation.payment,
        "accounts.PaymentAllocation": allocation,
        "accounts.Service": world.paid.service,
    }


def _otherwise(above: Model, row: Model) -> dict[str, Any]:
    """The form of a record as it is, but for what may not change."""
    form = {
        field.name: getattr(above, field.attname) or ""
        for field in above._meta.concrete_fields
    }
    form |= {"amount": "1.00", "currency": "USD", "reversed": "0.50", "customer": "2"}
    form |= {"contract": "2", "route": "bank_transfer", "trade_number": "other"}
    for prefix in ("allocations", "items", "fees", "usage", "clauses"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    form |= {
        "allocations-TOTAL_FORMS": "1",
        "allocations-INITIAL_FORMS": "1",
        "allocations-0-id": row.pk,
        "allocations-0-payment": above.pk,
        "allocations-0-amount": "1.00",
        "allocations-0-DELETE": "on",
    }
    return form
