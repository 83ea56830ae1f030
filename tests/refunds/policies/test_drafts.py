"""A draft is written by policy editors, one rule at a time, and overwrites nobody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest

from accounts.models import ProductLine, User
from refunds.errors import NotPermitted, RefundError
from refunds.models import PolicyRule, PolicyVersion
from refunds.policies.applying import rules_of
from refunds.policies.history import fingerprint, fingerprint_of
from refunds.policies.versions import (
    ChangedMeanwhile,
    CodeTaken,
    DraftExists,
    DraftGone,
    NotPublishable,
    Published,
    RuleGone,
    WrongLine,
    begin_draft,
    begin_draft_from,
    discard,
    move_rule,
    publish,
    remove_rule,
    switch,
    write_rule,
)
from tests.conftest import NOW
from tests.people import People
from tests.refunds.policies.desk import (
    another_rule,
    codes,
    draft_of,
    first_version,
    rule_of,
)

BEFORE_ACTIVATION = "live.before_activation"
LONG_OUTAGE = "live.long_outage"
TOMORROW = date(2026, 11, 17)


def seen(version: PolicyVersion, code: str) -> str:
    return fingerprint(PolicyRule.objects.get(version=version, code=code).body)


def test_a_draft_begins_with_the_rules_as_they_are(
    live: PolicyVersion, editor: User
) -> None:
    draft = begin_draft_from(live, by=editor, at=NOW)
    assert (draft.version, draft.is_draft) == (2, True)
    assert rules_of(draft) == rules_of(live)


def test_there_is_one_draft_at_a_time(live: PolicyVersion, editor: User) -> None:
    draft = draft_of(live, editor)
    with pytest.raises(DraftExists):
        begin_draft_from(live, by=editor, at=NOW)
    discard(draft, by=editor, at=NOW)
    assert draft_of(live, editor).version == 2


def test_a_rule_is_written_removed_switched(live: PolicyVersion, editor: User) -> None:
    draft = draft_of(live, editor)
    write_rule(draft, another_rule(draft), by=editor, at=NOW)
    remove_rule(draft, LONG_OUTAGE, by=editor, at=NOW)
    switch(draft, BEFORE_ACTIVATION, by=editor, at=NOW, enabled=False)
    assert "live.another" in codes(draft)
    assert LONG_OUTAGE not in codes(draft)
    assert not rule_of(draft, BEFORE_ACTIVATION).enabled
    assert rule_of(live, BEFORE_ACTIVATION).enabled


def test_a_rule_moves_up_and_down(live: PolicyVersion, editor: User) -> None:
    draft = draft_of(live, editor)
    first, second, third, fourth = codes(draft)
    move_rule(draft, third, by=editor, at=NOW, places=-1)
    assert codes(draft) == [first, third, second, fourth]
    move_rule(draft, first, by=editor, at=NOW, places=1)
    assert codes(draft) == [third, first, second, fourth]
    move_rule(draft, third, by=editor, at=NOW, places=-1)
    assert codes(draft) == [third, first, second, fourth]
    assert [rule.position for rule in rules_of(draft)] == [1, 2, 3, 4]
    rows = PolicyRule.objects.filter(version=draft)
    assert all(row.position == row.body["position"] for row in rows)


def test_what_another_editor_wrote_is_not_overwritten(
    live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    looked_at = seen(draft, LONG_OUTAGE)
    theirs = replace(rule_of(draft, LONG_OUTAGE), provider_at_fault=False)
    write_rule(draft, theirs, by=editor, at=NOW, seen=looked_at)
    mine = replace(theirs, provider_at_fault=True, claim_within=3)
    with pytest.raises(ChangedMeanwhile):
        write_rule(draft, mine, by=editor, at=NOW, seen=looked_at)
    with pytest.raises(ChangedMeanwhile):
        remove_rule(draft, LONG_OUTAGE, by=editor, at=NOW, seen=looked_at)
    assert rule_of(draft, LONG_OUTAGE) == theirs


def test_a_new_rule_takes_nobodys_code(live: PolicyVersion, editor: User) -> None:
    draft = draft_of(live, editor)
    rule = replace(another_rule(draft), code=LONG_OUTAGE)
    with pytest.raises(CodeTaken) as refusal:
        write_rule(draft, rule, by=editor, at=NOW, seen="")
    assert refusal.value.field == "code"


def test_a_rule_that_is_gone_is_not_written_back(
    live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    rule, looked_at = rule_of(draft, LONG_OUTAGE), seen(draft, LONG_OUTAGE)
    remove_rule(draft, LONG_OUTAGE, by=editor, at=NOW)
    for act in (
        lambda: write_rule(draft, rule, by=editor, at=NOW, seen=looked_at),
        lambda: move_rule(draft, LONG_OUTAGE, by=editor, at=NOW, places=1),
        lambda: switch(draft, LONG_OUTAGE, by=editor, at=NOW, enabled=False),
    ):
        with pytest.raises(RuleGone):
            act()


def test_rules_of_another_line_have_no_place_here(
    live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    course = first_version(ProductLine.ONLINE_COURSE)
    with pytest.raises(WrongLine, match="Online course"):
        write_rule(draft, rules_of(course)[0], by=editor, at=NOW)
    discard(draft, by=editor, at=NOW)
    with pytest.raises(WrongLine):
        begin_draft(live.policy, by=editor, at=NOW, rules=rules_of(course))


def test_published_it_is_in_force_from_its_day(
    live: PolicyVersion, editor: User, now: datetime
) -> None:
    draft = draft_of(live, editor)
    publish(draft, by=editor, at=now, in_force_from=TOMORROW)
    assert (draft.published_by, draft.published_at) == (editor, now)
    assert live.policy.in_force(date(2026, 11, 16)) == live
    assert live.policy.in_force(TOMORROW) == draft


@pytest.mark.parametrize("day", [date(2026, 11, 16), date(2020, 1, 1)])
def test_a_version_never_reaches_back(
    live: PolicyVersion, editor: User, now: datetime, day: date
) -> None:
    draft = draft_of(live, editor)
    with pytest.raises(
        RefundError, match="Choose 2026-11-17 or a later day"
    ) as refusal:
        publish(draft, by=editor, at=now, in_force_from=day)
    assert refusal.value.field == "in_force_from"


def test_nor_is_it_published_for_a_day_that_nobody_can_plan(
    live: PolicyVersion, editor: User, now: datetime
) -> None:
    draft = draft_of(live, editor)
    with pytest.raises(RefundError, match="or an earlier day"):
        publish(draft, by=editor, at=now, in_force_from=date(2126, 12, 1))


def test_one_may_begin_before_another_that_is_coming(
    live: PolicyVersion, editor: User, now: datetime
) -> None:
    """Or a wrong date could never be put right: what is published stands still."""
    coming = draft_of(live, editor)
    publish(coming, by=editor, at=now, in_force_from=date(2027, 1, 1))
    earlier = draft_of(live, editor)
    publish(earlier, by=editor, at=now, in_force_from=date(2026, 12, 1))
    assert live.policy.in_force(date(2026, 11, 30)) == live
    assert live.policy.in_force(date(2026, 12, 31)) == earlier
    assert live.policy.in_force(date(2027, 1, 1)) == coming


def test_nonsense_is_not_published(
    live: PolicyVersion, editor: User, now: datetime
) -> None:
    draft = draft_of(live, editor)
    for code in codes(draft):
        switch(draft, code, by=editor, at=NOW, enabled=False)
    with pytest.raises(NotPublishable, match="every request would be declined"):
        publish(draft, by=editor, at=now, in_force_from=TOMORROW)
    assert draft.policy.versions.get(version=2).is_draft


def test_what_is_published_was_read_by_who_publishes(
    live: PolicyVersion, editor: User, now: datetime
) -> None:
    draft = draft_of(live, editor)
    looked_at = fingerprint_of(draft)
    remove_rule(draft, LONG_OUTAGE, by=editor, at=NOW)
    with pytest.raises(ChangedMeanwhile):
        publish(draft, by=editor, at=now, in_force_from=TOMORROW, seen=looked_at)
    looked_at = fingerprint_of(draft)
    publish(draft, by=editor, at=now, in_force_from=TOMORROW, seen=looked_at)


Verb = Callable[[PolicyVersion, User, datetime], object]
VERBS: dict[str, Verb] = {
    "write": lambda v, by, at: write_rule(
        v, another_rule(first_version("live_streaming")), by=by, at=at
    ),
    "remove": lambda v, by, at: remove_rule(v, LONG_OUTAGE, by=by, at=at),
    "move": lambda v, by, at: move_rule(v, LONG_OUTAGE, by=by, at=at, places=-1),
    "switch": lambda v, by, at: switch(v, LONG_OUTAGE, by=by, at=at, enabled=False),
    "discard": lambda v, by, at: discard(v, by=by, at=at),
    "publish": lambda v, by, at: publish(v, by=by, at=at, in_force_from=TOMORROW),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_no_verb_changes_a_published_version(
    live: PolicyVersion, editor: User, now: datetime, verb: Verb
) -> None:
    before = rules_of(live)
    with pytest.raises(Published, match="Begin a draft from it instead"):
        verb(live, editor, now)
    assert rules_of(live) == before


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_no_verb_brings_a_discarded_draft_back(
    live: PolicyVersion, editor: User, now: datetime, verb: Verb
) -> None:
    draft = draft_of(live, editor)
    kept = PolicyVersion.objects.get(pk=draft.pk)
    discard(draft, by=editor, at=NOW)
    with pytest.raises(DraftGone):
        verb(kept, editor, now)


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_only_a_policy_editor_writes(
    people: People, live: PolicyVersion, editor: User, now: datetime, verb: Verb
) -> None:
    draft = draft_of(live, editor)
    before = fingerprint_of(draft)
    for person in (people.superuser, people.auditor, people.evaluator, people.owner):
        with pytest.raises(NotPermitted, match="Only a policy editor"):
            verb(draft, person, now)
    assert fingerprint_of(draft) == before
    assert draft.policy.versions.get(version=2).is_draft


def test_nobody_else_begins_a_draft(people: People, live: PolicyVersion) -> None:
    with pytest.raises(NotPermitted):
        begin_draft_from(live, by=people.superuser, at=NOW)
