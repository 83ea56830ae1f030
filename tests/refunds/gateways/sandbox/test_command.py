"""`manage.py sandbox`: starts, stops, and refuses to stand beside real money."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from pytest_django import Settings

from refunds.gateways.sandbox.live import Known, live_signs
from refunds.gateways.sandbox.server import Sandbox
from refunds.management.commands import sandbox as command
from refunds.models import Merchant
from tests.ports import free_port

ROOT = Path(__file__).parents[4]
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEv\n"


@pytest.fixture
def state(key_dir: Path, state_dir: Path) -> Path:
    """With the keys that the sandbox would take half a second to make."""
    return state_dir


def run(*words: str) -> None:
    call_command("sandbox", *words, "--keys-only", verbosity=0)


def refusal(*words: str) -> str:
    with pytest.raises(CommandError) as refused:
        run(*words)
    assert refused.value.returncode == 2
    return str(refused.value)


def merchant(address: str, **secrets: str) -> Merchant:
    made = Merchant(route="stripe", number="acct_1", name="Ours", address=address)
    made.set_secrets(secrets)
    made.save()
    return made


def test_it_serves_without_a_database_and_stops_when_asked(state: Path) -> None:
    """By SIGTERM; the journeys end it by SIGINT."""
    words = ("--port", "0", "--control-port", "0", "--state", str(state))
    nowhere = f"postgresql://u@127.0.0.1:{free_port()}/none"
    with subprocess.Popen(
        [sys.executable, "-W", "error", "manage.py", "sandbox", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": nowhere, "PAYS_INTO_SANDBOX": "true"},
    ) as process:
        assert process.stdout
        told = process.stdout.readline()
        control = told.partition("control on ")[2].partition(",")[0]
        assert httpx.get(f"{control}/health", trust_env=False).json()["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert (out, errors) == ("Sandbox: stopped.\n", "")


@pytest.fixture
def sandbox_only(db: None, settings: Settings) -> Iterator[Settings]:
    settings.PAYS_INTO_SANDBOX = True
    return settings


def test_it_makes_keys_only(sandbox_only: Settings, tmp_path: Path) -> None:
    run("--state", str(tmp_path / "new"))
    assert len(list((tmp_path / "new").glob("*.pem"))) >= 4
    assert not (tmp_path / "new" / "ledger.sqlite3").exists()


def test_a_port_in_use_is_one_clear_line(sandbox_only: Settings, state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError) as refused:
            call_command("sandbox", "--port", str(port), "--state", str(state))
    assert refused.value.returncode == 1
    assert str(refused.value) == (
        f"Can't listen on 127.0.0.1:{port}: Address already in use."
    )


def test_it_refuses_where_real_money_is_paid(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.PAYS_INTO_SANDBOX = False
    assert "PAYS_INTO_SANDBOX is false" in refusal("--state", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://openapi.alipay.com/gateway.do", "live host openapi.alipay.com."),
        ("https://api2.mch.weixin.qq.com", "at the live host mch.weixin.qq.com."),
        ("https://API.stripe.com", "at the live host api.stripe.com."),
        ("https://stripe.proxy.example", "is not on this machine"),
        ("http://127.0.0.1@pay.example/", "is not on this machine"),
        ("http://[::1", "is not on this machine"),
    ],
)
def test_it_refuses_beside_a_merchant_that_is_elsewhere(
    address: str, told: str, sandbox_only: Settings, tmp_path: Path
) -> None:
    made = merchant(address)
    assert told in refusal("--state", str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    Merchant.objects.filter(pk=made.pk).update(enabled=False)
    assert command._merchants_in_use() == []


@pytest.mark.parametrize(
    ("secret", "is_live"),
    [
        ("sk_live_51abc", True),
        ("rk_live_51abc", True),
        ("env:OUR_STRIPE_KEY", True),
        ("sk_test_51abc", False),
        ("whsec_live_abc", False),
        ("# LIVE\n" + PEM, True),
        (PEM, False),
    ],
)
def test_it_refuses_beside_a_live_key_and_does_not_say_it(
    secret: str,
    is_live: bool,  # noqa: FBT001
    sandbox_only: Settings,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUR_STRIPE_KEY", "sk_live_51abc" if is_live else "")
    merchant("http://127.0.0.1:8001", api_key=secret)
    if not is_live:
        run("--state", str(state))
        return
    told = refusal("--state", str(state))
    assert "The api_key of the merchant Stripe · acct_1 is marked live." in told
    assert "51abc" not in told


def test_secrets_that_can_not_be_opened_may_be_live(
    sandbox_only: Settings, tmp_path: Path
) -> None:
    merchant("http://127.0.0.1:8001", api_key="sk_live_51abc")
    sandbox_only.SEALING_KEYS = ["kvIBhHs7F7qdLB5Sj6owHe8uWAPO0QdZnmmBdV-tf4Q="]
    assert "secrets can't be read" in refusal("--state", str(tmp_path))


def test_a_database_that_is_not_there_is_no_sign(
    sandbox_only: Settings, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> Iterator[Known]:
        raise OperationalError("no such table: refunds_merchant")

    monkeypatch.setattr(command, "_known", fails)
    run("--state", str(state))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("https://openapi.alipay.com/gateway.do", ["live host openapi.alipay.com."]),
        ("https://api.mch.weixin.qq.com", ["live host mch.weixin.qq.com."]),
        ("https://api.stripe.com/v1", ["live host api.stripe.com."]),
        ("sk_live_51abc", ["X is a live key."]),
        ("https://openapi-sandbox.dl.alipaydev.com/gateway.do", []),
        ("http://127.0.0.1:8001", []),
    ],
)
def test_the_environment_names_no_live_host(
    value: str, told: list[str], tmp_path: Path
) -> None:
    signs = live_signs(environment={"X": value}, merchants=[], state_dir=tmp_path)
    assert len(signs) == len(told)
    assert all(sign.endswith(words) for sign, words in zip(signs, told, strict=True))


@pytest.mark.parametrize(
    ("name", "content", "signs"),
    [
        ("merchant_private.pem", PEM + "live\n", 0),
        ("merchant_private.pem", "# LIVE\n" + PEM, 1),
        ("merchant-live.pem", "", 1),
        ("delivery.pem", "# olive\n" + PEM, 0),
    ],
)
def test_a_key_file_is_live_by_its_name_or_its_first_line(
    name: str, content: str, signs: int, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    found = live_signs(environment={}, merchants=[], state_dir=tmp_path)
    assert len(found) == signs


def test_a_bank_has_no_address_to_be_afraid_of(tmp_path: Path) -> None:
    bank = Known(name="bank", address="", secrets={})
    assert live_signs(environment={}, merchants=[bank], state_dir=tmp_path) == []


def test_it_tells_our_web_of_refunds(
    sandbox_only: Settings, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[dict[str, str]] = []

    def look(_command: object, sandbox: Sandbox) -> None:
        served.append(dict(sandbox.notify))

    monkeypatch.setattr(command.Command, "_serve", look)
    ports = ("--port", "0", "--control-port", "0", "--state", str(state))
    call_command("sandbox", *ports, "--notify", "http://127.0.0.1:8000/")
    call_command("sandbox", *ports)
    told, nobody = served
    assert told["alipay"] == "http://127.0.0.1:8000/notify/alipay/2021000000000001/"
    assert set(told) <= {"alipay", "wechat_pay", "stripe"}
    assert nobody == {}


@pytest.mark.parametrize("url", ["http://web.example", "https://127.0.0.1", "8000", ""])
def test_it_tells_nobody_outside_this_machine(
    url: str, sandbox_only: Settings, state: Path
) -> None:
    with pytest.raises(CommandError, match="not on this machine"):
        call_command("sandbox", "--state", str(state), "--notify", url)
