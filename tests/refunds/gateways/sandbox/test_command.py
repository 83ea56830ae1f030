"""`manage.py sandbox` as a process: starts, stops, refuses."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from refunds.gateways.sandbox.live import live_signs

RUN = """
import sys
from django.conf import settings
settings.configure(**eval(sys.argv.pop(1)))
from refunds.management.commands.sandbox import Command
Command().run_from_argv(["manage.py", "sandbox", *sys.argv[1:]])
"""


def start(*words: str, **settings: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", RUN, repr(settings), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[4],
    )


def run(*words: str, **settings: str) -> tuple[int, str]:
    with start(*words, **settings) as process:
        out, errors = process.communicate(timeout=30)
    return process.returncode, out + errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_without_a_database_and_stops_when_asked(
    number: signal.Signals, state_dir: Path
) -> None:
    words = ("--port", "0", "--control-port", "0", "--state", str(state_dir))
    with start(*words) as process:
        assert process.stdout
        told = process.stdout.readline()
        control = told.partition("control on ")[2].partition(",")[0]
        assert httpx.get(f"{control}/health", trust_env=False).json()["status"] == "ok"
        process.send_signal(number)
        out, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert (out, errors) == ("Sandbox: stopped.\n", "")


def test_it_makes_keys_only(tmp_path: Path) -> None:
    code, _ = run("--keys-only", "--state", str(tmp_path / "new"))
    assert code == 0
    assert len(list((tmp_path / "new").glob("*.pem"))) == 4
    assert not (tmp_path / "new" / "ledger.sqlite3").exists()


def test_a_port_in_use_is_one_clear_line(state_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, told = run("--port", str(port), "--state", str(state_dir))
    assert code == 1
    assert told == (
        f"CommandError: Can't listen on 127.0.0.1:{port}: Address already in use.\n"
    )


def test_it_refuses_to_start_beside_a_live_host(tmp_path: Path) -> None:
    url = "https://openapi.alipay.com/gateway.do"
    code, told = run("--state", str(tmp_path), ALIPAY_GATEWAY_URL=url)
    assert code == 2
    assert "ALIPAY_GATEWAY_URL names the live host openapi.alipay.com." in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "signs"),
    [
        ("merchant_private.pem", "-----BEGIN PRIVATE KEY-----\nlive\n", 0),
        ("merchant_private.pem", "# LIVE\n-----BEGIN PRIVATE KEY-----\n", 1),
        ("merchant-live.pem", "", 1),
        ("delivery.pem", "# olive\n", 0),
    ],
)
def test_a_key_file_is_live_by_its_name_or_its_first_line(
    name: str, content: str, signs: int, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content)
    settings = {"ALIPAY_PRIVATE_KEY_FILE": str(path)}
    assert len(live_signs({}, state_dir=tmp_path)) == signs
    assert len(live_signs(settings, state_dir=tmp_path / "other")) == signs


def test_the_vendors_own_sandbox_is_not_live(tmp_path: Path) -> None:
    url = "https://openapi-sandbox.dl.alipaydev.com/gateway.do"
    assert live_signs({"ALIPAY_GATEWAY_URL": url}, state_dir=tmp_path) == []
