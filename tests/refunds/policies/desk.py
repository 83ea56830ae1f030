"""At the policy desk: who edits, what is there to edit, and a rule to add."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Group

from accounts.models import ProductLine, Role, User
from refunds.models import Policy, PolicyVersion
from refunds.policies.applying import rules_of
from refunds.policies.versions import begin_draft_from
from refunds.policy.rule import Rule
from tests.conftest import NOW
from tests.factories import UserFactory


def make_editor(name: str = "editor") -> User:
    user = UserFactory.create(
        email=f"{name}@example.test", name=name.title(), is_staff=True
    )
    user.groups.set(Group.objects.filter(name=Role.POLICY_EDITOR))
    return user  # type: ignore[no-any-return]


def policy_of(line: str) -> Policy:
    return Policy.objects.get(product_line=line)


def first_version(line: str) -> PolicyVersion:
    return PolicyVersion.objects.get(policy__product_line=line, version=1)


def codes(version: PolicyVersion) -> list[str]:
    return [rule.code for rule in rules_of(version)]


def rule_of(version: PolicyVersion, code: str) -> Rule:
    return next(rule for rule in rules_of(version) if rule.code == code)


def another_rule(version: PolicyVersion) -> Rule:
    """One that its version does not have yet, last in order."""
    rules = rules_of(version)
    return replace(rules[0], code="live.another", position=len(rules) + 1)


def draft_of(version: PolicyVersion, editor: User) -> PolicyVersion:
    return begin_draft_from(version, by=editor, at=NOW)


@pytest.fixture
def editor(db: None) -> User:
    return make_editor()


@pytest.fixture
def live(db: None) -> PolicyVersion:
    """The published policy of live streaming."""
    return first_version(ProductLine.LIVE_STREAMING)
