"""`manage.py backtest` and `manage.py reassess`, as an operator runs them."""

from datetime import datetime, timedelta
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from refunds.insight import reassessment
from refunds.insight.reassessment import _again, _read
from refunds.judging import recompute
from refunds.models import Assessment, Backtest
from refunds.policies.files import as_bytes
from refunds.policies.versions import discard
from refunds.policy.cases import read_case
from refunds.record.triggers import drop_triggers, install_triggers
from tests.conftest import NOW
from tests.people import Case
from tests.refunds.insight import past
from tests.refunds.policy.oracle.situations import invent
from tests.refunds.policy.situations import live, outage

LINE = "live_streaming"
DOWN = (outage("2026-02-01 00:00", "2026-02-06 00:00"),)


def command(*arguments: str) -> tuple[str, str]:
    out, progress = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=progress)
    return out.getvalue(), progress.getvalue()


def test_backtest_prints_what_a_draft_would_change(editor: User, now: datetime) -> None:
    for currency in ("CNY", "CNY", "JPY"):
        past.decided(live(outages=DOWN, currency=currency), at=now)
    past.decided(live(), at=now)
    past.draft_of(LINE, editor, share=Fraction(1, 2))
    table, progress = command("backtest", LINE)
    rows = [" ".join(row.split()) for row in table.splitlines()]
    long = "live.long_outage live.long_outage"
    assert f"2 {long} CNY 144.00 72.00 -72.00" in rows
    assert f"1 {long} JPY 7200 3600 -3600" in rows
    assert "2 in all CNY 144.00 72.00 -72.00" in rows
    assert rows[-1] == "1 unchanged"
    assert progress == "4 of 4 requests tried\n"
    assert not Backtest.objects.exists(), "it leaves nothing behind"


def test_backtest_names_the_cases_behind_the_figures(
    editor: User, now: datetime
) -> None:
    request = past.decided(live(outages=DOWN), at=now)
    past.draft_of(LINE, editor, enabled=False)
    table, _progress = command("backtest", LINE, "--cases")
    assert f"{request.number}\tlive.long_outage 72.00\tdenied: service_normal" in table


def test_backtest_takes_a_version_or_a_file(
    editor: User, now: datetime, tmp_path: Path
) -> None:
    past.decided(live(outages=DOWN), at=now)
    draft = past.draft_of(LINE, editor, share=Fraction(1, 2))
    file = tmp_path / "policy.json"
    file.write_bytes(as_bytes(draft))
    discard(draft, by=editor, at=NOW)
    same = "Nothing would change. Requests tried: 1.\n"
    assert command("backtest", LINE, "--version", "1")[0] == same
    assert "-36.00" in command("backtest", str(file))[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([LINE], "There is no draft of live_streaming; --version may be: 1."),
        ([LINE, "--version", "7"], "no version 7 of live_streaming"),
        (["live"], "live is no product line, and no policy file"),
    ],
)
def test_backtest_says_what_there_is_to_try(
    db: None, arguments: list[str], says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        command("backtest", *arguments)


def invented(now: datetime, *, cases: int) -> None:
    for number in range(cases):
        facts, clauses = read_case(invent(number))
        past.decided(facts, *clauses, at=now)


def test_the_fast_way_gives_what_the_plain_way_gives(db: None, now: datetime) -> None:
    invented(now, cases=60)
    plain = {row.pk: recompute(row) for row in Assessment.objects.all()}
    fast = {row.pk: _again(row) for row in _read(Assessment.objects.all())}
    assert fast == plain


def test_reassess_finds_nothing_where_nothing_was_touched(
    case: Case, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reassessment, "BATCH", 3)
    case.offered()
    invented(now, cases=7)
    there = Assessment.objects.count()
    said, _progress = command("reassess")
    assert said == f"All {there} assessments come out as they were stored.\n"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"amount": 71_00}, "stored ('live.long_outage', '', 7100, None); now"),
        ({"rule": "live.below_contract"}, "now ('live.long_outage', '', 7200, None)"),
        ({"answer.amount": 71_00}, "stored amount 7100; now amount 7200"),
        ({"answer.ledger": None}, "stored unreadable: None is not an object; now"),
        ({"facts.payments": []}, "now ('', 'nothing_left', None, None)"),
        ({"facts.currency": None}, "now refused: None is not str"),
    ],
)
def test_reassess_names_what_was_tampered_with(
    db: None, now: datetime, changes: dict[str, Any], says: str
) -> None:
    request = past.decided(live(outages=DOWN), at=now)
    past.decided(live(outages=DOWN), at=now)
    row = request.assessments.get()
    tamper(row, changes)
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 2 assessments differ") as error:
        call_command("reassess", stdout=out)
    assert error.value.returncode == 1
    assert f"{request.number}, assessment {row.pk}: " in out.getvalue()
    assert says in out.getvalue()


def test_reassess_looks_at_what_was_kept_since_a_day(db: None, now: datetime) -> None:
    old = past.decided(live(), at=now - timedelta(days=30)).assessments.get()
    past.decided(live(), at=now)
    tamper(old, {"denied": "out_of_time"})
    assert "All 1 assessments" in command("reassess", "--since", "2026-11-01")[0]
    with pytest.raises(CommandError, match="1 of 2"):
        command("reassess", "--since", "2026-10-01")
    with pytest.raises(CommandError, match="'soon' is no day; write 2026-11-30"):
        command("reassess", "--since", "soon")


def tamper(row: Assessment, changes: dict[str, Any]) -> None:
    """As only somebody could who holds the database."""
    drop_triggers()
    for name, value in changes.items():
        column, _, part = name.partition(".")
        new = getattr(row, column) | {part: value} if part else value
        Assessment.objects.filter(pk=row.pk).update(**{column: new})
    install_triggers()
