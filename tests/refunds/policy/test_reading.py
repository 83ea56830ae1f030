"""A rule in plain language: every part of it has words, in both languages, exactly."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from django.utils import translation

from refunds.pages import rule_words, verdict
from refunds.pages.rule_words import exact, in_words
from refunds.policy import labels, reading
from refunds.policy import reading_texts as texts
from refunds.policy.condition import Condition
from refunds.policy.conditions import EXTENTS_ASKED
from refunds.policy.rule import FORMULAS, Days, Limit, Rule, Tier
from refunds.policy.rules import load_defaults
from refunds.policy.windows import ANCHORS, UNITS, Window
from refunds.templatetags.makegood import NO_BREAK

DEFAULTS = [rule for rules in load_defaults().values() for rule in rules]
NEVER = re.compile(r"unfortunately|please|kindly|invalid|sorry|!", re.IGNORECASE)
HAN = re.compile(r"[\u4e00-\u9fff]")

every_rule = pytest.mark.parametrize("rule", DEFAULTS, ids=[r.code for r in DEFAULTS])


def rule_of(code: str, **changes: Any) -> Rule:
    found = next(rule for rule in DEFAULTS if rule.code == code)
    return replace(found, **changes)


def read_from_fields(rule: Rule) -> list[str]:
    """All but what the operator wrote."""
    words = in_words(rule)
    lists = (words.grounds, words.when, words.gives, words.times, words.evidence)
    return [text for told in lists for text in told] + [words.automatic]


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(tuple(value.values()))
    elif isinstance(value, tuple):
        for part in value:
            yield from strings(part)


@every_rule
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_default_rule_reads_without_a_gap(rule: Rule, language: str) -> None:
    with translation.override(language):
        told = read_from_fields(rule)
        words = in_words(rule)
    assert all(told)
    assert not [text for text in told if "%(" in text or "None" in text]
    assert bool(HAN.search(words.title + words.text)) == (language == "zh-hans")


@every_rule
def test_every_sentence_goes_through_the_catalogue(
    rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (rule_words, verdict):
        monkeypatch.setattr(module, "gettext", lambda text: f"«{text}»")
    told = read_from_fields(rule)
    assert not [text for text in told if not re.fullmatch(r"(«.*»\s?)+", text)]


def test_no_word_that_puts_people_off() -> None:
    said = [
        text
        for name, value in vars(texts).items()
        for text in strings(value)
        if name.isupper()
    ]
    assert said
    assert not [text for text in said if NEVER.search(text)]


def test_every_kind_of_rule_has_its_words() -> None:
    with_their_own = {"unresolved_longer_than", "level_breached"}
    assert {*texts.SIMPLE, *texts.OUTAGE, *with_their_own} == set(Condition.kinds)
    assert set(texts.EXTENT) == set(EXTENTS_ASKED)
    assert set(texts.ASKED) == set(texts.BEGAN) == set(UNITS)
    assert set(texts.GIVES) == set(FORMULAS)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("anchor", ANCHORS)
def test_a_window_names_its_days_and_what_they_run_from(anchor: str, unit: str) -> None:
    rule = rule_of("sdk.service_credit", window=Window(anchor, 14, unit))
    asked = in_words(rule).when[-1]
    assert "14" in asked
    assert labels.ANCHORS[anchor] in asked
    assert unit.removesuffix("s").replace("_", " ") in asked


def test_one_is_one_day_and_not_one_days() -> None:
    rule = rule_of(
        "live.early_unavailable",
        window=Window("activated", 1, "working_days"),
        claim_within=1,
        review=Days(1, 1),
        evaluation=Days(0, 1),
        payout=Days(1, 2),
    )
    told = " ".join(read_from_fields(rule))
    assert "within 1 working day of activation" in told
    assert "within 1 calendar day of the end of the outage" in told
    assert "First check: within 1 working day." in told
    assert "Evaluation: within 1 working day." in told
    assert "within 1 working day of our agreement, 2 at the latest" in told


def test_an_outage_says_how_long_and_of_which_extent() -> None:
    [outage, _window] = in_words(rule_of("live.long_outage")).when
    assert "more than 72 hours" in outage
    assert "worse than promised" in outage
    [whole, _window] = in_words(rule_of("course.platform_outage")).when
    assert "48 hours or more" in whole
    assert "nothing worked at all" in whole


def test_a_claim_window_is_about_the_outage_and_its_end() -> None:
    *_conditions, began, asked = in_words(rule_of("live.early_unavailable")).when
    assert began == "The outage began within 30 calendar days of activation."
    assert asked == "You ask within 30 calendar days of the end of the outage."


def test_bounds_are_shown_to_their_last_digit() -> None:
    rule = rule_of(
        "sdk.service_credit",
        tiers=(Tier(Fraction("99.995"), Fraction("0.125")),),
    )
    assert "Below 99.995%: 12.5% of that month's price." in in_words(rule).gives
    assert exact(Fraction(1, 3)) == "1/3"
    assert exact(Fraction(12_000)) == "12,000"


def test_tiers_fall() -> None:
    gives = in_words(rule_of("sdk.service_credit")).gives
    assert [text.split(":")[0] for text in gives if text.startswith("Below")] == [
        "Below 99.99%",
        "Below 99.9%",
        "Below 99%",
    ]


def test_a_share_is_said_but_not_where_people_agree_on_the_sum() -> None:
    less = rule_of("line.trial_window", share=Fraction(4, 5))
    assert "Of that, 80% is paid out." in in_words(less).gives
    agreed = rule_of("live.below_contract", share=Fraction(4, 5))
    assert in_words(agreed).gives == in_words(rule_of("live.below_contract")).gives


def test_whose_fault_it_is_decides_about_the_minimum() -> None:
    theirs = in_words(rule_of("line.trial_window", provider_at_fault=False)).gives
    ours = in_words(rule_of("line.trial_window", provider_at_fault=True)).gives
    assert theirs[-1] != ours[-1]


def test_what_rests_on_a_finding_is_never_decided_at_once() -> None:
    small = Limit(500_00, "CNY")
    at_once = rule_of("course.mistake", auto_approve_limit=small)
    assert f"Up to CNY{NO_BREAK}500.00 we decide at once" in in_words(at_once).automatic
    for rule in (
        rule_of("course.mistake", auto_approve_limit=None),
        rule_of("course.mistake", auto_approve_limit=Limit(0, "CNY")),
        rule_of("course.defect", auto_approve_limit=small),
        rule_of("course.mistake", formula="negotiated", auto_approve_limit=small),
    ):
        assert in_words(rule).automatic == "A person looks at every request."


@every_rule
def test_a_rule_that_differs_reads_otherwise(rule: Rule) -> None:
    changes: list[dict[str, Any]] = [
        {"grounds": ("account_risk",) if rule.grounds != ("account_risk",) else ()},
        {"window": Window("contract_effective", 11, "hours")},
        {"provider_at_fault": not rule.provider_at_fault},
        {"payout": Days(2, 41)},
        {"evidence_required": ("notarised_record",)},
    ]
    if rule.formula != "negotiated":
        changes.append({"share": Fraction(1, 7)})
    before = read_from_fields(rule)
    for change in changes:
        assert read_from_fields(replace(rule, **change)) != before, change


def test_it_reads_the_rule_and_nothing_else() -> None:
    rule = rule_of("live.long_outage")
    assert reading.when(rule) == reading.when(Rule.from_dict(rule.as_dict()))
