"""Publishing and writing at one moment: what is published was whole. PostgreSQL."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest

from accounts.models import ProductLine, User
from refunds.errors import RefundError
from refunds.models import PolicyRule, PolicyVersion
from refunds.policies.history import fingerprint, fingerprint_of
from refunds.policies.versions import (
    ChangedMeanwhile,
    DraftExists,
    DraftGone,
    Published,
    begin_draft_from,
    discard,
    publish,
    write_rule,
)
from tests.conftest import NOW
from tests.refunds.policies.desk import (
    another_rule,
    codes,
    draft_of,
    first_version,
    make_editor,
    rule_of,
)
from tests.refunds.together import at_once, queued_behind

pytestmark = pytest.mark.postgres
TOMORROW = date(2026, 11, 17)


@pytest.fixture
def editor(committed: None) -> User:
    return make_editor()


@pytest.fixture
def live(committed: None) -> PolicyVersion:
    return first_version(ProductLine.LIVE_STREAMING)


@pytest.fixture
def draft(live: PolicyVersion, editor: User) -> PolicyVersion:
    return draft_of(live, editor)


def refusals(answers: list[object]) -> list[type]:
    return [type(each) for each in answers if isinstance(each, RefundError)]


def test_a_rule_comes_before_the_publication_or_not_at_all(
    draft: PolicyVersion, editor: User, now: datetime
) -> None:
    looked_at, rule = fingerprint_of(draft), another_rule(draft)
    going_out = partial(
        publish, draft, by=editor, at=now, in_force_from=TOMORROW, seen=looked_at
    )
    coming_in = partial(write_rule, draft, rule, by=editor, at=NOW, seen="")
    refused = refusals(queued_behind([draft], going_out, coming_in))
    draft.refresh_from_db()
    if draft.is_draft:
        assert refused == [ChangedMeanwhile]
        assert rule.code in codes(draft)
    else:
        assert refused == [Published]
        assert rule.code not in codes(draft)


def test_two_editors_of_one_rule_do_not_overwrite_each_other(
    draft: PolicyVersion, editor: User
) -> None:
    row = PolicyRule.objects.get(version=draft, code="live.long_outage")
    rule, looked_at = rule_of(draft, row.code), fingerprint(row.body)
    versions = [replace(rule, position=position) for position in (5, 6)]
    writes = [
        partial(write_rule, draft, each, by=editor, at=NOW, seen=looked_at)
        for each in versions
    ]
    assert refusals(queued_behind([draft], *writes)) == [ChangedMeanwhile]


def test_two_publish_one_draft_once(
    draft: PolicyVersion, editor: User, now: datetime
) -> None:
    publishes = [
        partial(publish, draft, by=editor, at=now, in_force_from=TOMORROW)
        for _ in range(2)
    ]
    assert refusals(queued_behind([draft], *publishes)) == [Published]


def test_a_draft_is_published_or_discarded(
    draft: PolicyVersion, editor: User, now: datetime
) -> None:
    going_out = partial(publish, draft, by=editor, at=now, in_force_from=TOMORROW)
    going_away = partial(discard, draft, by=editor, at=NOW)
    [refused] = refusals(queued_behind([draft], going_out, going_away))
    there = PolicyVersion.objects.filter(pk=draft.pk).exists()
    assert refused is (Published if there else DraftGone)


def test_two_begin_one_draft(live: PolicyVersion, editor: User) -> None:
    begins = [partial(begin_draft_from, live, by=editor, at=NOW) for _ in range(2)]
    assert refusals(at_once(*begins)) == [DraftExists]
    assert live.policy.versions.filter(published_at=None).count() == 1
