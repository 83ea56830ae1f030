"""One case at each stage, brought there once; every attempt on it is taken back."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.utils import translation
from pytest_django import DjangoDbBlocker

from tests.conftest import NOW
from tests.refunds.lifecycle.stages import STAGES
from tests.refunds.lifecycle.world import World, make_world
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.payouts.conftest import key_dir as key_dir
from tests.refunds.payouts.conftest import same_keys as same_keys
from tests.refunds.payouts.conftest import till as till


@pytest.fixture(scope="module", params=STAGES)
def stage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def world(
    stage: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    with (
        django_db_blocker.unblock(),
        translation.override("en"),
        time_machine.travel(NOW, tick=False),
        transaction.atomic(),
    ):
        yield make_world(stage, at=NOW)
        transaction.set_rollback(True)


@pytest.fixture
def clock_stands_still(world: World) -> Iterator[None]:
    with time_machine.travel(world.at, tick=False):
        yield
