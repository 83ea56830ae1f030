"""As an adversary: what somebody tries who knows how the pages are built."""

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer, Role
from refunds.models import CannedReply, Message, SavedFilter
from tests.conftest import NOW
from tests.refunds.pages.visits import reads, visitor
from tests.safety.addresses import every_address, names_of
from tests.safety.verdicts import LISTS, MACHINES
from tests.safety.walk import knock
from tests.safety.world import WORD, World

MARKUP = "<script>zq()</script><img src=x onerror=zq()>"
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "///evil.example",
)


def test_nothing_is_posted_without_the_token(world: World) -> None:
    """By who opens it, else everybody would be refused anyway."""
    for user, here in (
        (world.people.superuser, True),
        (world.people.owner, False),
    ):
        checked = Client(enforce_csrf_checks=True)
        checked.cookies.update(visitor(user).cookies)
        for address in every_address():
            if address.name in MACHINES or here != address.name.startswith("admin:"):
                continue
            path = address.filled(**names_of(world, address)[0])
            status = checked.post(path).status_code
            assert status == 403, f"{user}: {path} {status}"


@pytest.mark.parametrize("listed", LISTS)
def test_another_manager_searches_in_vain(world: World, listed: str) -> None:
    client = visitor(world.other_manager)
    path = f"/admin/{listed.replace('_', '/', 1)}/"
    for query in (
        f"q={WORD}",
        "q=星河",
        "q=ZQXMARK-C-1",
        "q=RF-2026-00000",
        "show=all",
    ):
        answer: Any = client.get(f"{path}?{query}", follow=True)
        told = answer.content.decode().replace(query[2:], "")
        numbers = world.marks.findall(told)
        assert not [n for n in numbers if n.lower() not in query.lower()], query


@pytest.mark.parametrize(
    ("app", "model", "field"),
    [
        ("accounts", "contract", "customer"),
        ("accounts", "service", "contract"),
        ("accounts", "invoice", "contract"),
        ("accounts", "outage", "service"),
        ("accounts", "customer", "account_manager"),
        ("accounts", "lead", "user"),
        ("refunds", "ticket", "service"),
    ],
)
def test_choosing_while_typing_tells_no_stranger(
    world: World, app: str, model: str, field: str
) -> None:
    path = f"/admin/autocomplete/?app_label={app}&model_name={model}&field_name={field}"
    for user in (
        world.other_manager,
        world.only[Role.SUPPORT_AGENT],
        world.only[Role.POLICY_EDITOR],
        world.people.stranger,
    ):
        for term in (WORD, "", "C-"):
            told = visitor(user).get(f"{path}&term={term}").content.decode()
            told = told.replace(f"term={term}", "")
            assert not world.marks.search(told), (user, told)


def test_services_are_named_to_who_writes_tickets_alone(world: World) -> None:
    asked = "app_label=refunds&model_name=ticket&field_name=service"
    path = f"/admin/refunds/ticket/services/?{asked}&term={WORD}"
    for user, status in (
        (world.only[Role.SUPPORT_AGENT], 200),
        (world.only[Role.ADMINISTRATOR], 200),
        (world.other_manager, 403),
        (world.only[Role.POLICY_EDITOR], 403),
        (world.people.stranger, 302),
    ):
        answer = visitor(user).get(path)
        assert answer.status_code == status, user
        named = "Zqxmark service" in answer.content.decode()
        assert named == (status == 200), user


@pytest.mark.parametrize(
    "query",
    [
        "account_manager__password__startswith=p",
        "memberships__user__password__startswith=p",
        "customer__account_manager__password__startswith=p",
        "request__customer__name__startswith=Z",
        "handler__password__startswith=p",
        "password__startswith=p",
    ],
)
def test_no_list_is_asked_about_what_it_does_not_show(world: World, query: str) -> None:
    """Row by row a secret would come out."""
    client = visitor(world.only[Role.AUDITOR])
    for path in ("accounts/customer", "accounts/payment", "accounts/user"):
        answer = client.get(f"/admin/{path}/?{query}")
        assert answer.status_code in (302, 400), f"{path}?{query}"


def test_a_saved_filter_is_its_owners_alone(world: World) -> None:
    theirs = SavedFilter.objects.get(user=world.people.lead)
    client = visitor(world.only[Role.EVALUATOR])
    queue = "/admin/refunds/refundrequest/"
    assert theirs.name not in reads(client, f"{queue}?show=all")
    assert client.post(f"{queue}filters/{theirs.pk}/forget/").status_code == 404
    assert SavedFilter.objects.filter(pk=theirs.pk).exists()


def test_what_people_write_is_never_markup(world: World) -> None:
    people, request = world.people, world.evaluated
    Customer.objects.filter(pk=people.customer.pk).update(name=MARKUP)
    CannedReply.objects.create(title=MARKUP, words_en=MARKUP, words_zh=MARKUP)
    SavedFilter.objects.create(user=people.evaluator, name=MARKUP[:60], query="q=<b>")
    for inside in (False, True):
        Message.objects.create(
            request=request,
            author=people.evaluator,
            from_customer=False,
            internal=inside,
            words=MARKUP,
            at=NOW,
        )
    sheet = f"/admin/refunds/refundrequest/{request.pk}/change/"
    for user, path in (
        (people.evaluator, sheet),
        (people.evaluator, "/admin/refunds/refundrequest/?show=all"),
        (people.evaluator, f"/admin/refunds/refundrequest/?q={MARKUP}"),
        (people.evaluator, "/admin/"),
        (people.owner, f"/requests/{request.number}/"),
        (people.owner, "/requests/"),
        (people.owner, "/services/"),
        (world.only[Role.ADMINISTRATOR], "/admin/refunds/cannedreply/"),
        (world.only[Role.ADMINISTRATOR], "/admin/accounts/customer/"),
    ):
        page = visitor(user).get(path).content.decode()
        assert "<script>zq" not in page, path
        assert "<img src=x" not in page, path
        assert MARKUP not in page, path


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_elsewhere(world: World, target: str) -> None:
    owner = visitor(world.people.owner)
    for path, form in (
        ("/language/", {"language": "en", "next": target}),
        ("/account/logout/", {"next": target}),
        ("/account/login/", {"next": target}),
    ):
        led = owner.post(path, form).headers.get("Location", "")
        assert "evil.example" not in led, path
    for path in ("/account/login/", "/admin/login/", "/account/reauthenticate/"):
        led = owner.get(path, {"next": target}).headers.get("Location", "")
        assert not led.startswith(target), path
        assert "//evil" not in led.split("?")[0], path


def test_a_mail_names_our_own_address(world: World) -> None:
    """Whoever asks for it by whatever name."""
    refused = Client().get("/policy/", headers={"host": "evil.example"})
    assert refused.status_code == 400
    Client().post(
        "/account/password/reset/",
        {"email": world.people.owner.email},
        headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
    )
    assert mail.outbox
    assert "evil.example" not in str(mail.outbox[-1].message())


def test_a_number_that_is_not_there_costs_what_a_foreign_one_costs(
    world: World,
) -> None:
    client = visitor(world.people.stranger)
    foreign, nowhere = world.offered.number, "RF-2026-999999"

    def asked(number: str | None) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as captured:
            words = reads(client, f"/requests/{number}/", status=404)
        return len(captured), words

    asked(nowhere)
    assert asked(foreign) == asked(nowhere)


def test_the_form_of_an_address_tells_nothing(world: World) -> None:
    """Foreign or not there at all: the same answer of the console too."""
    client = visitor(world.other_manager)
    for address in every_address():
        if "<path:object_id>/change" not in address.route:
            continue
        values = names_of(world, address)[0]
        there = knock(client, address, address.filled(**values), "get")
        if there.status == 200:
            continue
        values = {**values, "object_id": 999_999}
        nowhere = knock(client, address, address.filled(**values), "get")
        assert (there.status, there.headers.get("Location")) == (
            nowhere.status,
            nowhere.headers.get("Location"),
        ), str(address)
