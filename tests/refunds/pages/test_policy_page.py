"""The public policy: what is published, for everybody, in both languages."""

from dataclasses import replace
from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from accounts.models import ProductLine, Role, User
from refunds.models import Policy, PolicyVersion
from refunds.pages.rule_words import in_words
from refunds.policies.applying import rules_of
from refunds.policies.versions import begin_draft, publish
from refunds.policy.rule import Rule
from refunds.policy.rules import load_defaults, load_words
from tests.conftest import NOW
from tests.factories import UserFactory
from tests.people import Case
from tests.refunds.pages.visits import reads, visitor

TITLE = {"en": "Quite another rule", "zh": "另一条规则"}


@pytest.fixture
def editor(db: None) -> User:
    user: User = UserFactory.create(is_staff=True)
    user.groups.add(Group.objects.get(name=Role.POLICY_EDITOR))
    return user


def draft(editor: User, *rules: Rule) -> PolicyVersion:
    policy = Policy.objects.get(product_line="dedicated_line")
    return begin_draft(policy, by=editor, at=NOW, rules=rules)


def another(**changes: object) -> Rule:
    [trial, *_others] = load_defaults()["dedicated_line"]
    return replace(trial, title=TITLE, **changes)  # type: ignore[arg-type]


def in_chinese() -> Client:
    client = visitor(None)
    client.cookies["django_language"] = "zh-hans"
    return client


@pytest.mark.django_db
def test_everybody_reads_every_published_rule() -> None:
    page = reads(visitor(None), "/policy/")
    for line, rules in load_defaults().items():
        assert str(ProductLine(line).label) in page
        for rule in rules:
            words = in_words(rule)
            assert words.title in page
            for text in (words.text, *words.when, *words.gives, *words.times):
                assert text.replace("\N{NO-BREAK SPACE}", " ") in page


@pytest.mark.django_db
def test_it_reads_in_chinese_too() -> None:
    page = reads(in_chinese(), "/policy/")
    with translation.override("zh-hans"):
        for rules in load_defaults().values():
            assert all(in_words(rule).title in page for rule in rules)
    assert all(word.text["zh"] in page for word in load_words().values())


@pytest.mark.django_db
def test_it_says_what_the_words_mean_and_what_stays() -> None:
    page = reads(visitor(None), "/policy/")
    assert all(word.text["en"] in page for word in load_words().values())
    assert "the time to ask has ended" in page
    assert "set-up, access, support" in page
    assert "How it goes 1 Sent" in page


@pytest.mark.django_db
def test_its_cost_does_not_grow_with_rules_and_versions(
    editor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = visitor(None)
    with django_assert_num_queries(2):
        client.get("/policy/")
    for number in range(1, 4):
        rules = [replace(another(), code=f"line.{n}", position=n) for n in range(1, 20)]
        day = date(2027, number, 1)
        publish(draft(editor, *rules), by=editor, at=NOW, in_force_from=day)
    with django_assert_num_queries(2):
        client.get("/policy/")
    with django_assert_num_queries(2):
        client.get("/policy/dedicated_line/3/")


def test_a_rule_that_is_off_is_left_out(editor: User) -> None:
    rules = (another(), another(code="line.off", position=2, enabled=False))
    off = replace(rules[1], title={"en": "Switched off", "zh": "停用"})
    version = draft(editor, rules[0], off)
    publish(version, by=editor, at=NOW, in_force_from=date(2027, 1, 1))
    page = reads(visitor(None), "/policy/dedicated_line/2/")
    assert TITLE["en"] in page
    assert "Switched off" not in page


def test_a_draft_is_nobodys_to_read(editor: User) -> None:
    version = draft(editor, another())
    version.in_force_from = date(2026, 1, 1)
    version.save()
    assert TITLE["en"] not in reads(visitor(None), "/policy/")
    reads(visitor(None), "/policy/dedicated_line/2/", status=404)
    reads(visitor(editor), "/policy/dedicated_line/2/", status=404)


def test_a_coming_version_is_linked_and_says_that_it_is_to_come(editor: User) -> None:
    publish(draft(editor, another()), by=editor, at=NOW, in_force_from=date(2027, 1, 1))
    page = visitor(None).get("/policy/")
    assert "/policy/dedicated_line/2/" in page.content.decode()
    assert TITLE["en"] not in reads(visitor(None), "/policy/")
    coming = reads(visitor(None), "/policy/dedicated_line/2/")
    assert "for contracts signed from Fri 1 Jan 2027 on" in coming
    assert "These rules are to come." in coming
    now = reads(visitor(None), "/policy/dedicated_line/1/")
    assert "from Wed 1 Jan 2020 to Thu 31 Dec 2026" in now
    assert "A contract signed today has these rules." in now


def test_on_its_day_the_new_version_takes_over(
    editor: User, time_machine: object
) -> None:
    publish(
        draft(editor, another()), by=editor, at=NOW, in_force_from=date(2026, 11, 17)
    )
    version = PolicyVersion.objects.get(
        policy__product_line="dedicated_line", version=2
    )
    time_machine.move_to("2026-11-17T00:00:00+08:00", tick=False)  # type: ignore[attr-defined]
    page = reads(visitor(None), "/policy/")
    assert all(in_words(rule).title in page for rule in rules_of(version))
    earlier = reads(visitor(None), "/policy/dedicated_line/1/")
    assert "A later version has taken over." in earlier


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["dedicated_line/99/", "no_such_line/1/", "x/1/"])
def test_what_is_no_version_is_not_there(path: str) -> None:
    reads(visitor(None), f"/policy/{path}", status=404)


def test_it_reads_the_same_when_signed_in(case: Case) -> None:
    assert "Before activation" in reads(visitor(case.people.owner), "/policy/")
