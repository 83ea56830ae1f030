import pytest
from django.core.cache import cache

from accounts.models import Service, User
from tests.accounts.imports.files import keeper_of_records
from tests.people import Case
from tests.refunds.pages.visits import plain_static_files as plain_static_files


@pytest.fixture
def counts_begin_anew() -> None:
    """The cache stays the one that workers in other processes have."""


@pytest.fixture(autouse=True)
def nobody_at_work() -> None:
    cache.clear()


@pytest.fixture
def keeper(db: None) -> User:
    return keeper_of_records()


@pytest.fixture
def service(case: Case) -> Service:
    return case.service
