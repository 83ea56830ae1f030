"""What says which policy a contract has stands still once somebody asked for money."""

import pytest

from accounts.models import User
from refunds.policies.applying import version_for
from tests.accounts.imports.files import keeper_of_records
from tests.accounts.records.desk import place, send
from tests.people import Case
from tests.refunds.pages.visits import visitor

pytestmark = pytest.mark.postgres


@pytest.fixture
def keeper(db: None) -> User:
    return keeper_of_records()


@pytest.mark.parametrize(
    "typed", [{"signed_on": "2027-06-01"}, {"time_zone": "Pacific/Honolulu"}]
)
def test_an_open_case_keeps_the_day_and_place_of_signing(
    case: Case, keeper: User, typed: dict[str, str]
) -> None:
    contract = case.submitted().contract
    before = contract.signed_on, contract.time_zone, version_for(contract)
    send(visitor(keeper), place(contract), typed)
    contract.refresh_from_db()
    assert (contract.signed_on, contract.time_zone, version_for(contract)) == before
