"""A draft tried on the past, as a job: a row, taken further a slice at a time.

Each batch is one transaction: the row's position moves, from where this worker read it,
together with what the batch showed. So a worker that is killed, or overtaken, loses a
batch and counts nothing twice; and no slice keeps other tasks waiting for long.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.insight.decided import decided
from refunds.insight.figures import Figure, added
from refunds.insight.trial import Retried, Tried, trial
from refunds.models import Backtest, BacktestChange, PolicyVersion
from refunds.nudge import nudge
from refunds.policies.applying import rules_of
from refunds.policy import plain
from refunds.policy.errors import PolicyError
from refunds.policy.rule import Rule

SLICE = timedelta(seconds=5)
# A batch takes about a second; whoever says nothing for so long is dead.
SILENCE = timedelta(seconds=60)
UNFINISHED = (Backtest.State.WAITING, Backtest.State.RUNNING)


def begin(version: PolicyVersion, *, by: User, at: datetime) -> Backtest:
    """With the rules as they stand now; pressed twice, it is one run."""
    if not by.has_role(Role.POLICY_EDITOR):
        raise NotPermitted(_("Only a policy editor may try a policy on the past."))
    with transaction.atomic():
        PolicyVersion.objects.select_for_update().get(pk=version.pk)
        written = [rule.as_dict() for rule in _rules(version)]
        same = Backtest.objects.filter(
            version=version, state__in=UNFINISHED, rules=written
        )
        if run := same.first():
            return run
        nudge("run_backtests")
        return Backtest.objects.create(
            version=version, rules=written, started_by=by, asked_at=at
        )


def _rules(version: PolicyVersion) -> tuple[Rule, ...]:
    try:
        return rules_of(version)
    except PolicyError as error:
        raise RefundError(
            _("These rules can't be tried yet. %(reason)s"), reason=str(error)
        ) from None


def run_waiting(*, clock: Callable[[], datetime]) -> bool:
    """One slice of the oldest run that nobody has in hand; False: there is none."""
    run = _take(at=clock())
    if run is None:
        return False
    _slice(run, clock)
    nudge("run_backtests")
    return True


def _take(*, at: datetime) -> Backtest | None:
    free = Q(seen_at=None) | Q(seen_at__lt=at - SILENCE)
    waiting = Backtest.objects.filter(free, state__in=UNFINISHED).order_by("pk")
    for run in waiting.select_related("version__policy"):
        mine = waiting.order_by().filter(pk=run.pk, position=run.position)
        if mine.update(state=Backtest.State.RUNNING, seen_at=at):
            return run
    return None


def _slice(run: Backtest, clock: Callable[[], datetime]) -> None:
    until = clock() + SLICE
    line = run.version.policy.product_line
    if not run.total:
        run.total = decided(line).count()
    try:
        rules = tuple(Rule.from_dict(rule) for rule in run.rules)
    except PolicyError as error:
        _end(run, Backtest.State.FAILED, at=clock(), failure=str(error))
        return
    for tried in trial(line, rules, after=run.position):
        at = clock()
        over = at >= until
        if not _keep(run, tried, seen_at=None if over else at) or over:
            return
    _end(run, Backtest.State.DONE, at=clock(), total=F("done"))


def _keep(run: Backtest, tried: Tried, *, seen_at: datetime | None) -> bool:
    """False where another worker went on in the meantime, or the run was discarded."""
    figures = added([*figures_of(run), *tried.figures])
    summary = [plain.dump(figure) for figure in figures]
    with transaction.atomic():
        moved = _as_read(run).update(
            position=tried.position,
            done=F("done") + tried.size,
            total=run.total,
            summary=summary,
            seen_at=seen_at,
        )
        if not moved:
            return False
        BacktestChange.objects.bulk_create(
            [_change(run, each) for each in tried.changes]
        )
    run.position, run.summary = tried.position, summary
    return True


def _end(run: Backtest, state: Backtest.State, *, at: datetime, **ends: object) -> None:
    _as_read(run).update(state=state, seen_at=None, finished_at=at, **ends)


def _as_read(run: Backtest) -> QuerySet[Backtest]:
    """The row, where nobody took the run further since."""
    return Backtest.objects.filter(
        pk=run.pk, state=Backtest.State.RUNNING, position=run.position
    )


def _change(run: Backtest, each: Retried) -> BacktestChange:
    before, after = each.row.outcome, each.after
    return BacktestChange(
        backtest=run,
        request_id=each.row.request,
        assessment_id=each.row.assessment,
        currency=each.row.currency,
        rule_before=before.rule,
        rule_after=after.rule if after else "",
        denied_before=before.denied,
        denied_after=after.denied if after else "",
        amount_before=before.amount,
        amount_after=after.amount if after else None,
        ceiling_before=before.ceiling,
        ceiling_after=after.ceiling if after else None,
        problem=each.problem,
    )


def figures_of(run: Backtest) -> list[Figure]:
    return [plain.load(Figure, figure) for figure in run.summary]


def cases_of(run: Backtest, figure: Figure) -> QuerySet[BacktestChange]:
    """The requests behind a figure of what would change, or of what can't be judged."""
    return BacktestChange.objects.filter(
        backtest=run,
        currency=figure.currency,
        rule_before=figure.before.rule,
        denied_before=figure.before.denied,
        ceiling_before__isnull=not figure.before.negotiated,
        rule_after=figure.after.rule,
        denied_after=figure.after.denied,
        ceiling_after__isnull=not figure.after.negotiated,
        problem=figure.problem,
    ).order_by("request")
