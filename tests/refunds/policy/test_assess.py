"""Which rule wins, who is denied what, what a contract changes, what is automatic."""

from dataclasses import replace
from fractions import Fraction

import pytest

from refunds.policy.assess import assess
from refunds.policy.errors import PolicyError
from refunds.policy.facts import Facts, Service, Usage
from refunds.policy.plain import Scalar
from refunds.policy.rules import Clause, Days, Limit, Rule, apply_clauses, load_defaults
from tests.refunds.policy.situations import (
    CHINA,
    answer,
    at,
    course,
    finding,
    line,
    live,
    outage,
    package,
    paid,
    reading,
    rule,
    signed,
    under,
)

FULL = rule("package.no_reason", window=None, conditions=(), grounds=("shortfall",))


def clause(code: str, field: str, value: Scalar) -> Clause:
    return Clause(code, field, value, wording="as agreed")


@pytest.mark.parametrize(
    ("facts", "denied"),
    [
        (live(ground="mistake", service=Service("term")), "out_of_time"),
        (live(ground="mistake", usage=Usage(share_used=Fraction(1))), "service_normal"),
        (live(ground="content_defect"), "service_normal"),
        (live(payments=()), "nothing_left"),
        (live(payments=(paid(10, refunded=10),), ground="shortfall"), "nothing_left"),
        (course(usage=Usage(lessons_total=20, lessons_used=9)), "already_used"),
        (course(requested_at=at("2026-03-06 10:00")), "out_of_time"),
        (course(ground="content_defect"), "not_proven"),
        (package(findings=finding(customer_fault=True)), "customer_fault"),
        (package(requested_at=at("2026-04-08 10:00")), "service_normal"),
        (line(ground="outage"), "not_proven"),
    ],
)
def test_a_request_is_denied_for_its_nearest_miss(facts: Facts, denied: str) -> None:
    found = answer(facts)
    assert (found.rule, found.amount, found.automatic) == (None, None, None)
    assert found.denied == denied


def named(code: str, position: int, **changes: object) -> Rule:
    return replace(FULL, code=code, position=position, **changes)  # type: ignore[arg-type]


def winner(*rules: Rule, facts: Facts | None = None) -> str | None:
    return assess(facts or package(), rules=rules, calendar=CHINA).rule


def test_the_rule_that_gives_most_wins() -> None:
    small = named("small", 1, share=Fraction(1, 2))
    assert winner(small, named("large", 2)) == "large"


def test_at_a_tie_the_lower_position_wins() -> None:
    first, second = named("first", 1), named("second", 2)
    assert winner(second, first) == "first"


def test_rules_are_compared_by_their_rounded_amounts() -> None:
    facts = package(payments=(paid(1),))
    nearly = named("nearly", 1, share=Fraction(1, 2))
    assert winner(nearly, named("all", 2), facts=facts) == "nearly"


def test_an_amount_of_nothing_comes_before_a_negotiation() -> None:
    nothing = named("nothing", 2, share=Fraction(0))
    assert winner(named("talk", 1, formula="negotiated"), nothing) == "nothing"


def test_the_rules_share_does_not_lower_the_ceiling() -> None:
    talk = named("talk", 1, formula="negotiated", share=Fraction(1, 2))
    assert under(talk, package()).ceiling == 29_900


def test_a_disabled_rule_is_left_out_for_denials_too() -> None:
    off = clause("live.long_outage", "enabled", value=False)
    assert answer(live()).denied == "not_proven"
    assert answer(live(), off).denied == "service_normal"
    assert "live.long_outage" not in {r.code for r in answer(live(), off).results}


def test_the_window_speaks_last() -> None:
    late_and_used = course(
        requested_at=at("2026-04-06 10:00"),
        usage=Usage(lessons_total=20, lessons_used=9),
    )
    found = answer(late_and_used)
    assert found.denied == "already_used"
    assert found.nearest == "course.mistake"


@pytest.mark.parametrize(
    ("field", "value", "automatic"),
    [
        ("auto_approve_limit", "1999.00", True),
        ("auto_approve_limit", "1998.99", False),
        ("auto_approve_limit", None, False),
        ("share", "0", False),
    ],
)
def test_automatic_up_to_the_limit(
    field: str, value: str | None, *, automatic: bool
) -> None:
    only = clause("course.not_as_expected", "enabled", value=False)
    found = answer(course(), clause("course.mistake", field, value), only)
    assert (found.rule, found.automatic) == ("course.mistake", automatic)


def test_a_limit_counts_in_its_own_currency() -> None:
    assert answer(course()).automatic is True
    assert answer(course(currency="JPY")).automatic is False
    limit = clause("course.mistake", "auto_approve_limit", "200000")
    assert answer(course(currency="JPY"), limit).automatic is True


def test_a_finding_is_never_decided_automatically() -> None:
    defect = rule("course.defect", auto_approve_limit=Limit(10**9, "CNY"))
    facts = course(ground="content_defect", findings=finding(defect_verified=True))
    assert under(defect, facts).automatic is False


def test_no_finding_against_the_customer_prevents_nothing() -> None:
    shortfall = rule("package.shortfall", auto_approve_limit=Limit(10**9, "CNY"))
    assert under(shortfall, package()).automatic is True


LATE = course(requested_at=at("2026-03-05 10:00"), ground="content_mismatch")
SHORTER = clause("course.not_as_expected", "window.amount", 1)
LESS = clause("course.not_as_expected", "share", "0.5")


def test_a_company_is_held_to_its_clauses() -> None:
    assert answer(LATE, SHORTER).denied == "out_of_time"
    assert answer(LATE, LESS).amount == 99_950


def test_clauses_take_nothing_from_a_consumer() -> None:
    consumer = replace(LATE, customer="individual")
    for taking in (SHORTER, LESS):
        found = answer(consumer, taking)
        assert found.amount == 199_900
        assert found.overruled == (taking,)


def test_a_consumers_tie_goes_to_the_clauses() -> None:
    consumer = replace(LATE, customer="individual")
    never = clause("course.not_as_expected", "auto_approve_limit", None)
    found = answer(consumer, never)
    assert (found.automatic, found.overruled) == (False, ())


def test_a_clause_may_give_a_consumer_more() -> None:
    consumer = replace(LATE, customer="individual", requested_at=at("2026-03-20"))
    longer = clause("course.not_as_expected", "window.amount", "30")
    assert answer(consumer).denied == "out_of_time"
    assert answer(consumer, longer).amount == 199_900


def test_a_lower_ceiling_is_taken_from_nobody() -> None:
    facts = live(
        ground="quality",
        customer="individual",
        contract=signed(minimum_commitment=100_000),
        findings=finding(gap_confirmed_by_both=True),
    )
    ours = clause("live.below_contract", "provider_at_fault", value=False)
    assert answer(facts, ours).ceiling == 144_000
    assert answer(replace(facts, customer="company"), ours).ceiling == 44_000


@pytest.mark.parametrize(
    ("field", "value", "denied"),
    [
        ("conditions.outage_longer_than", 200, "below_threshold"),
        ("conditions.outage_longer_than", "119.5", None),
        ("share", "0.8", None),
        ("provider_at_fault", False, None),
        ("enabled", True, None),
    ],
)
def test_a_clause_replaces_its_field(
    field: str, value: Scalar, denied: str | None
) -> None:
    facts = live(outages=(outage("2026-02-01", "2026-02-06"),))
    assert answer(facts, clause("live.long_outage", field, value)).denied == denied


def test_a_condition_can_be_waived() -> None:
    facts = course(usage=Usage(lessons_total=20, lessons_used=9))
    waived = clause("course.mistake", "conditions.unused", value=False)
    assert answer(facts, waived).rule == "course.mistake"


def test_a_windows_parts_are_replaced_together() -> None:
    clauses = (
        clause("line.trial_window", "window.anchor", "paid"),
        clause("line.trial_window", "window.unit", "hours"),
        clause("line.trial_window", "window.amount", 48),
    )
    facts = line(ground="change_of_mind", payments=(paid(1000, "2026-02-27 12:00"),))
    assert answer(facts, *clauses).amount == 1000
    later = replace(facts, requested_at=at("2026-03-01 12:00:01"))
    assert answer(later, *clauses).denied == "out_of_time"
    free = clause("line.trial_window", "window.anchor", "none")
    assert answer(later, free).amount == 1000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("colour", "red"),
        ("share", "much"),
        ("share", "-1"),
        ("enabled", "yes"),
        ("window.anchor", "birthday"),
        ("window.amount", "1.5"),
        ("window.colour", 1),
        ("conditions.not_activated", 1),
        ("conditions.used_less_than", 7),
        ("conditions.outage_longer_than", 7),
        ("auto_approve_limit", "0.001"),
    ],
)
def test_a_nonsense_clause_is_refused(field: str, value: int | str) -> None:
    rules = load_defaults()["dedicated_line"] + load_defaults()["live_streaming"]
    codes = ("line.trial_window", "live.before_activation")
    code = codes["not_activated" in field]
    with pytest.raises(PolicyError, match=code):
        apply_clauses(rules, (clause(code, field, value),))


def test_a_clause_on_another_rule_changes_nothing() -> None:
    rules = load_defaults()["dedicated_line"]
    assert apply_clauses(rules, (clause("x.y", "share", "0.5"),)) == rules


@pytest.mark.parametrize(
    "changes",
    [
        {"code": ""},
        {"product_line": "balloons"},
        {"title": {"en": "Only English"}},
        {"grounds": ()},
        {"grounds": ("boredom",)},
        {"formula": "generous"},
        {"formula": "outage_share"},
        {"formula": "service_credit"},
        {"formula": "breach_share"},
        {"claim_within": 30},
        {"evidence_required": ("oath",)},
        {"share": Fraction(-1)},
        {"payout": Days(5, 3)},
        {"conditions": FULL.conditions + rule("course.mistake").conditions * 2},
    ],
)
def test_a_nonsense_rule_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(PolicyError):
        replace(FULL, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("product_line", sorted(load_defaults()))
def test_default_rules_survive_storage(product_line: str) -> None:
    for default in load_defaults()[product_line]:
        assert Rule.from_dict(default.as_dict()) == default
        assert len(default.evidence_required) <= 1


@pytest.mark.parametrize(
    "change",
    [{"colour": "red"}, {"share": 0.5}, {"position": "first"}, {"formula": None}],
    ids=["unknown key", "a float", "text for a number", "null"],
)
def test_a_rule_that_can_not_be_read_says_why(change: dict[str, object]) -> None:
    with pytest.raises(PolicyError, match=r"package\.no_reason"):
        Rule.from_dict({**FULL.as_dict(), **change})


def test_every_rule_is_listed_with_every_condition() -> None:
    found = answer(live(readings=(reading("2026-02-01", "2026-03-01", "99"),)))
    default = load_defaults()["live_streaming"]
    assert [r.code for r in found.results] == [r.code for r in default]
    for result, tried in zip(found.results, default, strict=True):
        assert [c.name for c in result.conditions] == [c.name for c in tried.conditions]
        assert (result.window is None) is (tried.window is None)
