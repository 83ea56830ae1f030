"""Doors through which a published policy, or whom it is for, could still change."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from refunds.errors import RefundError
from refunds.judging import judge
from refunds.models import Policy, PolicyVersion
from refunds.policies.applying import version_for
from refunds.policies.versions import publish, write_rule
from tests.conftest import NOW
from tests.factories import ContractFactory
from tests.people import People
from tests.refunds.claims import Desk
from tests.refunds.policies.desk import draft_of, rule_of

EVENING_IN_BEIJING = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


@pytest.mark.postgres
@pytest.mark.parametrize("day", [date(2126, 12, 1), date(9999, 12, 31)])
def test_a_year_that_can_t_be_meant_is_not_published_for(
    live: PolicyVersion, editor: User, now: datetime, day: date
) -> None:
    draft = draft_of(live, editor)
    with pytest.raises(RefundError):
        publish(draft, by=editor, at=now, in_force_from=day)


@pytest.mark.postgres
def test_tomorrow_has_begun_nowhere_yet(live: PolicyVersion, editor: User) -> None:
    tomorrow = date(2026, 11, 17)
    signed = ContractFactory.create(signed_on=tomorrow, time_zone="Pacific/Auckland")
    draft = draft_of(live, editor)
    with suppress(RefundError):  # A later day has to be chosen: as good.
        publish(draft, by=editor, at=EVENING_IN_BEIJING, in_force_from=tomorrow)
    assert version_for(signed) == live


@pytest.mark.database_rules
def test_a_published_policy_never_becomes_another_product_lines(
    live: PolicyVersion,
) -> None:
    rows = Policy.objects.filter(pk=live.policy_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(product_line="elsewhere")


@pytest.mark.postgres
def test_a_rule_that_is_off_asks_for_no_evidence_and_sets_no_days(
    people: People, live: PolicyVersion, editor: User, now: datetime
) -> None:
    draft = draft_of(live, editor)
    off = replace(rule_of(live, "live.early_unavailable"), enabled=False)
    write_rule(draft, off, by=editor, at=NOW)
    publish(draft, by=editor, at=now, in_force_from=date(2026, 11, 17))
    desk = Desk(people, now + timedelta(days=30))
    request = desk.file(desk.service("live_streaming", days=10), "unavailable")
    judged = judge(request, at=desk.at)
    assert judged.answer.denied
    assert judged.decisive_rule.code == "live.long_outage"
