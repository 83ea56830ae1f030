"""One case at each stage, brought there once; every attempt on it is taken back."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings
from django.utils import translation
from pytest_django import DjangoDbBlocker

from refunds.gateways.registry import gateway_for
from refunds.gateways.sandbox.keys import ensure_keys
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
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Of both sides, so that a payout can be prepared; it goes nowhere."""
    folder = tmp_path_factory.mktemp("keys")
    ensure_keys(folder)
    with override_settings(
        ALIPAY_PRIVATE_KEY_FILE=folder / "merchant_private.pem",
        ALIPAY_PUBLIC_KEY_FILE=folder / "gateway_public.pem",
    ):
        gateway_for.cache_clear()
        yield
    gateway_for.cache_clear()


@pytest.fixture(scope="module")
def world(
    stage: str, keys: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker
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
