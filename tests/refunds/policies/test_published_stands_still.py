"""A published version and its rules can't be changed, whatever door one tries."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from refunds.models import PolicyRule, PolicyVersion
from refunds.policies.history import fingerprint_of
from tests.refunds.policies.desk import another_rule, draft_of

pytestmark = pytest.mark.database_rules

Act = Callable[[PolicyVersion], object]
VERSION, RULE = PolicyVersion._meta.db_table, PolicyRule._meta.db_table


def rule_in(version: PolicyVersion) -> PolicyRule:
    return PolicyRule.objects.filter(version=version)[0]


def new_rule(version: PolicyVersion) -> PolicyRule:
    rule = another_rule(version)
    return PolicyRule(version=version, code=rule.code, position=9, body=rule.as_dict())


def saved(version: PolicyVersion) -> None:
    row = rule_in(version)
    row.body = {**row.body, "position": 9}
    row.save()


def bulk_updated(version: PolicyVersion) -> None:
    row = rule_in(version)
    row.position = 9
    PolicyRule.objects.bulk_update([row], ["position"])


def upserted(version: PolicyVersion) -> None:
    row = rule_in(version)
    PolicyRule.objects.bulk_create(
        [PolicyRule(version=version, code=row.code, position=9, body={})],
        update_conflicts=True,
        unique_fields=["version", "code"],
        update_fields=["position", "body"],
    )


def raw(statement: str) -> Act:
    def act(version: PolicyVersion) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement % {"pk": version.pk})

    return act


DOORS: dict[str, Act] = {
    "rule saved": saved,
    "rule added": lambda v: new_rule(v).save(),
    "rules added at once": lambda v: PolicyRule.objects.bulk_create([new_rule(v)]),
    "rules updated at once": bulk_updated,
    "rule written over": upserted,
    "rules updated": lambda v: PolicyRule.objects.filter(version=v).update(code="x"),
    "rule deleted": lambda v: rule_in(v).delete(),
    "rules deleted": lambda v: PolicyRule.objects.filter(version=v).delete(),
    "rule moved to another version": lambda v: PolicyRule.objects.filter(
        version=v
    ).update(version=PolicyVersion.objects.exclude(pk=v.pk)[0]),
    "version saved": lambda v: v.save(),
    "version unpublished": lambda v: PolicyVersion.objects.filter(pk=v.pk).update(
        published_at=None
    ),
    "version deleted": lambda v: v.delete(),
    "policy deleted": lambda v: v.policy.delete(),
    "raw update of rules": raw(
        f"UPDATE {RULE} SET position = 9 WHERE version_id = %(pk)s"
    ),
    "raw delete of rules": raw(f"DELETE FROM {RULE} WHERE version_id = %(pk)s"),
    "raw copy of a rule": raw(
        f"INSERT INTO {RULE} (version_id, code, position, body) "
        f"SELECT version_id, 'x', 9, body FROM {RULE} WHERE version_id = %(pk)s"
    ),
    "raw date of the version": raw(
        f"UPDATE {VERSION} SET in_force_from = '2019-01-01' WHERE id = %(pk)s"
    ),
    "raw delete of the version": raw(f"DELETE FROM {VERSION} WHERE id = %(pk)s"),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_published_version_stands_still(live: PolicyVersion, door: Act) -> None:
    row = PolicyVersion.objects.filter(pk=live.pk)
    before, said = row.values().get(), fingerprint_of(live)
    connection.check_constraints()
    with pytest.raises(DatabaseError), transaction.atomic():
        door(live)
    assert row.values().get() == before
    assert fingerprint_of(live) == said


def test_no_rule_is_pushed_into_it_from_a_draft(
    live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    said = fingerprint_of(live)
    PolicyRule.objects.filter(version=draft, position__gt=1).delete()
    PolicyRule.objects.filter(version=draft).update(code="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyRule.objects.filter(version=draft).update(version=live)
    assert fingerprint_of(live) == said


def test_a_draft_stays_open(live: PolicyVersion, editor: User) -> None:
    draft = draft_of(live, editor)
    PolicyRule.objects.filter(version=draft).update(position=9)
    rule_in(draft).delete()
    draft.delete()
    assert live.policy.versions.count() == 1
