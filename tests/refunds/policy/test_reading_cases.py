"""A case that can't be read says which case and which field."""

import json
from copy import deepcopy
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from refunds.management.commands.assess import Command
from refunds.policy.cases import read_case
from refunds.policy.errors import CaseError

CASES = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
MISSING = object()


def broken(path: str, value: object) -> dict[str, Any]:
    """An ordinary case with one value replaced or missing."""
    case: dict[str, Any] = deepcopy(CASES[5])
    *way, last = path.split(".")
    place: Any = case
    for step in way:
        place = place[int(step)] if step.isdigit() else place.setdefault(step, {})
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return case


FAULTS = [
    ("requested_at", "2026-01-23T10:00:00", "requested_at", "no offset"),
    ("requested_at", "soon", "requested_at", "soon"),
    ("requested_at", MISSING, "requested_at", "missing"),
    ("currency", "yuan", "currency", "yuan"),
    ("currency", MISSING, "currency", "missing"),
    ("product_line", "balloons", "product_line", "none of"),
    ("ground", "boredom", "ground", "none of"),
    ("time_zone", "Mars/Base", "time_zone", "no time zone"),
    ("customer", "robot", "customer", "none of"),
    ("keep_service", "no", "keep_service", "neither true nor false"),
    ("contract.signed_on", MISSING, "contract.signed_on", "missing"),
    ("contract.signed_on", "5 Jan", "contract.signed_on", "5 Jan"),
    ("contract", [], "contract", "no object"),
    ("payments", {}, "payments", "no list"),
    ("payments.0.amount", "12.005", "payments[0].amount", "more digits"),
    ("payments.0.amount", 12.5, "payments[0].amount", "exact"),
    ("payments.0.amount", "-1", "payments[0].amount", "below 0"),
    ("fees.0.refundable", "maybe", "fees[0].refundable", "maybe"),
    ("outages.0.cause", "aliens", "outages[0].cause", "aliens"),
    ("outages.0.to", "2026-01-01T00:00:00+08:00", "outages[0]", "before it begins"),
    ("usage.lessons_used", "1.5", "usage.lessons_used", "whole number"),
    ("service.billing", "barter", "service.billing", "barter"),
    ("service.ends_on", "9999-12-31", "service.ends_on", "out of range"),
    ("compensated.months", ["2026-13"], "compensated.months", "month"),
    ("findings.undelivered_items", "node", "findings.undelivered_items", "list"),
    (
        "contract.clauses",
        [{"rule": "x.y", "field": "share", "value": 1}],
        "contract.clauses[0].rule",
        "no rule",
    ),
]


@pytest.mark.parametrize(("path", "value", "field", "reason"), FAULTS)
def test_the_error_names_case_and_field(
    path: str, value: object, field: str, reason: str
) -> None:
    with pytest.raises(CaseError, match=reason) as caught:
        read_case(broken(path, value))
    assert (caught.value.case, caught.value.field) == (CASES[5]["id"], field)


def test_a_case_that_is_no_object_is_named_by_its_place() -> None:
    with pytest.raises(CaseError, match="case number 3"):
        read_case("not a case", name="number 3")


def ran(file: Path | str) -> Any:
    """What `manage.py assess FILE` prints."""
    command = Command(stdout=StringIO())
    command.handle(file=str(file))
    return json.loads(command.stdout.getvalue())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cases.json"


def test_the_command_prints_a_list_for_one_case(file: Path) -> None:
    file.write_text(json.dumps(CASES[0]), encoding="utf-8")
    [found] = ran(file)
    assert found["id"] == "live-full-before-activation"
    assert (found["rule"], found["amount"]) == ("live.before_activation", "12000.00")
    assert (found["ceiling"], found["automatic"], found["denied"]) == (
        None,
        False,
        None,
    )
    assert [tried["rule"] for tried in found["trace"]] == [
        "live.before_activation",
        "live.early_unavailable",
        "live.long_outage",
        "live.below_contract",
    ]


def test_the_command_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    content = BytesIO(json.dumps(CASES).encode())
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": content}))
    assert [found["id"] for found in ran("-")] == [case["id"] for case in CASES]


@pytest.mark.parametrize(
    "content", ["{", "[3]", json.dumps([CASES[0], broken("ground", "x")])]
)
def test_what_can_not_be_read_prints_nothing_and_exits_with_2(
    file: Path, content: str
) -> None:
    file.write_text(content, encoding="utf-8")
    command = Command(stdout=StringIO())
    with pytest.raises(CommandError) as caught:
        command.handle(file=str(file))
    assert caught.value.returncode == 2
    assert command.stdout.getvalue() == ""


def test_a_nonsense_clause_names_the_case(file: Path) -> None:
    clauses = [{"rule": "live.long_outage", "field": "colour", "value": "red"}]
    file.write_text(json.dumps(broken("contract.clauses", clauses)), encoding="utf-8")
    with pytest.raises(CommandError, match=r"live-early-outage.*contract\.clauses"):
        ran(file)


def test_a_missing_file_exits_with_2(file: Path) -> None:
    with pytest.raises(CommandError) as caught:
        ran(file)
    assert caught.value.returncode == 2
