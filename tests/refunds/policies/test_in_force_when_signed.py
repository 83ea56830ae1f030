"""The version that was in force when the contract was signed applies, for ever."""

from datetime import date, datetime

import pytest

from accounts.models import Contract, ProductLine, User
from refunds.errors import RefundError
from refunds.models import PolicyVersion
from refunds.policies.applying import rules_of, version_for
from refunds.policies.versions import publish, remove_rule
from tests.conftest import NOW
from tests.factories import ContractFactory
from tests.refunds.policies.desk import draft_of, first_version

JANUARY = date(2027, 1, 1)


@pytest.fixture
def coming(live: PolicyVersion, editor: User, now: datetime) -> PolicyVersion:
    """Published in November, in force from New Year on, without one of the rules."""
    draft = draft_of(live, editor)
    remove_rule(draft, "live.long_outage", by=editor, at=NOW)
    publish(draft, by=editor, at=now, in_force_from=JANUARY)
    return draft


def signed(day: date, **more: int | str) -> Contract:
    return ContractFactory.create(signed_on=day, **more)  # type: ignore[no-any-return]


def test_older_than_every_policy_the_first_applies(
    live: PolicyVersion, coming: PolicyVersion
) -> None:
    assert version_for(signed(date(2019, 12, 31))) == live


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2020, 1, 1), 1),
        (date(2026, 12, 31), 1),
        (date(2027, 1, 1), 2),
        (date(2028, 6, 1), 2),
    ],
)
def test_the_day_of_signing_decides(
    coming: PolicyVersion, day: date, version: int
) -> None:
    assert version_for(signed(day)).version == version


def test_a_draft_applies_to_nobody(live: PolicyVersion, editor: User) -> None:
    draft_of(live, editor)
    assert version_for(signed(date(2030, 1, 1))) == live


def test_a_later_version_never_reaches_back(
    live: PolicyVersion, editor: User, now: datetime
) -> None:
    contract = signed(date(2026, 10, 26))
    before = rules_of(version_for(contract))
    draft = draft_of(live, editor)
    remove_rule(draft, "live.long_outage", by=editor, at=NOW)
    publish(draft, by=editor, at=now, in_force_from=date(2026, 11, 17))
    assert version_for(contract) == live
    assert rules_of(version_for(contract)) == before


def test_of_two_for_the_same_day_the_later_holds(
    coming: PolicyVersion, editor: User, now: datetime
) -> None:
    again = draft_of(coming, editor)
    publish(again, by=editor, at=now, in_force_from=JANUARY)
    assert version_for(signed(JANUARY)) == again
    assert version_for(signed(date(2026, 12, 31))).version == 1


def test_a_contract_may_name_its_version(
    live: PolicyVersion, coming: PolicyVersion
) -> None:
    assert version_for(signed(date(2026, 10, 26), policy_version=2)) == coming
    assert version_for(signed(date(2028, 1, 1), policy_version=1)) == live


@pytest.mark.parametrize("version", [2, 9])
def test_a_version_that_is_not_published_is_named_in_vain(
    live: PolicyVersion, editor: User, version: int
) -> None:
    draft_of(live, editor)
    contract = signed(date(2026, 10, 26), policy_version=version)
    with pytest.raises(RefundError, match="An administrator can correct that") as no:
        version_for(contract)
    assert contract.number in str(no.value)
    assert "not published" in str(no.value)


def test_each_line_has_its_own(coming: PolicyVersion) -> None:
    course = signed(date(2028, 1, 1), product_line=ProductLine.ONLINE_COURSE)
    assert version_for(course) == first_version(ProductLine.ONLINE_COURSE)
