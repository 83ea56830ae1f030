"""A route's statement comes in: asked for by us, or brought by finance. Its bytes are
kept as they came, its lines once."""

import hashlib
import logging
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from refunds import rows
from refunds.errors import NotPermitted, RefundError
from refunds.gateways.base import (
    Gateway,
    Line,
    OnlineGateway,
    StatementBroken,
    StatementMissing,
)
from refunds.gateways.registry import gateway_of
from refunds.models import Merchant, PayoutLeg, ReceivedFile, StatementLine
from refunds.payouts.beside import legs_by_key
from refunds.payouts.found import end_missing_file, note_bad_file
from refunds.payouts.plain import plain
from refunds.payouts.reconcile import compare, follow_up
from refunds.payouts.statement_days import day_of

log = logging.getLogger(__name__)

LARGEST = 50 * 1024 * 1024


def fetch(merchant: Merchant, day: date, *, at: datetime) -> ReceivedFile | None:
    """Asks the route for the day's statement, keeps it and compares it. None where it
    has none yet, or does not answer; what can't be read is a discrepancy.
    Raises RefundError for a route that can't be asked."""
    gateway = gateway_of(merchant)
    if not isinstance(gateway, OnlineGateway):
        raise RefundError(
            _("%(merchant)s can't be asked for a statement. Upload the file instead."),
            merchant=merchant,
        )
    try:
        content = gateway.fetch_statement(day, now=at)
        lines = _read(gateway, content)
    except StatementMissing:
        return None
    except StatementBroken as broken:
        _keep_broken(merchant, day, broken, at=at)
        return None
    name = f"{merchant.route}-{day.isoformat()}"
    return _take(merchant, day, name, content, lines, by=None, at=at)


def upload(
    merchant: Merchant, day: date, *, name: str, content: bytes, by: User, at: datetime
) -> ReceivedFile:
    """A statement that finance brings. Raises RefundError for a wrong file; then
    nothing is kept."""
    check_finance(by)
    gateway = gateway_of(merchant)
    if gateway is None:
        raise RefundError(
            _("%(merchant)s is not in use here. Put it to use first."),
            field="merchant",
            merchant=merchant,
        )
    if day > day_of(merchant.route, at):
        raise RefundError(_("This day has not come yet."), field="day")
    if not content or len(content) > LARGEST:
        raise RefundError(
            _("The file is empty, or larger than 50 MB. Choose the day's statement."),
            field="file",
        )
    try:
        lines = _read(gateway, content)
    except StatementBroken as broken:
        raise RefundError(
            _("This can't be read as a statement of %(merchant)s: %(why)s"),
            field="file",
            merchant=merchant,
            why=str(broken),
        ) from None
    _check_day(merchant, day, lines)
    return _take(merchant, day, name, content, lines, by=by, at=at)


def check_finance(user: User) -> None:
    if not user.has_role(Role.FINANCE):
        raise NotPermitted(_("This is for finance."))


def _read(gateway: Gateway, content: bytes) -> list[Line]:
    """What an adapter did not foresee is a broken file, not a broken day."""
    try:
        lines = gateway.read_statement(content)
    except StatementBroken as broken:
        raise StatementBroken(str(broken), broken.content or content) from broken
    except Exception as fault:
        log.exception("statement")
        raise StatementBroken(_("It has another format."), content) from fault
    for number, line in enumerate(lines, start=1):
        if line.amount <= 0:
            words = _("Line %(number)s has no amount.") % {"number": number}
            raise StatementBroken(words, content)
    return [_fitting(line) for line in lines]


def _fitting(line: Line) -> Line:
    """As the columns take it."""
    return replace(
        line,
        key=_short(line.key),
        provider_number=_short(line.provider_number),
        trade_number=_short(line.trade_number),
        currency=line.currency[:3],
    )


def _short(text: str) -> str:
    return plain(text)[:64]


def _check_day(merchant: Merchant, day: date, lines: list[Line]) -> None:
    days = {day_of(merchant.route, line.at) for line in lines}
    if days and day not in days:
        raise RefundError(
            _("This statement is about %(other)s, not %(day)s."),
            field="day",
            other=min(days).isoformat(),
            day=day.isoformat(),
        )


def _take(
    merchant: Merchant,
    day: date,
    name: str,
    content: bytes,
    lines: list[Line],
    *,
    by: User | None,
    at: datetime,
) -> ReceivedFile:
    """The file, its lines and what came of comparing them: all, or nothing. A day
    whose file is there is done."""
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        if by:
            _check_new(merchant, day, digest, lines)
        file, is_new = ReceivedFile.objects.get_or_create(
            merchant=merchant,
            day=day,
            sha256=digest,
            defaults={
                "kind": ReceivedFile.Kind.STATEMENT,
                "name": name[-200:],
                "content": content,
                "received_at": at,
                "uploaded_by": by,
            },
        )
        if is_new:
            _write_lines(file, merchant, lines)
        end_missing_file(merchant, day, at=at)
        found = compare(merchant, day, at=at)
    follow_up(merchant, found, at=at)
    return file


def _check_new(merchant: Merchant, day: date, digest: str, lines: list[Line]) -> None:
    """The same bytes are no other day's, unless they list nothing at all."""
    others = ReceivedFile.objects.filter(merchant=merchant, sha256=digest)
    other = others.exclude(day=day).exclude(day=None).first()
    if other and other.day and lines:
        raise RefundError(
            _("This file was received before, as the statement of %(day)s."),
            field="file",
            day=other.day.isoformat(),
        )


def _write_lines(file: ReceivedFile, merchant: Merchant, lines: list[Line]) -> None:
    legs = legs_by_key(merchant, (line.key for line in lines))
    rows.insert([_line(file, n, line, legs) for n, line in enumerate(lines, start=1)])


def _line(
    file: ReceivedFile, position: int, line: Line, legs: dict[str, PayoutLeg]
) -> StatementLine:
    direction = StatementLine.Direction
    return StatementLine(
        file=file,
        position=position,
        direction=direction.BACK if line.back else direction.OUT,
        key=line.key,
        provider_number=line.provider_number,
        trade_number=line.trade_number,
        amount=line.amount,
        currency=line.currency,
        at=line.at,
        leg=legs.get(line.key),
    )


def _keep_broken(
    merchant: Merchant, day: date, broken: StatementBroken, *, at: datetime
) -> None:
    """What came is kept without a day: it is no day's statement."""
    with transaction.atomic():
        if broken.content:
            ReceivedFile.objects.get_or_create(
                merchant=merchant,
                day=None,
                sha256=hashlib.sha256(broken.content).hexdigest(),
                defaults={
                    "kind": ReceivedFile.Kind.STATEMENT,
                    "name": f"{merchant.route}-{day.isoformat()}",
                    "content": broken.content,
                    "received_at": at,
                },
            )
        note_bad_file(merchant, day, words=str(broken), at=at)
