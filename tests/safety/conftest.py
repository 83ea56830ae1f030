"""One world for the whole walk, in one transaction; each test in a savepoint of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from refunds.gateways.sandbox.server import Sandbox
from tests.conftest import NOW
from tests.refunds.pages.visits import clock_stands_still as clock_stands_still
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.safety.pages import every_page
from tests.safety.walk import Answer
from tests.safety.world import World, made


@pytest.fixture(scope="package")
def whole_world(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    sandbox_keys: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("sandbox")
    copytree(sandbox_keys, folder, dirs_exist_ok=True)
    with django_db_blocker.unblock(), Sandbox(folder) as sandbox:
        sandbox.ledger.move_ahead((NOW - datetime.now(UTC)).total_seconds())
        with made(sandbox) as world:
            yield world


@pytest.fixture
def world(whole_world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield whole_world
        transaction.set_rollback(True)


def _read(
    world: World, blocker: DjangoDbBlocker, language: str, folder: Path
) -> list[Answer]:
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}
    with (
        blocker.unblock(),
        override_settings(STATIC_ROOT=folder, STORAGES=storages),
        time_machine.travel(NOW, tick=False),
        transaction.atomic(),
    ):
        found = list(every_page(world, language))
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="package")
def pages(
    whole_world: World, django_db_blocker: DjangoDbBlocker, tmp_path_factory: Any
) -> list[Answer]:
    """Every page in English, read once."""
    return _read(whole_world, django_db_blocker, "en", tmp_path_factory.mktemp("en"))


@pytest.fixture(scope="package")
def chinese_pages(
    whole_world: World, django_db_blocker: DjangoDbBlocker, tmp_path_factory: Any
) -> list[Answer]:
    folder = tmp_path_factory.mktemp("zh")
    return _read(whole_world, django_db_blocker, "zh-hans", folder)
