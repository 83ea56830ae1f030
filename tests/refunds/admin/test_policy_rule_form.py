"""The rule form: typed by who knows refunds and no code, refused with the reason."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from accounts.models import ProductLine, User
from refunds.admin.policy_fields import OF_CLAUSES
from refunds.admin.policy_form import RuleForm
from refunds.models import PolicyRule, PolicyVersion
from refunds.policies.applying import rules_of
from refunds.policies.versions import remove_rule, write_rule
from refunds.policy.condition import Condition, ConditionResult
from refunds.policy.facts import Facts
from tests.conftest import NOW
from tests.refunds.admin.typed import Sent, as_shown
from tests.refunds.pages.visits import text_of, told, visitor
from tests.refunds.policies.desk import (
    codes,
    draft_of,
    first_version,
    make_editor,
    rule_of,
)

EARLY, LONG = "live.early_unavailable", "live.long_outage"


@pytest.fixture
def editor(db: None) -> User:
    return make_editor()


@pytest.fixture
def draft(editor: User) -> PolicyVersion:
    return draft_of(first_version("live_streaming"), editor)


@pytest.fixture
def client(editor: User) -> Client:
    return visitor(editor)


def version_path(version: PolicyVersion, *parts: str) -> str:
    path = f"/admin/refunds/policyversion/{version.pk}/"
    return path + "".join(f"{part}/" for part in parts)


def rule_path(version: PolicyVersion, code: str, *parts: str) -> str:
    return version_path(version, "rules", code, *parts)


def shown(client: Client, path: str) -> Sent:
    return as_shown(client.get(path), css="rule-editor")


def saves(client: Client, path: str, **typed: Any) -> Any:
    return client.post(path, {**shown(client, path), **named(typed)})


def named(typed: dict[str, Any]) -> dict[str, Any]:
    """window__amount as the field's name is: window.amount."""
    return {name.replace("__", "."): value for name, value in typed.items()}


@pytest.mark.parametrize("line", ProductLine.values)
def test_opening_a_rule_and_saving_it_changes_nothing(
    client: Client, editor: User, line: str
) -> None:
    draft = draft_of(first_version(line), editor)
    before = list(PolicyRule.objects.filter(version=draft).order_by("pk").values())
    for code in codes(draft):
        answer = saves(client, rule_path(draft, code))
        assert answer.status_code == 302, text_of(answer)
        assert told(answer) == f"Rule {code} is saved."
    after = list(PolicyRule.objects.filter(version=draft).order_by("pk").values())
    assert after == before


def test_what_is_typed_is_kept_exactly(client: Client, draft: PolicyVersion) -> None:
    answer = saves(
        client,
        rule_path(draft, LONG),
        **{
            "title.en": "A long outage",
            "window.anchor": "activated",
            "window.amount": "10",
            "window.unit": "working_days",
            "conditions.outage_longer_than.hours": "３６.5",
            "conditions.outage_longer_than.extent": "total",
            "conditions.used_less_than": "on",
            "conditions.used_less_than.share": "12.5 %",
            "share": "80",
            "auto_approve_limit.amount": "1,500",
            "auto_approve_limit.currency": "jpy",
            "payout.due": "40",
        },
    )
    assert answer.status_code == 302, text_of(answer)
    rule = rule_of(draft, LONG).as_dict()
    assert rule["title"]["en"] == "A long outage"
    assert rule["window"] == {
        "anchor": "activated",
        "amount": 10,
        "unit": "working_days",
    }
    assert rule["conditions"] == [
        {"name": "outage_longer_than", "hours": "73/2", "extent": "total"},
        {"name": "used_less_than", "share": "1/8"},
    ]
    assert rule["share"] == "4/5"
    assert rule["auto_approve_limit"] == {"amount": 1500, "currency": "JPY"}
    assert rule["payout"] == {"warn": 15, "due": 40}


def test_tiers_come_in_rows_with_three_to_spare(client: Client, editor: User) -> None:
    draft = draft_of(first_version("conference_sdk"), editor)
    path = rule_path(draft, "sdk.service_credit")
    sent = shown(client, path)
    assert sent["tiers.below"] == ["99.99", "99.9", "99", "", "", ""]
    assert sent["tiers.share"] == ["10", "25", "50", "", "", ""]
    sent["tiers.below"][4], sent["tiers.share"][4] = "95", "100"
    assert client.post(path, sent).status_code == 302
    tiers = rule_of(draft, "sdk.service_credit").tiers
    assert [tier.share for tier in tiers][-1] == 1
    assert len(tiers) == 4


def test_tiers_out_of_order_or_half_written_are_refused(
    client: Client, editor: User
) -> None:
    draft = draft_of(first_version("conference_sdk"), editor)
    path = rule_path(draft, "sdk.service_credit")
    up = {"tiers.below": ["99", "99.9"], "tiers.share": ["50", "25"]}
    half = {"tiers.below": ["99.9", "99"], "tiers.share": ["25", ""]}
    assert "out of order" in refused(saves(client, path, **up), "tiers")
    assert "Row 2: write both" in refused(saves(client, path, **half), "tiers")


def refused(answer: Any, field: str) -> str:
    """What stands at the field, and in the summary above."""
    assert answer.status_code == 422, told(answer)
    form: RuleForm = answer.context["form"]
    words = " ".join(str(error) for error in form.errors.get(field, []))
    assert words, f"nothing at {field}: {form.errors}"
    assert text_of(answer).count(str(form.errors[field][0])) == 2
    return words


NONSENSE = {
    "a negative window": ({"window.amount": "-7"}, "window.amount", "0 or more"),
    "no anchor": ({"window.anchor": ""}, "window.anchor", "counts from"),
    "no length": ({"window.amount": ""}, "window.amount", "how long"),
    "no hours": (
        {"conditions.outage_longer_than.hours": ""},
        "conditions.outage_longer_than.hours",
        "untick",
    ),
    "words for hours": (
        {"conditions.outage_longer_than.hours": "two"},
        "conditions.outage_longer_than.hours",
        "in digits",
    ),
    "division by nothing": (
        {"conditions.outage_longer_than.hours": "1/0"},
        "conditions.outage_longer_than.hours",
        "in digits",
    ),
    "negative hours": (
        {"conditions.outage_longer_than.hours": "-1"},
        "conditions.outage_longer_than",
        "0",
    ),
    "a formula of another billing": (
        {"formula": "remaining_lessons"},
        "formula",
        "not sold in lessons",
    ),
    "a formula without its condition": (
        {"formula": "breach_share"},
        "formula",
        "no breach",
    ),
    "a credit without tiers": ({"formula": "service_credit"}, "formula", ""),
    "more than all": ({"share": "101"}, "share", "from 0% to 100%"),
    "a currency that is none": (
        {"auto_approve_limit.amount": "5", "auto_approve_limit.currency": "yuan"},
        "auto_approve_limit.currency",
        "",
    ),
    "a limit below nothing": (
        {"auto_approve_limit.amount": "-5"},
        "auto_approve_limit.amount",
        "below zero",
    ),
    "a warning after the due day": ({"review.warn": "9"}, "review.warn", "warning"),
    "no title": ({"title.zh": " "}, "title.zh", "Fill this in: Title in Chinese"),
    "no ground": ({"grounds": []}, "grounds", "Fill this in: Answers these reasons"),
    "position 0": ({"position": "0"}, "position", ""),
}


@pytest.mark.parametrize(("typed", "field", "words"), NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused_at_its_field_and_nothing_is_saved(
    client: Client, draft: PolicyVersion, typed: Sent, field: str, words: str
) -> None:
    before = rules_of(draft)
    answer = saves(client, rule_path(draft, EARLY), **typed)
    assert words in refused(answer, field)
    kept = as_shown(answer, css="rule-editor")
    for name, value in typed.items():
        assert kept.get(name, []) == (value if isinstance(value, list) else [value])
    assert rules_of(draft) == before


def test_a_rule_is_added_with_its_lines_prefix(
    client: Client, draft: PolicyVersion
) -> None:
    path = version_path(draft, "add")
    sent = shown(client, path)
    assert sent["position"] == ["5"]
    assert sent["payout.due"] == ["30"], "as the first rule has it"
    typed = {
        **sent,
        "code": "goodwill",
        "title.en": "Goodwill",
        "title.zh": "善意补偿",
        "text.en": "We agree.",
        "text.zh": "协商。",
        "grounds": ["quality"],
        "formula": "negotiated",
    }
    assert client.post(path, typed).status_code == 302
    assert codes(draft)[-1] == "live.goodwill"
    again = client.post(path, {**typed, "position": "6"})
    assert "already" in refused(again, "code")
    for code in ("Good", "a/b", "../x", "9", "", "x" * 41):
        refused(client.post(path, {**typed, "code": code}), "code")


def test_a_preview_saves_nothing_and_reads_in_both_languages(
    client: Client, draft: PolicyVersion
) -> None:
    before = rules_of(draft)
    path = rule_path(draft, LONG)
    typed = {"title.en": "Seen before", "title.zh": "先看看"}
    answer = saves(client, path, _preview="1", **typed)
    assert answer.status_code == 200
    assert [r.lang for r in answer.context["readings"]] == ["en", "zh-Hans"]
    assert [r.words.title for r in answer.context["readings"]] == [
        "Seen before",
        "先看看",
    ]
    assert "More than 72 hours" not in text_of(answer)
    assert "of more than 72 hours without a break" in text_of(answer)
    assert rules_of(draft) == before


def test_the_reading_follows_while_one_types(
    client: Client, draft: PolicyVersion
) -> None:
    path = f"{version_path(draft, 'reading')}?rule={LONG}"
    sent = shown(client, rule_path(draft, LONG))
    hours = "conditions.outage_longer_than.hours"
    fragment = text_of(client.post(path, {**sent, hours: "99"}))
    assert "of more than 99 hours without a break" in fragment
    assert "72 hours without" not in fragment.replace(
        "longer than 72 hours without", ""
    )
    nothing = text_of(client.post(path, {**sent, hours: ""}))
    assert (
        nothing == "How the rule will read appears here once it makes sense as a whole."
    )
    assert (
        rule_of(draft, LONG).outage
        == rules_of(first_version("live_streaming"))[2].outage
    )


def test_two_editors_do_not_overwrite_each_other(
    client: Client, draft: PolicyVersion, editor: User
) -> None:
    path = rule_path(draft, LONG)
    mine = {**shown(client, path), "title.en": "Mine", "share": "50"}
    theirs = replace(rule_of(draft, LONG), share=Fraction(9, 10))
    write_rule(draft, theirs, by=editor, at=NOW)
    answer = client.post(path, mine)
    assert answer.status_code == 422
    words = text_of(answer)
    assert "Somebody changed this meanwhile, and nothing of yours was saved." in words
    assert "90% of that" in words or "90%" in words, "how it stands now"
    assert "It differs in: Title in English · Of that, this share" in words
    assert rule_of(draft, LONG) == theirs
    still_there = as_shown(answer, css="rule-editor")
    assert still_there["title.en"] == ["Mine"]
    assert client.post(path, still_there).status_code == 302
    assert rule_of(draft, LONG).share == Fraction(1, 2)


def test_a_rule_that_is_gone_or_published_is_not_saved(
    client: Client, draft: PolicyVersion, editor: User
) -> None:
    path = rule_path(draft, LONG)
    sent = shown(client, path)
    remove_rule(draft, LONG, by=editor, at=NOW)
    assert "The draft has no such rule any more." in told(client.post(path, sent))
    assert client.get(path).status_code == 404
    published = first_version("live_streaming")
    answer = client.post(rule_path(published, LONG), sent)
    assert answer.status_code == 422
    assert "A published version can't be changed." in text_of(answer)
    assert client.get(rule_path(published, LONG)).status_code == 404


def test_every_condition_has_its_fields(db: None) -> None:
    form = RuleForm(line="live_streaming")
    for name, kind in Condition.kinds.items():
        assert f"conditions.{name}" in form.fields
        bounds = {f.name for f in fields(kind)} - OF_CLAUSES  # type: ignore[arg-type]
        assert {f"conditions.{name}.{bound}" for bound in bounds} <= set(form.fields)


@pytest.fixture
def another_condition() -> Iterator[None]:
    @dataclass(frozen=True)
    class Crowded(Condition, name="crowded"):
        share: Fraction
        viewers: int
        region: str | None = None

        def judge(self, facts: Facts) -> ConditionResult:
            raise NotImplementedError

    yield
    del Condition.kinds["crowded"]


@pytest.mark.usefixtures("another_condition")
def test_a_new_condition_appears_by_itself(
    client: Client, draft: PolicyVersion
) -> None:
    sent = shown(client, rule_path(draft, LONG))
    for bound in ("share", "viewers", "region"):
        assert sent[f"conditions.crowded.{bound}"] == [""]
    kept = (
        RuleForm(line="live_streaming", before=rule_of(draft, LONG))
        .fields["conditions.crowded.share"]
        .clean("30 %")
    )
    assert kept == "3/10"
