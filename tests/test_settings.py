"""What comes from the environment is read loudly: what was seen, what was expected."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import env_bool, env_int, env_list, env_str, env_url
from config.settings import database

ROOT = Path(__file__).parent.parent
NAME = "MAKEGOOD_TEST"
SCHEMES = ("redis", "rediss", "unix")


def manage(*arguments: str, folder: Path, **changes: str) -> tuple[int, str]:
    """Its return code and all it said, in a process and a folder of its own."""
    environment = os.environ | {"VAR_DIR": str(folder), "REDIS_URL": ""} | changes
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("read", "value", "found"),
    [
        (lambda: env_str(NAME), "words", "words"),
        (lambda: env_str(NAME, "default"), None, "default"),
        (lambda: env_bool(NAME, "false"), "True", True),
        (lambda: env_bool(NAME, "true"), None, True),
        (lambda: env_int(NAME, "1"), "8000", 8000),
        (lambda: env_list(NAME, ""), " a, b ,,c", ["a", "b", "c"]),
        (lambda: env_list(NAME, ""), None, []),
        (lambda: env_url(NAME, "", schemes=SCHEMES), "", ""),
        (lambda: env_url(NAME, "", schemes=SCHEMES), "redis://h:1/0", "redis://h:1/0"),
    ],
)
def test_what_is_well_written_is_read(
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[], object],
    value: str | None,
    found: object,
) -> None:
    _set(monkeypatch, value)
    assert read() == found


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        (lambda: env_str(NAME), None, " is not set. Set it in the environment or in"),
        (lambda: env_bool(NAME, "false"), "yes", "='yes': expected true or false."),
        (lambda: env_bool(NAME, "false"), "", "='': expected true or false."),
        (lambda: env_int(NAME, "1"), "8 000", "='8 000': expected a whole number."),
        (lambda: env_int(NAME, "1"), "-1", "='-1': expected a whole number."),
        (lambda: env_int(NAME, "1"), "", "='': expected a whole number."),
        (
            lambda: env_url(NAME, "", schemes=SCHEMES),
            "localhost:6379",
            "='localhost:6379': expected redis://…, rediss://…, unix://….",
        ),
        (
            lambda: env_url(NAME, "", schemes=SCHEMES),
            "http://localhost",
            "='http://localhost': expected redis://…, rediss://…, unix://….",
        ),
    ],
)
def test_what_is_not_says_what_was_seen_and_expected(
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[], object],
    value: str | None,
    words: str,
) -> None:
    _set(monkeypatch, value)
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    assert str(refused.value).startswith(NAME + words)


@pytest.mark.parametrize("value", ["", "http://[::1", "http://"])
def test_an_address_that_must_be_there_is_whole(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    _set(monkeypatch, value)
    with pytest.raises(ImproperlyConfigured, match=NAME):
        env_url(NAME, "http://localhost", schemes=("http", "https"))


def test_what_must_be_there_is_not_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, "")
    with pytest.raises(ImproperlyConfigured, match=NAME):
        env_str(NAME)


def test_a_password_is_not_said_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, "postgress://makegood:tellnobody@db/makegood")
    with pytest.raises(ImproperlyConfigured) as refused:
        env_url(NAME, "", schemes=("postgresql",))
    assert "tellnobody" not in str(refused.value)


def _set(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is None:
        monkeypatch.delenv(NAME, raising=False)
    else:
        monkeypatch.setenv(NAME, value)


def test_sqlite_queues_its_writers_and_postgresql_needs_nothing() -> None:
    assert database("sqlite:////tmp/x.sqlite3")["OPTIONS"]["transaction_mode"] == (
        "IMMEDIATE"
    )
    assert "OPTIONS" not in database("postgresql://u@h/d")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "mysql://h/d", "DATABASE_URL='mysql://h/d': expected postgre"),
    ],
)
def test_nothing_starts_on_a_wrong_setting(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    code, said = manage("check", folder=tmp_path, **{name: value})
    assert code
    assert words in said.splitlines()[-1]


def test_an_empty_database_address_says_so(tmp_path: Path) -> None:
    _code, said = manage("check", folder=tmp_path, DATABASE_URL="")
    assert "DATABASE_URL" in said.splitlines()[-1]


def test_as_it_is_deployed_there_is_nothing_to_warn_of(tmp_path: Path) -> None:
    code, said = manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        folder=tmp_path,
        SITE_URL="https://refunds.example",
        ALLOWED_HOSTS="refunds.example",
        DEBUG="false",
        SECRET_KEY="wY4tq0Zx8b1LrKc7VdNn5mSg3HjPf9uAeTQoRi2WzCGvEXBkDyUs6lMhJaOp",
    )
    assert code == 0, said
    assert "System check identified no issues" in said
