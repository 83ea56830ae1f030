"""Assesses worked cases under the default policies; needs no database."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import chinese_calendar
from django.core.management.base import BaseCommand, CommandError

from accounts.minor_units import to_decimal
from refunds.policy import plain
from refunds.policy.assess import assess
from refunds.policy.assessment import Assessment, RuleResult
from refunds.policy.calendar import WorkingDays
from refunds.policy.cases import read_case
from refunds.policy.errors import CaseError, PolicyError
from refunds.policy.rules import load_defaults


class Command(BaseCommand):
    help = "Assess one case, or a list of them, and print the answers as a JSON list."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="JSON; - for standard input")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            answers = [_answer(case, n) for n, case in enumerate(_cases(file), start=1)]
        except (CaseError, OSError, ValueError, RecursionError) as error:
            raise CommandError(f"Nothing was assessed: {error}", returncode=2) from None
        self.stdout.write(json.dumps(answers))


def _cases(file: str) -> list[Any]:
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        read = json.loads(content, parse_float=str, parse_constant=str)
    except ValueError as error:
        raise ValueError(f"{file} is not JSON: {error}") from None
    return read if isinstance(read, list) else [read]


def _answer(case: Any, number: int) -> dict[str, Any]:
    facts, clauses = read_case(case, name=f"number {number}")
    name = case.get("id", f"number {number}")
    rules = load_defaults()[facts.product_line]
    try:
        answer = assess(facts, rules=rules, clauses=clauses, calendar=mainland_china())
    except PolicyError as error:
        raise CaseError(str(error), case=name, field="contract.clauses") from None
    return {
        "id": case.get("id"),
        "rule": answer.rule,
        "amount": _decimal(answer.amount, answer),
        "ceiling": _decimal(answer.ceiling, answer),
        "automatic": answer.automatic,
        "denied": answer.denied,
        "trace": [_trace(result, answer) for result in answer.results],
    }


def _decimal(amount: int | None, answer: Assessment) -> str | None:
    return None if amount is None else to_decimal(amount, currency=answer.currency)


def _trace(result: RuleResult, answer: Assessment) -> dict[str, Any]:
    written: dict[str, Any] = plain.dump(result)
    return {
        "rule": written.pop("code"),
        "matched": result.matched,
        **written,
        "amount": _decimal(result.amount, answer),
        "ceiling": _decimal(result.ceiling, answer),
    }


@cache
def mainland_china() -> WorkingDays:
    """As announced; the years that chinese_calendar does not know: Monday to Friday."""
    first = date(min(chinese_calendar.holidays).year, 1, 1)
    last = date(max(chinese_calendar.holidays).year, 12, 31)
    return WorkingDays.from_exceptions(
        "Asia/Shanghai",
        first=first,
        last=last,
        known_until=last,
        off=_days(chinese_calendar.holidays),
        on=_days(chinese_calendar.workdays),
    )


def _days(days: Iterable[Any]) -> list[date]:
    return list(days)
