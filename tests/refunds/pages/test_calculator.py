"""The calculator: the engine's answer, from what a visitor tells; nothing is kept."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from refunds.judging import Judgement
from refunds.models import RefundRequest
from refunds.pages import calculator_fields as fields
from refunds.pages.calculator_fields import asked_for, billings_of
from refunds.pages.calculator_form import CalculatorForm
from refunds.pages.verdict import explain
from refunds.policy.cases import read_case
from refunds.policy.condition import Condition
from refunds.policy.rules import load_defaults
from refunds.policy.windows import ANCHORS
from tests.refunds.pages.told import as_told, can_be_told
from tests.refunds.pages.visits import reads, text_of, visitor
from tests.refunds.policy.situations import CHINA, answer

pytestmark = pytest.mark.django_db

CASES = json.loads(
    Path(__file__).parents[1].joinpath("policy/cases.json").read_text(encoding="utf-8")
)
NONSENSE = ("\x00", "9" * 5000, "٣", "<b>", "1e9", "nan", "%")
LINES_AND_GROUNDS = [
    (line, ground)
    for line, rules in load_defaults().items()
    for ground in sorted({ground for rule in rules for ground in rule.grounds})
]


TOLD = [
    case
    for case in CASES
    if can_be_told(*read_case(case)) and "without_ground" not in case
]


def ask(path: str = "/policy/calculator/", **told: str) -> Any:
    return visitor(None).get(path, told)


def outage(**changes: str) -> dict[str, str]:
    """73 hours of outage in a year that cost 12,000."""
    return {
        "line": "live_streaming",
        "ground": "outage",
        "about": "live_streaming/outage/term",
        "signed_on": "2026-01-05",
        "paid": "12,000",
        "activated_at": "2026-01-10T09:00",
        "ends_on": "2026-12-31",
        "outage_began_at": "2026-06-01T00:00",
        "outage_ended_at": "2026-06-04T01:00",
        "outage_extent": "total",
        "outage_cause": "provider",
        "asked_at": "2026-06-10T10:00",
        **changes,
    }


def test_enough_worked_cases_can_be_told() -> None:
    lines = {case["product_line"] for case in TOLD}
    assert len(TOLD) >= 15
    assert lines == set(load_defaults())


@pytest.mark.parametrize("case", TOLD, ids=[case["id"] for case in TOLD])
def test_it_answers_as_the_engine_does(case: dict[str, Any]) -> None:
    facts, _clauses = read_case(case)
    rules = load_defaults()[facts.product_line]
    expected = explain(Judgement("", facts, rules, (), CHINA, answer(facts)))
    response = ask(**as_told(facts))
    found = response.context["verdict"]
    assert response.status_code == 200
    assert found is not None, response.context["form"].errors
    assert (found.amount, found.ceiling, found.denial, found.heading) == (
        expected.amount,
        expected.ceiling,
        expected.denial,
        expected.heading,
    )


def test_the_sum_stands_on_the_page_with_its_reasons() -> None:
    page = text_of(ask(**outage()))
    assert "CNY 102.64" in page
    assert "4,380 minutes of outage" in page
    assert "This is an estimate, not a promise." in page
    assert "Money back: within 15 working days" in page


def test_a_denial_comes_with_its_way_out() -> None:
    page = text_of(ask(**outage(outage_ended_at="2026-06-02T17:00")))
    assert "The outage was real and it was ours: 41 hours." in page
    assert "You can appeal" in page


def test_it_asks_step_by_step_and_only_what_matters() -> None:
    assert "Why do you want money back?" not in text_of(ask())
    grounds = text_of(ask(line="online_course"))
    assert "Why do you want money back?" in grounds
    assert "What did you pay for it?" not in grounds
    course = ask(line="online_course", ground="mistake").context["form"]
    assert {"lessons_used", "paid_at"} <= set(course.fields)
    assert not {"outage_began_at", "metric", "ordered"} & set(course.fields)
    assert not course.is_bound


def test_another_reason_asks_anew_and_calls_nothing_wrong() -> None:
    told = outage(ground="quality")
    form = ask(**told).context["form"]
    assert not form.is_bound
    assert form["paid"].value() == "12,000"


def test_findings_can_be_assumed() -> None:
    told = {
        "line": "live_streaming",
        "ground": "quality",
        "about": "live_streaming/quality/term",
        "signed_on": "2026-01-05",
        "paid": "12000",
        "asked_at": "2026-06-10T10:00",
    }
    assert ask(**told).context["verdict"].ceiling == 12_000_00
    assert ask(**told, gap_confirmed="no").context["verdict"].denial


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("paid", "abc", "Write the amount in CNY"),
        ("paid", "", "Answer this: the rules look at it."),
        ("paid", "-5", "above zero"),
        ("signed_on", "yesterday", "Write the day as 2026-11-27."),
        ("asked_at", "1800-01-01T00:00", "The year 1800 can't be right."),
        ("outage_ended_at", "2026-05-01T00:00", "It ends before it begins."),
        ("ends_on", "", "Say until when it was paid for."),
        ("outage_cause", "aliens", "Select a valid choice"),
    ],
)
def test_what_can_t_be_read_is_said_at_its_field(
    field: str, value: str, says: str
) -> None:
    response = ask(**outage(**{field: value}))
    assert says in " ".join(response.context["form"].errors[field])
    assert response.context["verdict"] is None
    assert says in text_of(response)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"lessons_total": "10", "lessons_used": "11"}, "lessons_used"),
        ({"lessons_total": "0", "lessons_used": "0"}, "lessons_total"),
        ({"lessons_total": "9" * 30, "lessons_used": "0"}, "lessons_total"),
    ],
)
def test_more_than_all_can_t_be_used(told: dict[str, str], field: str) -> None:
    response = ask(
        line="online_course",
        ground="mistake",
        about="online_course/mistake/lessons",
        **told,
    )
    assert field in response.context["form"].errors


def test_half_a_measurement_is_none() -> None:
    response = ask(
        line="conference_sdk",
        ground="quality",
        about="conference_sdk/quality/term",
        measured="99.5",
    )
    errors = response.context["form"].errors
    assert {"promised", "reading_from", "reading_to"} <= set(errors)


@pytest.mark.parametrize(
    "nonsense", ["\x00", "9" * 5000, "٣", "<b>", "1e9", "nan", "%"]
)
@pytest.mark.parametrize("path", ["/policy/calculator/", "/policy/calculator/parts/"])
def test_nonsense_never_breaks_it(path: str, nonsense: str) -> None:
    for line, ground in LINES_AND_GROUNDS:
        told = dict.fromkeys(CalculatorForm.base_fields, nonsense)
        about = f"{line}/{ground}/{billings_of(line)[0]}"
        told |= {"line": line, "ground": ground, "about": about}
        assert ask(path, **told).status_code == 200
    whole = dict.fromkeys(("line", "ground", "billing", "about", "signed_on"), nonsense)
    assert ask(path, **whole).status_code == 200


@pytest.mark.parametrize(("line", "ground"), LINES_AND_GROUNDS)
def test_every_reason_has_a_form(line: str, ground: str) -> None:
    form = ask(line=line, ground=ground).context["form"]
    assert {"paid", "signed_on", "asked_at"} <= set(form.fields)


def test_every_condition_anchor_and_field_is_asked_for() -> None:
    assert {*fields.BY_CONDITION, *fields.LOOK_AT_USAGE} == set(Condition.kinds)
    assert set(fields.BY_ANCHOR) == set(ANCHORS)
    every = [rule for rules in load_defaults().values() for rule in rules]
    named = {
        name
        for table in (fields.BY_CONDITION, fields.BY_ANCHOR, fields.BY_FORMULA)
        for names in table.values()
        for name in names
    }
    named |= {name for names in fields.USAGE.values() for name in names}
    asked = set().union(*(asked_for(every, billing=b) for b in fields.USAGE))
    assert named | asked == set(CalculatorForm.base_fields)


def test_the_parts_bring_the_answer_and_call_nothing_wrong() -> None:
    told = outage()
    assert "CNY 102.64" in text_of(ask("/policy/calculator/parts/", **told))
    half = ask("/policy/calculator/parts/", **outage(paid="abc"))
    assert "Still missing, or not clear: What did you pay for it?" in text_of(half)
    assert "field-error" not in half.content.decode()
    assert 'value="abc"' in half.content.decode()


def test_it_keeps_nothing_and_costs_little() -> None:
    client = visitor(None)
    path = f"/policy/calculator/?{urlencode(outage())}"
    reads(client, path)
    with CaptureQueriesContext(connection) as captured:
        reads(client, path)
    assert len(captured) <= 3
    assert all(query["sql"].startswith("SELECT") for query in captured)
    assert not RefundRequest.objects.exists()


def test_the_day_of_signing_chooses_the_version() -> None:
    old = ask(**outage(signed_on="2001-01-01"))
    assert old.context["question"].version == "live_streaming 1"
    assert date(2001, 1, 1) == old.context["form"].cleaned_data["signed_on"]
