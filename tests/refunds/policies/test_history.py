"""What is done to a policy is told in its events: by whom, when, what it was before."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from hashlib import sha256

import pytest

from accounts.models import User
from refunds.admin.policy_history import WORDS, history_of
from refunds.errors import RefundError
from refunds.models import Policy, PolicyEvent, PolicyVersion
from refunds.policies.files import as_bytes, import_file
from refunds.policies.history import fingerprint_of
from refunds.policies.versions import (
    begin_draft_from,
    discard,
    move_rule,
    publish,
    remove_rule,
    switch,
    write_rule,
)
from refunds.record.kinds import POLICY_KINDS
from refunds.record.verify import find_breaks
from tests.conftest import NOW
from tests.people import People
from tests.refunds.policies.desk import (
    another_rule,
    codes,
    draft_of,
    make_editor,
    rule_of,
)
from tests.refunds.together import at_once

LONG_OUTAGE = "live.long_outage"
JANUARY = date(2027, 1, 1)


@pytest.fixture
def draft(live: PolicyVersion, editor: User) -> PolicyVersion:
    return draft_of(live, editor)


def last(version: PolicyVersion) -> PolicyEvent:
    return version.policy.events.latest("position")


def test_a_policy_begins_with_the_version_of_the_installation(
    live: PolicyVersion,
) -> None:
    [event] = live.policy.events.all()
    assert (event.kind, event.version, event.actor) == ("default_loaded", 1, None)
    assert event.data == {
        "in_force_from": "2020-01-01",
        "fingerprint": fingerprint_of(live),
    }


def test_a_draft_says_from_which_version_it_began(
    live: PolicyVersion, editor: User, now: datetime
) -> None:
    draft = begin_draft_from(live, by=editor, at=now)
    event = last(draft)
    assert (event.kind, event.version) == ("draft_begun", 2)
    assert (event.actor, event.at) == (editor, now)
    assert event.data == {"from": 1, "fingerprint": fingerprint_of(draft)}


def test_a_file_is_known_by_its_hash(
    live: PolicyVersion, editor: User, now: datetime
) -> None:
    content = as_bytes(live)
    draft = import_file(content, by=editor, at=now)
    event = last(draft)
    assert event.kind == "draft_imported"
    assert event.data == {
        "sha256": sha256(content).hexdigest(),
        "fingerprint": fingerprint_of(draft),
        "rules": codes(live),
    }


def test_a_rule_that_is_added_is_told_whole(draft: PolicyVersion, editor: User) -> None:
    rule = another_rule(draft)
    row = write_rule(draft, rule, by=editor, at=NOW, seen="")
    row.refresh_from_db()
    event = last(draft)
    assert (event.kind, event.actor) == ("rule_added", editor)
    assert event.data == {"rule": rule.code, "after": row.body}


def test_of_a_rule_that_changed_the_fields_that_differ(
    draft: PolicyVersion, editor: User
) -> None:
    rule = rule_of(draft, LONG_OUTAGE)
    write_rule(draft, replace(rule, claim_within=3), by=editor, at=NOW)
    event = last(draft)
    assert event.kind == "rule_changed"
    assert event.data == {
        "rule": LONG_OUTAGE,
        "before": {"claim_within": rule.as_dict()["claim_within"]},
        "after": {"claim_within": 3},
    }


def test_removed_moved_switched(draft: PolicyVersion, editor: User) -> None:
    first, second, third, _fourth = codes(draft)
    move_rule(draft, third, by=editor, at=NOW, places=-1)
    assert (last(draft).kind, last(draft).data) == (
        "rule_moved",
        {"rule": third, "from": 3, "to": 2},
    )
    switch(draft, second, by=editor, at=NOW, enabled=False)
    assert (last(draft).kind, last(draft).data) == (
        "rule_switched",
        {"rule": second, "enabled": False},
    )
    body = draft.rules.get(code=first).body
    remove_rule(draft, first, by=editor, at=NOW)
    assert (last(draft).kind, last(draft).data) == (
        "rule_removed",
        {"rule": first, "before": body},
    )
    assert list(find_breaks()) == []


def test_published_says_from_when_and_what(
    draft: PolicyVersion, editor: User, now: datetime
) -> None:
    publish(draft, by=editor, at=now, in_force_from=JANUARY)
    event = last(draft)
    assert (event.kind, event.actor, event.at) == ("published", editor, now)
    assert event.data == {
        "in_force_from": "2027-01-01",
        "fingerprint": fingerprint_of(draft),
    }


def test_of_a_discarded_draft_the_events_stay(
    draft: PolicyVersion, editor: User
) -> None:
    policy, was = draft.policy, fingerprint_of(draft)
    discard(draft, by=editor, at=NOW)
    assert [event.kind for event in policy.events.all()] == [
        "default_loaded",
        "draft_begun",
        "draft_discarded",
    ]
    assert last(draft).data == {"fingerprint": was}
    assert draft_of(policy.versions.get(version=1), editor).version == 2
    assert list(find_breaks()) == []


def test_nothing_is_told_where_nothing_changed(
    draft: PolicyVersion, editor: User
) -> None:
    before = draft.policy.events.count()
    first = codes(draft)[0]
    write_rule(draft, rule_of(draft, first), by=editor, at=NOW)
    switch(draft, first, by=editor, at=NOW, enabled=True)
    move_rule(draft, first, by=editor, at=NOW, places=-1)
    remove_rule(draft, "live.nothing", by=editor, at=NOW)
    assert draft.policy.events.count() == before


def test_what_is_refused_leaves_no_event(
    people: People, draft: PolicyVersion, editor: User
) -> None:
    before = draft.policy.events.count()
    for act in (
        partial(switch, draft, LONG_OUTAGE, by=people.auditor, at=NOW, enabled=False),
        partial(move_rule, draft, "live.nothing", by=editor, at=NOW, places=1),
        partial(publish, draft, by=editor, at=NOW, in_force_from=date(2020, 1, 1)),
        partial(draft_of, draft, editor),
    ):
        with pytest.raises(RefundError):
            act()
    assert draft.policy.events.count() == before


def test_every_kind_has_words(draft: PolicyVersion, editor: User) -> None:
    assert set(WORDS) == set(POLICY_KINDS)
    switch(draft, LONG_OUTAGE, by=editor, at=NOW, enabled=False)
    switch(draft, LONG_OUTAGE, by=editor, at=NOW, enabled=True)
    changed = replace(rule_of(draft, LONG_OUTAGE), claim_within=3)
    write_rule(draft, changed, by=editor, at=NOW)
    lines = history_of(draft.policy)
    assert [line.words for line in lines] == [
        "Rule live.long_outage changed",
        "Rule live.long_outage switched on",
        "Rule live.long_outage switched off",
        "Version 2 begun as a draft",
        "Version 1 came with the installation, in force from 2020-01-01",
    ]
    assert lines[0].details == "claim_within"
    assert [line.who for line in lines[-2:]] == ["Editor", "Makegood"]


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_two_at_once_are_two_links_of_one_chain() -> None:
    editor = make_editor()
    policy = Policy.objects.get(product_line="live_streaming")
    draft = draft_of(policy.versions.get(version=1), editor)
    switches = [
        partial(switch, draft, code, by=editor, at=NOW, enabled=False)
        for code in codes(draft)
    ]
    assert at_once(*switches) == [None] * len(switches)
    assert list(find_breaks()) == []
    policy.refresh_from_db()
    assert policy.event_count == policy.events.count() == 2 + len(switches)
