"""What comes back from the bank: answers to batches, and lines of its statements.

A file moves each leg by what it proves, or nothing at all: the whole file is one
transaction, and the same bytes count once.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from refunds.errors import NotPermitted, RefundError
from refunds.gateways.base import Line, Outcome, Reason, Result, StatementBroken
from refunds.guards import NOT_OWN_CUSTOMER
from refunds.models import (
    LegState,
    Merchant,
    PayoutBatch,
    PayoutCall,
    PayoutLeg,
    ReceivedFile,
    RefundRequest,
)
from refunds.models.leg_state import IN_FLIGHT, MOVED_NOTHING
from refunds.payouts.batches import (
    check_finance,
    file_gateway,
    lock_legs,
    silence_ends,
)
from refunds.payouts.outcome import block, conclude
from refunds.payouts.send import log_call
from refunds.step import lock

LARGEST = 5 * 1024 * 1024
DIFFERS = "evidence_differs"
NOT_LISTED = "–"


@dataclass(frozen=True)
class Row:
    """What a file said of one transfer, and where its leg stands since."""

    key: str
    code: str
    state: str
    words: str

    @property
    def state_label(self) -> str:
        return str(LegState(self.state).label) if self.state else "–"


@dataclass(frozen=True)
class Taken:
    """A file that was taken: what it did, row by row."""

    file: ReceivedFile
    batch: PayoutBatch
    rows: list[Row]


def take_answer(
    merchant: Merchant, *, name: str, content: bytes, by: User, at: datetime
) -> Taken:
    """Raises RefundError for what is no answer, was taken before, or is about a batch
    that is not ours; then nothing is kept and nothing moves."""
    check_finance(by)
    digest = hashlib.sha256(content).hexdigest()
    _check_new(merchant, content, digest)
    gateway = file_gateway(merchant)
    try:
        number, results = gateway.read_answer(content)
    except StatementBroken as broken:
        raise RefundError(str(broken), field="file") from None
    batch = PayoutBatch.objects.filter(merchant=merchant, number=number).first()
    if batch is None:
        raise RefundError(
            _(
                "No batch of this account is called %(number)s. Nothing was kept. Look "
                "which account the file belongs to, or ask the bank."
            ),
            field="file",
            number=number[:35],
        )
    days = gateway.capabilities.arrival
    with transaction.atomic():
        file = _keep(merchant, name, content, digest, by=by, at=at)
        first = PayoutBatch.objects.filter(pk=batch.pk, answered_at=None)
        first.update(answered_at=at)
        rows = _apply_answer(batch, results, days=days, by=by, at=at)
    return Taken(file, batch, rows)


def settle_from_lines(
    merchant: Merchant, lines: Iterable[Line], *, at: datetime
) -> list[str]:
    """What the statement books is settled: a debit under our key went out, a credit
    came back. Returns the keys of the legs it moved; running it again moves none.

    A line has no number of the payment; the key is the leg's own, and the leg's
    payment is the only one it can be about, so its number stands for it. What differs
    in amount or currency goes to a person, as everywhere.
    """
    by_key: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda line: line.back):
        by_key.setdefault(line.key, []).append(line)
    moved = []
    with transaction.atomic():
        legs = _legs_of(merchant).filter(key__in=[key for key in by_key if key])
        pairs = lock_legs(legs)
        known = _known([leg for _request, leg in pairs])
        for request, leg in pairs:
            for line in by_key[leg.key]:
                if (leg.pk, _in_brief(line)) in known:
                    continue
                if _settle(request, leg, line, at=at):
                    moved.append(leg.key)
    return list(dict.fromkeys(moved))


def _check_new(merchant: Merchant, content: bytes, digest: str) -> None:
    if not content or len(content) > LARGEST:
        raise RefundError(
            _("The file is empty, or larger than 5 MB. Nothing was read."), field="file"
        )
    known = ReceivedFile.objects.filter(merchant=merchant, sha256=digest)
    if known.exists():
        raise _taken_before()


def _taken_before() -> RefundError:
    return RefundError(
        _("This very file was taken already. Nothing moved again."), field="file"
    )


def _keep(
    merchant: Merchant,
    name: str,
    content: bytes,
    digest: str,
    *,
    by: User,
    at: datetime,
) -> ReceivedFile:
    try:
        with transaction.atomic():
            return ReceivedFile.objects.create(
                merchant=merchant,
                kind=ReceivedFile.Kind.STATUS,
                name=name[:200],
                sha256=digest,
                content=content,
                received_at=at,
                uploaded_by=by,
            )
    except IntegrityError:
        raise _taken_before() from None


def _legs_of(merchant: Merchant) -> QuerySet[PayoutLeg]:
    """What went out in some batch; whatever else has its key on a statement did not
    go by us."""
    return PayoutLeg.objects.filter(merchant=merchant, batch__isnull=False)


def _apply_answer(
    batch: PayoutBatch, results: list[Result], *, days: int, by: User, at: datetime
) -> list[Row]:
    by_key = {result.key: result for result in results}
    rows = []
    pairs = lock_legs(PayoutLeg.objects.filter(batch=batch))
    if not all(NOT_OWN_CUSTOMER(request, by) for request, _leg in pairs):
        raise NotPermitted(
            _("It is about a customer you belong to. A colleague has to take it.")
        )
    for request, leg in pairs:
        result = by_key.pop(leg.key, None) or by_key.get("")
        if result is None:
            words = _("Not in the answer: it stays as it is.")
            rows.append(Row(leg.key, NOT_LISTED, leg.state, words))
        else:
            rows.append(_apply(request, leg, _told(result, leg), days=days, at=at))
    for key in sorted(by_key.keys() - {""}):
        words = _("Not of this batch: nothing was done.")
        rows.append(Row(key, by_key[key].code, "", words))
    return rows


def _told(result: Result, leg: PayoutLeg) -> Result:
    """As the leg's own evidence. The bank knows no number of the payment; the key is
    the leg's alone, so its payment is meant. PostgreSQL keeps no NUL in a text."""
    return replace(
        result,
        key=leg.key,
        trade_number=leg.allocation.payment.trade_number,
        code=result.code.replace("\x00", "")[:60],
        message=result.message.replace("\x00", ""),
        provider_number=result.provider_number.replace("\x00", "")[:64],
    )


def _apply(
    request: RefundRequest, leg: PayoutLeg, result: Result, *, days: int, at: datetime
) -> Row:
    before = leg.state
    call = log_call(leg, PayoutCall.Kind.FILE, result, at=at)
    if before in MOVED_NOTHING:
        return _row(leg, result, _after_the_end(result))
    if before == LegState.SUCCEEDED and _confirms(result):
        return _row(leg, result, _("It was settled already."))
    result = _no_more_than_said(result, leg)
    request = lock(request)  # As its other legs in this file left it.
    conclude(request, leg, result, call=call, at=at)
    if result.reason is Reason.ALREADY_DONE and leg.state in IN_FLIGHT:
        # The file itself may have gone in twice: nobody sends anything again.
        block(lock(request), leg, result.code, at=at)
    elif leg.state == LegState.PROCESSING:
        leg.next_at = silence_ends(request, days=days, at=at)
        leg.save(update_fields=["next_at"])
    words = _("Unchanged.") if leg.state == before else _("Moved by this file.")
    return _row(leg, result, words)


def _no_more_than_said(result: Result, leg: PayoutLeg) -> Result:
    """A return of another sum, and a refusal of what was settled, are a person's."""
    other = (result.amount, result.currency) != (leg.amount, leg.currency)
    differs = result.outcome is Outcome.REVERSED and other
    refused = result.outcome is Outcome.FAILED and leg.state == LegState.SUCCEEDED
    if not (differs or refused):
        return result
    return replace(
        result, outcome=Outcome.REJECTED, reason=Reason.NEEDS_PERSON, code=DIFFERS
    )


def _confirms(result: Result) -> bool:
    """Of a leg that succeeded: nothing that speaks against it."""
    as_before = (Outcome.SUCCEEDED, Outcome.PROCESSING)
    return result.outcome in as_before or result.reason is Reason.ALREADY_DONE


def _after_the_end(result: Result) -> str:
    if result.outcome is Outcome.SUCCEEDED:
        return _(
            "The bank says this went out, but here it ended without moving anything. "
            "Look at the account, and do not pay it again before you know."
        )
    return _("It had ended before: nothing changes.")


def _row(leg: PayoutLeg, result: Result, words: str) -> Row:
    return Row(leg.key, result.code, leg.state, words)


def _known(legs: list[PayoutLeg]) -> set[tuple[int, str]]:
    """The lines that told something of these legs already."""
    calls = PayoutCall.objects.filter(leg__in=legs, kind=PayoutCall.Kind.FILE)
    return set(calls.exclude(answer="").values_list("leg", "answer"))


def _in_brief(line: Line) -> str:
    way = "back" if line.back else "out"
    told = (way, line.at.isoformat(), line.amount, line.currency, line.provider_number)
    return " ".join(map(str, told)).replace("\x00", "")


def _settle(
    request: RefundRequest, leg: PayoutLeg, line: Line, *, at: datetime
) -> bool:
    """Whether it told anything new of the leg."""
    if leg.state in MOVED_NOTHING:
        return False  # Reconciliation shows a line that contradicts it.
    before = (leg.state, leg.code)
    result = _told(_proof(leg, line), leg)
    call = log_call(leg, PayoutCall.Kind.FILE, result, at=at)
    conclude(lock(request), leg, result, call=call, at=at)
    return (leg.state, leg.code) != before


def _proof(leg: PayoutLeg, line: Line) -> Result:
    whole = (line.amount, line.currency) == (leg.amount, leg.currency)
    result = Result(
        Outcome.SUCCEEDED,
        code="booked",
        provider_number=line.provider_number,
        amount=line.amount,
        currency=line.currency,
        answer=_in_brief(line),
    )
    if not line.back:
        return result
    if whole:
        return replace(result, outcome=Outcome.REVERSED, code="returned")
    # Most often the bank kept a fee: some of it is here, and a person says the rest.
    return replace(
        result, outcome=Outcome.REJECTED, reason=Reason.NEEDS_PERSON, code=DIFFERS
    )
