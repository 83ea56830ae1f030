"""For contracts older than every policy the first stays the first."""

from datetime import date, datetime

import pytest

from accounts.models import Contract, User
from refunds.errors import RefundError
from refunds.models import Policy, PolicyVersion
from refunds.policies.applying import rules_of, version_for
from refunds.policies.versions import publish, write_rules

pytestmark = pytest.mark.postgres
LINE = "elsewhere"


def test_no_later_version_takes_the_place_of_the_first(
    live: PolicyVersion, editor: User, now: datetime
) -> None:
    policy = Policy.objects.create(product_line=LINE)
    signed = Contract(product_line=LINE, signed_on=date(2026, 10, 1))
    for number, day in ((1, date(2027, 6, 1)), (2, date(2027, 1, 1))):
        version = PolicyVersion.objects.create(policy=policy, version=number)
        write_rules(version, rules_of(live))
        try:
            publish(version, by=editor, at=now, in_force_from=day)
        except RefundError:
            assert number == 2
    assert version_for(signed).version == 1
