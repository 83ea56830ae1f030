"""Writing down what does not agree, each thing once; what explains itself ends."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.countries import MAINLAND_CHINA
from refunds.clock.calendars import working_days
from refunds.clock.deadlines import due_after
from refunds.models import Discrepancy, LegState, Merchant
from refunds.payouts.statement_days import BEIJING

WORKING_DAYS = 2
# What the system says is kept as a code and a value, and read in the reader's language.
MARK = "auto:"
SAYS = {
    "stated": gettext_lazy("The statement of %(value)s has it."),
    "came": gettext_lazy("The statement came; it was read on %(value)s."),
    "came_back": gettext_lazy("Our books say so too: this money is with us again."),
    "booked": gettext_lazy("Booked against the payment on %(value)s, by itself."),
    "no_room": gettext_lazy(
        "Not booked: less than this is left of the payment, most likely because a "
        "refund of ours is on its way. Find out which of the two is real, then book "
        "it or end this."
    ),
    "perhaps_ours": gettext_lazy(
        "Not booked: the line has no key, and a refund of ours of the same sum has no "
        "line yet. If they are the same, end this; if not, book it."
    ),
    "currency": gettext_lazy(
        "Not booked: the payment was made in another currency than this line."
    ),
    "no_payment": gettext_lazy(
        "Not booked: no payment of ours has this transaction number."
    ),
}


def says(code: str, value: object = "") -> str:
    return f"{MARK}{code}:{value}"


def in_words(discrepancy: Discrepancy) -> str:
    """What was found out: a person's words, or ours."""
    if not discrepancy.words.startswith(MARK):
        return discrepancy.words
    code, _colon, value = discrepancy.words.removeprefix(MARK).partition(":")
    return str(SAYS[code]) % {"value": value} if code in SAYS else discrepancy.words


def note(rows: Iterable[Discrepancy], *, at: datetime) -> None:
    """What is known already, open or ended, stays as it is."""
    new = list(rows)
    if not new:
        return
    calendar = working_days(country=MAINLAND_CHINA, time_zone=BEIJING.key)
    due_at = due_after(calendar, at, days=WORKING_DAYS)
    for row in new:
        row.found_at, row.due_at = at, due_at
    Discrepancy.objects.bulk_create(new, ignore_conflicts=True)


def note_no_file(merchant: Merchant, day: date, *, at: datetime) -> None:
    kind = Discrepancy.Kind.NO_FILE
    subject = day.isoformat()
    note([Discrepancy(merchant=merchant, kind=kind, subject=subject, day=day)], at=at)


def note_bad_file(merchant: Merchant, day: date, *, words: str, at: datetime) -> None:
    row = Discrepancy(
        merchant=merchant,
        kind=Discrepancy.Kind.BAD_FILE,
        subject=day.isoformat(),
        day=day,
        words=words.replace("\x00", "")[:2000] or _("It can't be read."),
    )
    note([row], at=at)


def end_missing_file(merchant: Merchant, day: date, *, at: datetime) -> None:
    """A readable statement came: what was wrong with its file is over."""
    kinds = (Discrepancy.Kind.NO_FILE, Discrepancy.Kind.BAD_FILE)
    rows = Discrepancy.objects.filter(merchant=merchant, kind__in=kinds, day=day)
    _explain(rows, says("came", f"{at.astimezone(BEIJING):%Y-%m-%d}"), at)


def end_stated(
    merchant: Merchant, day: date, keys: Iterable[str], *, at: datetime
) -> None:
    """What was on no statement is on this one."""
    rows = Discrepancy.objects.filter(
        merchant=merchant, kind=Discrepancy.Kind.NOT_STATED, subject__in=list(keys)
    )
    _explain(rows, says("stated", day.isoformat()), at)


def end_returned(merchant: Merchant, *, at: datetime) -> None:
    """The route was asked, or two people found out: our books say so too, and the
    request goes on from there."""
    with_us = (LegState.REVERSED, LegState.FAILED)
    rows = Discrepancy.objects.filter(
        merchant=merchant, kind=Discrepancy.Kind.CAME_BACK, leg__state__in=with_us
    )
    _explain(rows, says("came_back"), at)


def _explain(rows: QuerySet[Discrepancy], words: str, at: datetime) -> None:
    ended = {"outcome": Discrepancy.Outcome.EXPLAINED, "words": words, "ended_at": at}
    rows.filter(outcome=Discrepancy.Outcome.OPEN).update(**ended)
