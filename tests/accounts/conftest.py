from pathlib import Path

import pytest
from pytest_django import Settings

from tests.refunds.pages.visits import clock_stands_still as clock_stands_still
from tests.refunds.pages.visits import disk as disk
from tests.refunds.pages.visits import plain_static_files as plain_static_files


@pytest.fixture(autouse=True)
def counts_begin_anew(settings: Settings, tmp_path: Path) -> None:
    """Failed sign-ins and used codes are remembered in the cache."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache = "django.core.cache.backends.filebased.FileBasedCache"
    settings.CACHES = {"default": {"BACKEND": cache, "LOCATION": tmp_path / "cache"}}
