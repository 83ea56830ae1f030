"""`manage.py backtest`: a policy tried on every decided request; changes nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.minor_units import to_decimal
from accounts.models import ProductLine
from refunds.errors import RefundError
from refunds.insight.decided import decided
from refunds.insight.figures import Figure, Outcome, Side, Total, added, totals
from refunds.insight.trial import Retried, trial
from refunds.models import PolicyVersion, RefundRequest
from refunds.policies.applying import rules_of
from refunds.policies.files import read_file
from refunds.policy.errors import PolicyError
from refunds.policy.rule import Rule

TABLE = "{:>9}  {:<36}  {:<36}  {:<8}  {:>16}  {:>16}  {:>16}"


class Command(BaseCommand):
    help = (
        "Tries a policy on every decided request of its product line, and prints what "
        "would have changed."
    )

    def create_parser(
        self, prog_name: str, subcommand: str, **kwargs: Any
    ) -> CommandParser:
        """--version is a policy's here, not Django's."""
        return super().create_parser(
            prog_name, subcommand, conflict_handler="resolve", **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "what", metavar="LINE|FILE", help=f"{', '.join(ProductLine)}, or a policy"
        )
        parser.add_argument(
            "--version", type=int, metavar="N", help="of LINE; default: the draft"
        )
        parser.add_argument(
            "--cases", action="store_true", help="print each changed request as well"
        )

    def handle(
        self, *args: Any, what: str, version: int | None, cases: bool, **options: Any
    ) -> None:
        line, rules = _tried(what, version)
        figures: list[Figure] = []
        total, done = decided(line).count(), 0
        for tried in trial(line, rules):
            figures = added([*figures, *tried.figures])
            done += tried.size
            self.stderr.write(f"{done} of {total} requests tried")
            if cases:
                self._cases(tried.changes)
        self._table(figures)

    def _cases(self, changes: list[Retried]) -> None:
        pks = [each.row.request for each in changes]
        numbers = dict(
            RefundRequest.objects.filter(pk__in=pks).values_list("pk", "number")
        )
        for each in changes:
            currency = each.row.currency
            after = _outcome(each.after, currency) if each.after else each.problem
            before = _outcome(each.row.outcome, currency)
            self.stdout.write(f"{numbers[each.row.request]}\t{before}\t{after}")

    def _table(self, figures: list[Figure]) -> None:
        changed = [figure for figure in figures if figure.changed or figure.problem]
        same = sum(figure.count for figure in figures) - sum(f.count for f in changed)
        if not changed:
            self.stdout.write(f"Nothing would change. Requests tried: {same}.")
            return
        head = ("requests", "before", "after", "", "before", "after", "difference")
        rows = [head, *map(_row, changed)]
        rows += [
            (t.count, "in all", "", t.currency, *_sums(t)) for t in totals(changed)
        ]
        for row in rows:
            self.stdout.write(TABLE.format(*row).rstrip())
        self.stdout.write(f"{same:>9}  unchanged")


def _tried(what: str, version: int | None) -> tuple[str, tuple[Rule, ...]]:
    if what in ProductLine.values:
        return what, _rules(what, version)
    try:
        file = read_file(Path(what).read_bytes())
    except (OSError, RefundError) as error:
        raise CommandError(
            f"{what} is no product line, and no policy file: {error}"
        ) from None
    return file.product_line, file.rules


def _rules(line: str, version: int | None) -> tuple[Rule, ...]:
    versions = PolicyVersion.objects.filter(policy__product_line=line)
    which = {"published_at": None} if version is None else {"version": version}
    found = versions.filter(**which).first()
    if found is None:
        there = ", ".join(map(str, versions.values_list("version", flat=True)))
        missing = "no draft" if version is None else f"no version {version}"
        raise CommandError(f"There is {missing} of {line}; --version may be: {there}.")
    try:
        return rules_of(found)
    except PolicyError as error:
        raise CommandError(f"These rules can't be tried: {error}") from None


def _row(figure: Figure) -> tuple[object, ...]:
    after = figure.problem or _side(figure.after)
    sums = _sums(figure)
    if figure.problem:
        sums = (sums[0], "", "")
    return figure.count, _side(figure.before), after, figure.currency, *sums


def _side(side: Side) -> str:
    name = side.rule or f"denied: {side.denied}"
    return f"{name} (up to)" if side.negotiated else name


def _outcome(outcome: Outcome, currency: str) -> str:
    if outcome.denied:
        return _side(outcome.side)
    return f"{_side(outcome.side)} {to_decimal(outcome.money, currency=currency)}"


def _sums(counted: Figure | Total) -> tuple[str, str, str]:
    sums = (counted.before_sum, counted.after_sum, counted.difference)
    before, after, difference = (
        "" if each is None else to_decimal(each, currency=counted.currency)
        for each in sums
    )
    return before, after, difference
