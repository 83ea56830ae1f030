"""Merchants in the console: set up by administrators, checked by finance, and nothing
of a secret ever shown."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django import Settings

from accounts.models import Role, Route
from refunds.models import Merchant
from tests.people import People
from tests.refunds.pages.visits import queries, reads, text_of, told, visitor
from tests.refunds.payouts.conftest import key_dir as key_dir
from tests.refunds.payouts.conftest import same_keys as same_keys
from tests.refunds.payouts.conftest import till as till
from tests.refunds.payouts.till import QUERY, Till

LIST = "/admin/refunds/merchant/"
ADD = f"{LIST}add/?route=alipay"
LIVE = "https://openapi.alipay.example.com:8443/gateway.do"
SEALED = "nobody-reads-this"


@pytest.fixture(scope="session")
def pems() -> tuple[str, str]:
    key = generate_private_key(65537, 2048)
    plain = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    return key.private_bytes(*plain).decode(), public.decode()


@pytest.fixture
def administrator(people: People) -> Client:
    people.lead.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    return visitor(people.lead)


@pytest.fixture
def real_money(settings: Settings) -> None:
    settings.PAYS_INTO_SANDBOX = False


@pytest.fixture
def typed(pems: tuple[str, str]) -> dict[str, str]:
    private, public = pems
    return {
        "number": "2021000000000009",
        "name": "Ours",
        "address": LIVE,
        "usual": "on",
        "enabled": "on",
        "given_private_key": private,
        "given_public_key": public,
    }


def page_of(merchant: Merchant) -> str:
    return f"{LIST}{merchant.pk}/change/"


def added(client: Client, typed: dict[str, str]) -> Merchant:
    answer = client.post(ADD, typed)
    assert answer.status_code == 302, text_of(answer)
    return Merchant.objects.get(number=typed["number"])


def refused(answer: Any, words: str, *, field: str) -> None:
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])


@pytest.mark.usefixtures("real_money")
def test_a_merchant_is_what_its_adapter_asks_for(
    administrator: Client, typed: dict[str, str]
) -> None:
    choose = reads(administrator, f"{LIST}add/")
    assert "Which one is it?" in choose
    form = reads(administrator, ADD)
    assert "Our private key (PEM)" in form
    assert "Alipay's public key (PEM)" in form
    merchant = added(administrator, typed)
    assert (merchant.route, merchant.address, merchant.usual) == (
        Route.ALIPAY,
        LIVE,
        True,
    )
    assert merchant.secrets["private_key"] == typed["given_private_key"]


@pytest.mark.usefixtures("real_money")
def test_a_secret_is_never_shown_again_only_its_fingerprint(
    administrator: Client, people: People, typed: dict[str, str]
) -> None:
    merchant = added(administrator, typed)
    digits = sha256(typed["given_private_key"].encode()).hexdigest()[:8]
    body = typed["given_private_key"].splitlines()[1]
    for client in (administrator, visitor(people.finance), visitor(people.superuser)):
        for path in (LIST, page_of(merchant), f"{LIST}{merchant.pk}/history/"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert body not in answer.content.decode()
        assert f"set, SHA-256 {digits}…" in reads(client, page_of(merchant))
    wrong = administrator.post(page_of(merchant), {**typed, "number": ""})
    assert body not in wrong.content.decode().split("<textarea")[0]


@pytest.mark.usefixtures("real_money")
def test_empty_keeps_a_secret_and_another_replaces_it(
    administrator: Client, typed: dict[str, str], pems: tuple[str, str]
) -> None:
    merchant = added(administrator, typed)
    kept = {**typed, "given_private_key": "", "given_public_key": "", "name": "New"}
    assert administrator.post(page_of(merchant), kept).status_code == 302
    merchant.refresh_from_db()
    assert merchant.name == "New"
    assert merchant.secrets["private_key"] == pems[0]
    dash = administrator.post(page_of(merchant), {**kept, "given_private_key": "-"})
    refused(dash, "put another in its place", field="given_private_key")


@pytest.mark.usefixtures("real_money")
def test_an_optional_secret_is_removed_by_a_dash(administrator: Client) -> None:
    merchant = Merchant(route=Route.STRIPE, number="acct_1", name="S", address=LIVE)
    secrets = {"secret_key": "sk_live_1", "webhook_secret": "whsec_1"}
    merchant.set_secrets({**secrets, "webhook_secret_next": SEALED})
    merchant.save()
    typed = {"number": "acct_1", "name": "S", "address": LIVE, "enabled": "on"}
    page = reads(administrator, page_of(merchant))
    assert "A single - removes it." in page
    typed["given_webhook_secret_next"] = "-"
    answer = administrator.post(page_of(merchant), typed)
    assert answer.status_code == 302, text_of(answer)
    merchant.refresh_from_db()
    assert merchant.secrets == secrets
    for odd, words in (("pk_live_1", "expected sk_live_"), ("sk_ 1", "no blanks")):
        answer = administrator.post(
            page_of(merchant), {**typed, "given_secret_key": odd}
        )
        refused(answer, words, field="given_secret_key")


@pytest.mark.usefixtures("real_money")
def test_a_secret_may_stand_in_the_environment(
    administrator: Client,
    typed: dict[str, str],
    pems: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typed["given_private_key"] = "env:ALIPAY_KEY"
    refused(
        administrator.post(ADD, typed),
        "ALIPAY_KEY is not set",
        field="given_private_key",
    )
    monkeypatch.setenv("ALIPAY_KEY", pems[0])
    merchant = added(administrator, typed)
    assert merchant.secrets["private_key"] == "env:ALIPAY_KEY"
    assert "from the environment: ALIPAY_KEY" in reads(administrator, page_of(merchant))
    for ours in ("env:SECRET_KEY", "env:SEALING_KEYS", "env:lower", "env:"):
        answer = administrator.post(ADD, {**typed, "given_private_key": ours})
        refused(answer, "made for this key", field="given_private_key")


@pytest.mark.usefixtures("real_money")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MIIEvQIBADANBg", "This is no PEM text."),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "can't be read"),
        ("", "This field is required."),
    ],
)
def test_a_key_that_is_none_says_so_at_its_field(
    administrator: Client, typed: dict[str, str], text: str, words: str
) -> None:
    answer = administrator.post(ADD, {**typed, "given_private_key": text})
    refused(answer, words, field="given_private_key")
    assert not Merchant.objects.exists()


@pytest.mark.usefixtures("real_money")
def test_keys_in_each_others_place_are_found(
    administrator: Client, typed: dict[str, str], pems: tuple[str, str]
) -> None:
    swapped = {"given_private_key": pems[1], "given_public_key": pems[0]}
    answer = administrator.post(ADD, {**typed, **swapped})
    refused(answer, "here goes the private one", field="given_private_key")
    refused(answer, "here goes the public one", field="given_public_key")


@pytest.mark.usefixtures("real_money")
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://openapi.alipay.example.com/", "begin with https"),
        ("https://me:pass@openapi.alipay.example.com/", "Leave user and password out"),
        ("https://127.0.0.1/gateway.do", "the sandbox's"),
        ("https://localhost:8001/", "the sandbox's"),
        ("https://127.1/", "not the name of a provider"),
        ("https://2130706433/", "not the name of a provider"),
        ("https://10.0.0.8/", "not the name of a provider"),
        ("https://169.254.169.254/latest", "not the name of a provider"),
        ("https://gateway/", "not the name of a provider"),
        ("ftp://openapi.alipay.example.com/", "Enter a whole address"),
        ("https://openapi.alipay.example.com:99999/", "This is no address"),
        ("https://openapi.alipay.example.com/?a=1", "no ?"),
        ("", "required"),
    ],
)
def test_an_address_that_can_t_be_a_providers_is_refused(
    administrator: Client, typed: dict[str, str], address: str, words: str
) -> None:
    answer = administrator.post(ADD, {**typed, "address": address})
    refused(answer, words, field="address")
    assert not Merchant.objects.exists()


def test_while_the_sandbox_is_paid_into_no_real_address_is_taken(
    administrator: Client, typed: dict[str, str], settings: Settings
) -> None:
    assert settings.PAYS_INTO_SANDBOX
    refused(
        administrator.post(ADD, typed), "Payments go to the sandbox", field="address"
    )
    here = {**typed, "address": "http://127.0.0.1:8001/gateway.do"}
    assert added(administrator, here).is_sandbox


@pytest.mark.usefixtures("real_money")
def test_a_secret_is_not_told_to_another_server(
    administrator: Client, typed: dict[str, str]
) -> None:
    merchant = added(administrator, typed)
    moved = {**typed, "address": "https://evil.example.org/", "given_public_key": ""}
    answer = administrator.post(page_of(merchant), {**moved, "given_private_key": ""})
    refused(answer, "Enter this again", field="given_private_key")
    merchant.refresh_from_db()
    assert merchant.address == LIVE


@pytest.mark.usefixtures("real_money")
def test_numbers_and_the_usual_one_are_once_per_route(
    administrator: Client, typed: dict[str, str]
) -> None:
    added(administrator, typed)
    again = administrator.post(ADD, typed)
    refused(again, "with this number already", field="number")
    refused(again, "is the usual one of this route", field="usual")
    beside = {k: v for k, v in typed.items() if k != "usual"} | {"number": "2"}
    assert not added(administrator, beside).usual


@pytest.mark.usefixtures("real_money")
def test_the_log_names_what_changed_and_no_secret(
    administrator: Client, people: People, typed: dict[str, str]
) -> None:
    merchant = added(administrator, typed)
    administrator.post(page_of(merchant), {**typed, "name": "Renamed"})
    first, second = LogEntry.objects.order_by("pk")
    assert first.is_addition()
    assert second.is_change()
    assert second.user == people.lead
    assert second.change_message == "name, private_key, public_key"
    assert "BEGIN" not in first.change_message + second.change_message


@pytest.mark.parametrize(
    "who", ["finance", "auditor", "approver", "evaluator", "first_line", "superuser"]
)
def test_only_administrators_change_a_merchant(
    till: Till, people: People, typed: dict[str, str], who: str
) -> None:
    merchant = Merchant.objects.get(route=Route.ALIPAY)
    client = visitor(getattr(people, who))
    reads_it = who in ("finance", "auditor", "superuser")
    assert client.get(page_of(merchant)).status_code == (200 if reads_it else 403)
    assert client.get(LIST).status_code == (200 if reads_it else 403)
    before = Merchant.objects.values().get(pk=merchant.pk)
    assert client.post(page_of(merchant), typed).status_code == 403
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, typed).status_code == 403
    assert (
        client.post(f"{LIST}{merchant.pk}/delete/", {"post": "yes"}).status_code == 403
    )
    check = client.post(f"{LIST}{merchant.pk}/self-check/")
    assert check.status_code == (302 if who == "finance" else 403)
    after = Merchant.objects.values().get(pk=merchant.pk)
    assert {**after, "checked_at": None, "check_words": ""} == before


def test_customers_come_to_no_page_of_it(till: Till, people: People) -> None:
    merchant = Merchant.objects.get(route=Route.ALIPAY)
    for person in (people.owner, None):
        for path in (LIST, page_of(merchant), ADD):
            assert visitor(person).get(path).status_code == 302
        answer: Any = visitor(person).post(f"{LIST}{merchant.pk}/self-check/")
        assert answer["Location"].startswith("/admin/login/")


def test_the_self_check_says_what_it_found(
    till: Till, people: People, now: datetime
) -> None:
    merchant = Merchant.objects.get(route=Route.ALIPAY)
    client = visitor(people.finance)
    path = f"{LIST}{merchant.pk}/self-check/"
    assert "It works" in told(client.post(path))
    assert "All works." in reads(client, page_of(merchant))
    till.fails("sub_code:isv.invalid-signature", method=QUERY)
    assert "isv.invalid-signature" in told(client.post(path))
    merchant.refresh_from_db()
    assert merchant.checked_at == now
    assert "isv.invalid-signature" in reads(client, page_of(merchant))
    assert client.get(path).status_code == 405


def test_a_stopped_merchant_says_since_when_why_and_is_not_lost_by_saving(
    till: Till, administrator: Client
) -> None:
    rows = Merchant.objects.filter(route=Route.ALIPAY)
    rows.update(stopped_at=till.at, stopped_code="isv.invalid-app-id")
    merchant = rows.get()
    page = reads(administrator, page_of(merchant))
    assert "Nothing is sent by it since Mon 16 Nov 2026, 10:00" in page
    assert "isv.invalid-app-id · 0 payouts wait" in page
    typed = {"number": merchant.number, "name": "N", "address": merchant.address}
    assert administrator.post(page_of(merchant), typed).status_code == 302
    merchant.refresh_from_db()
    assert (merchant.name, merchant.stopped_at) == ("N", till.at)


def test_the_list_costs_the_same_with_many_merchants(
    till: Till, people: People
) -> None:
    client = visitor(people.finance)
    few = queries(client, LIST)
    for n in range(6):
        Merchant.objects.create(route=Route.STRIPE, number=f"acct_{n}", name="S")
    assert queries(client, LIST) == few
