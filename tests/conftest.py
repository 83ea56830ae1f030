"""What every test stands on: the database's own rules, people, a case, the sandbox."""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation
from pytest_django import DjangoDbBlocker, Settings

from refunds.demo.merchants import ensure_merchants
from refunds.gateways.sandbox.routes import all_merchants
from refunds.gateways.sandbox.server import Sandbox
from tests.database import wipe
from tests.people import Case, People, make_case, make_people

if "VAR_DIR" not in os.environ:
    pytest.exit(
        "Tests keep their files apart: run `make test`, or "
        "`python tests/servers.py [--sqlite] pytest …`.",
        returncode=4,
    )

# A Monday morning in Beijing, well clear of holidays.
NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", default="1/1", help="1/2: every second file")


def _in_part(items: list[pytest.Item], part: str) -> set[Path]:
    """Whole files, so that what a file shares is made once."""
    nth, parts = map(int, part.split("/"))
    return set(sorted({item.path for item in items})[nth - 1 :: parts])


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """On SQLite: the journey and what rests on the database's own rules."""
    part = _in_part(items, config.getoption("--part"))
    leave = [i for i in items if i.path not in part or not _belongs_here(i)]
    config.hook.pytest_deselected(items=leave)
    items[:] = [item for item in items if item not in leave]


def _belongs_here(item: pytest.Item) -> bool:
    if item.get_closest_marker("torture") and "TORTURE" not in os.environ:
        return False
    if connection.vendor == "postgresql":
        return True
    if item.get_closest_marker("postgres"):
        return False
    return bool(
        item.get_closest_marker("database_rules") or item.get_closest_marker("journey")
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of tests and what they import stay to the end: no need to look through
    them again and again for what could be thrown away."""
    del session
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section("skipped, and how to enable it")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        terminalreporter.line(f"{report.nodeid}: {reason}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI nothing may be skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A database of the tests' own, also where only `committed` asks for one."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def committed(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database, really committed: for locks, races, processes."""
    with django_db_blocker.unblock():
        yield
        wipe()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def people(db: None) -> People:
    return make_people()


@pytest.fixture
def case(people: People, now: datetime) -> Case:
    return make_case(people, at=now)


@pytest.fixture(scope="session")
def sandbox_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every route's, made once: each pair of keys costs a fifth of a second."""
    folder = tmp_path_factory.mktemp("keys")
    all_merchants(folder, url="")
    return folder


@pytest.fixture
def sandbox(
    sandbox_keys: Path, tmp_path: Path, settings: Settings
) -> Iterator[Sandbox]:
    """The sandbox over real HTTP, with a ledger of this test's own."""
    copytree(sandbox_keys, tmp_path, dirs_exist_ok=True)
    with Sandbox(tmp_path) as running:
        running.ledger.move_ahead((NOW - datetime.now(UTC)).total_seconds())
        settings.GATEWAY_TIMEOUT_SECONDS = 1
        yield running


@pytest.fixture
def merchants(request: pytest.FixtureRequest, sandbox: Sandbox) -> None:
    """Ours at the sandbox, in the database that this test has."""
    committed = "committed" in request.fixturenames
    request.getfixturevalue("committed" if committed else "db")
    ensure_merchants(sandbox.state_dir, url=sandbox.url)


@pytest.fixture(autouse=True)
def nobody_is_counted(settings: Settings) -> None:
    """Many tests are one minute to a clock that stands still (accounts/limits.py)."""
    settings.RATE_LIMITS = {}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield
