"""One row that can't be read keeps no other from its reminder."""

from datetime import timedelta

import pytest

from accounts.models import Contract
from refunds.clock.sweep import sweep
from refunds.models import Notice
from tests.people import Case, make_case

pytestmark = pytest.mark.postgres


@pytest.mark.xfail(
    strict=True, reason="the database takes any time zone, and the sweep's batch dies"
)
def test_a_contract_of_nowhere_stops_no_reminder_but_its_own(case: Case) -> None:
    case.submitted()
    other = make_case(case.people, at=case.at)
    broken = other.submitted()
    Contract.objects.filter(pk=broken.contract_id).update(time_zone="Nowhere/Land")
    sweep(at=case.at + timedelta(days=10))
    assert Notice.objects.filter(request=case.request, deadline__isnull=False).exists()
