"""Every list of the console costs the same with one row and with five, counts nothing,
and offers no choice of everybody there is."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.admin.keyset import KeysetAdmin
from accounts.models import Customer, QualityReading, Role, User
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import Ticket
from tests.factories import UserFactory
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import visitor

# What people make by hand, one at a time: stock lists are good enough.
FEW = {
    "lead",
    "calendaroverride",
    "cannedreply",
    "merchant",
    "payoutbatch",
    "reasontag",
    "threshold",
}
MODELS = {str(model._meta.model_name): model for model in admin.site._registry}
# Session, person, rights, what is stopped, and the list with what belongs to it.
MOST = 8


def everybodys_roles(case: Case) -> User:
    user = case.people.superuser
    user.groups.set(Group.objects.filter(name__in=Role.values))
    return user


def list_page(model: type[Model]) -> str:
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")


def asked(client: Client, path: str) -> list[str]:
    assert client.get(path).status_code == 200, path
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return [query["sql"] for query in captured.captured_queries]


def paid_back(case: Case, sandbox: Sandbox) -> None:
    states.money_back(case, sandbox)
    QualityReading.objects.create(
        service=case.service,
        metric="availability",
        period_from=case.at,
        period_to=case.at,
        promised="99.9",
        measured="98",
        source=QualityReading.Source.PROVIDER,
    )
    UserFactory.create(superior=case.people.lead, is_staff=True)


@pytest.mark.usefixtures("sandbox")
def test_a_list_costs_the_same_with_one_and_with_five(
    case: Case, sandbox: Sandbox
) -> None:
    client = visitor(everybodys_roles(case))
    more = states.more(case, 4)
    paid_back(case, sandbox)
    with_one = {name: len(asked(client, list_page(m))) for name, m in MODELS.items()}
    for other in more:
        paid_back(other, sandbox)
    with_five = {name: len(asked(client, list_page(m))) for name, m in MODELS.items()}
    assert with_five == with_one
    # What people make by hand is counted, too: its paginator does.
    assert {n: asks for n, asks in with_five.items() if asks > MOST + (n in FEW)} == {}


def test_a_list_counts_nothing(case: Case) -> None:
    case.submitted()
    client = visitor(everybodys_roles(case))
    for name, model in MODELS.items():
        path = list_page(model)
        counts = [sql for sql in asked(client, path) if sql.startswith("SELECT COUNT(")]
        assert (counts == []) is (name not in FEW), (name, counts)
        html = client.get(path).content.decode()
        assert not re.search(r"\d+ (total|results?)\b", html), name
        assert name in FEW or "_facets" not in html, name


@pytest.mark.parametrize("name", sorted(set(MODELS) - FEW))
def test_a_list_that_grows_turns_its_pages_by_key(name: str) -> None:
    assert isinstance(admin.site._registry[MODELS[name]], KeysetAdmin)


def test_no_list_and_no_form_offers_everybody(case: Case) -> None:
    """Neither among its filters nor in a field: customers and users are typed for."""
    Customer.objects.create(name="Nobody asked for them")
    UserFactory.create(email="nobody@example.test", name="Nobody asked for them")
    client = visitor(everybodys_roles(case))
    for name, model in MODELS.items():
        if name not in ("user", "customer"):
            html = client.get(list_page(model)).content.decode()
            assert "Nobody asked for them" not in html, name
        answer = client.get(list_page(model) + "add/")
        if answer.status_code == 200:
            assert "Nobody asked for them" not in answer.content.decode(), name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("customer", "Xing"),
        ("contract", "Xinghe"),
        ("service", "xinghe"),
        ("service", "Live streaming"),
        ("payment", "Xinghe"),
        ("outage", "Xinghe"),
        ("ticket", "T-"),
        ("ticket", "Xinghe"),
        ("event", "RF-2026"),
        ("event", "xinghe media"),
        ("assessment", "rf-2026"),
        ("deadline", "Xinghe"),
        ("notice", "owner@example.test"),
        ("user", "EVAL"),
        ("user", "approver"),
    ],
)
def test_a_list_is_searched_by_number_and_customer(
    case: Case, name: str, text: str
) -> None:
    case.in_evaluation()
    client = visitor(everybodys_roles(case))
    found = asked(client, f"{list_page(MODELS[name])}?q={text}")
    html = client.get(f"{list_page(MODELS[name])}?q={text}").content.decode()
    assert "action-checkbox" in html or "field-" in html, text
    assert len(found) <= MOST + 4
    nothing = client.get(f"{list_page(MODELS[name])}?q=nowhere-to-be-found")
    assert 'class="field-' not in nothing.content.decode()


def test_who_is_typed_for_is_found_without_counting_all(case: Case) -> None:
    client = visitor(everybodys_roles(case))
    query = "app_label=accounts&model_name=contract&field_name=customer&term=Xing"
    path = f"/admin/autocomplete/?{query}"
    assert client.get(path).json()["results"][0]["text"] == "Xinghe Media"
    counts = [sql for sql in asked(client, path) if "COUNT(*)" in sql]
    assert all("LIMIT" in sql for sql in counts)


def test_a_ticket_is_for_who_may_read_about_the_customer(case: Case) -> None:
    Customer.objects.update(account_manager=None)
    client = visitor(case.people.account_manager)
    answer = client.get(list_page(Ticket))
    assert answer.status_code in (200, 403)
    assert f"T-{case.service.pk}" not in answer.content.decode()


def test_who_takes_tickets_chooses_the_service_and_opens_none(case: Case) -> None:
    agent = UserFactory.create(is_staff=True)
    agent.groups.set(Group.objects.filter(name=Role.SUPPORT_AGENT))
    client = visitor(agent)
    page = client.get("/admin/refunds/ticket/add/").content.decode()
    assert "/admin/refunds/ticket/services/" in page
    query = "app_label=refunds&model_name=ticket&field_name=service&term=Xing"
    found = client.get(f"/admin/refunds/ticket/services/?{query}").json()["results"]
    assert [row["id"] for row in found] == [str(case.service.pk)]
    assert "Xinghe Media" in found[0]["text"]
    assert client.get("/admin/accounts/service/").status_code == 403
    stranger = visitor(case.people.owner)
    assert stranger.get(f"/admin/refunds/ticket/services/?{query}").status_code == 302


def test_who_only_reads_of_tickets_is_offered_no_services(case: Case) -> None:
    client = visitor(case.people.auditor)
    query = "app_label=refunds&model_name=ticket&field_name=service&term=Xing"
    answer = client.get(f"/admin/refunds/ticket/services/?{query}")
    assert answer.status_code == 403
