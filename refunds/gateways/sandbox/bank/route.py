"""The bank's side of the wire: files in, answers and statements out."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from urllib.parse import parse_qs, unquote

from refunds.gateways.sandbox.bank import answers, rules, statement
from refunds.gateways.sandbox.bank.batch import Unreadable, read_batch
from refunds.gateways.sandbox.bank.page import counter, handed_in
from refunds.gateways.sandbox.bank.rules import ACCOUNT, ROUTE
from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.clock import Clock
from refunds.gateways.sandbox.faults import Fault
from refunds.gateways.sandbox.ledger import Ledger
from refunds.gateways.sandbox.rows import Refund
from refunds.gateways.sandbox.wire import Order, Reply, Request

PREFIX = "/bank/"
ANSWERS = f"{PREFIX}answers/"
HOLDER, BRANCH = "北京明澈科技有限公司", "102100099996"
XML, TABLE = "application/xml; charset=utf-8", "text/csv"


class Bank:
    name = ROUTE
    prefixes: Collection[str] = (PREFIX,)
    # `refuse:CODE` sends all of a batch back; the others leave something out.
    methods: Mapping[str, Mapping[str, bool]] = {
        "bank.files": {"refuse": True},
        "bank.answers": {"without_amounts": False, "group_only": False},
        "bank.statement": {},
        "bank.page": {},
    }

    def __init__(self, *, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def read(self, request: Request) -> Order:
        if (request.verb, request.path) == ("POST", f"{PREFIX}files"):
            content_type = request.headers.get("content-type", "")
            content = handed_in(request.body, content_type)
            return Order(method="bank.files", business={"content": content})
        if request.verb == "GET" and request.path.startswith(ANSWERS):
            number = unquote(request.path.removeprefix(ANSWERS))
            return Order(method="bank.answers", key=number)
        if (request.verb, request.path) == ("GET", f"{PREFIX}statement"):
            day = parse_qs(request.query).get("day", [""])[0]
            return Order(method="bank.statement", business={"day": day})
        if (request.verb, request.path) == ("GET", PREFIX):
            return Order(method="bank.page")
        return Order(method="bank.page", refusal="not here")

    def answer(self, order: Order, fault: Fault | None) -> Reply:
        if order.refusal:
            return _words(404, "There is no such counter.")
        with self._ledger.transaction() as books:
            rules.bring_up(books, now=self._clock.now())
            match order.method:
                case "bank.files":
                    return self._take(order, books, fault)
                case "bank.answers":
                    return self._tell(order.key, books, fault)
                case "bank.statement":
                    return self._state(str(order.business["day"]), books)
                case _:
                    return self._page(books)

    def turn(self, refund: Refund, outcome: str, *, books: Books) -> Refund:
        now = self._clock.now()
        rules.bring_up(books, now=now)
        current = books.refund(ROUTE, key=refund.key) or refund
        return rules.turned(current, outcome, now=now)

    def _take(self, order: Order, books: Books, fault: Fault | None) -> Reply:
        content = order.business["content"]
        assert isinstance(content, bytes)
        try:
            batch = read_batch(content)
        except Unreadable as error:
            return _words(400, str(error))
        now = self._clock.now()
        refuses = fault.argument if fault and fault.name == "refuse" else ""
        refusal = refuses or rules.take(batch, books=books, now=now)
        if not refusal:
            return self._tell(batch.number, books, None)
        if batch.is_table:
            said = [
                answers.Said(t.key, "RJCT", t.amount, t.currency, refusal)
                for t in batch.transfers
            ]
            return _file(
                answers.table(batch.number, said, encoding=batch.encoding),
                _name(batch.number, "refused.csv"),
                told=refusal,
            )
        return _file(
            answers.pain_002(batch.number, [], now=now, refusal=refusal),
            _name(batch.number, "refused.xml"),
            told=refusal,
        )

    def _tell(self, number: str, books: Books, fault: Fault | None) -> Reply:
        kept = books.kept_reply(ROUTE, number)
        if kept is None:
            return _words(404, f"No batch {number} was handed in.")
        _at, about = kept
        said = [_said(each) for each in rules.transfers_of(books, number)]
        for key, (amount, currency, *reason) in about["doubles"].items():
            code = reason[0] if reason else "AM05"
            said.append(answers.Said(key, "RJCT", amount, currency, code))
        if about["encoding"]:
            content = answers.table(number, said, encoding=about["encoding"])
            return _file(content, _name(number, "answer.csv"), told="table")
        name = fault.name if fault else ""
        content = answers.pain_002(
            number,
            said,
            now=self._clock.now(),
            amounts=name != "without_amounts",
            listed=name != "group_only",
        )
        return _file(content, _name(number, "answer.xml"), told="pain.002")

    def _state(self, day: str, books: Books) -> Reply:
        try:
            wanted = date.fromisoformat(day)
        except ValueError:
            return _words(400, "day: expected YYYY-MM-DD.")
        booked = statement.entries(books.refunds(ROUTE))
        content = statement.camt_053(
            booked, wanted, account=ACCOUNT, now=self._clock.now()
        )
        return _file(content, f"statement-{wanted}.xml", told="camt.053")

    def _page(self, books: Books) -> Reply:
        batches: dict[str, list[str]] = {}
        for each in books.refunds(ROUTE):
            batches.setdefault(each.traits["batch"], []).append(each.status)
        today = self._clock.now().astimezone(statement.BEIJING).date()
        return Reply(body=counter(batches, today=today), told="page")


def _said(transfer: Refund) -> answers.Said:
    traits = transfer.traits
    return answers.Said(
        key=transfer.key,
        status=transfer.status,
        amount=traits["amount"],
        currency=traits["currency"],
        reason=traits.get("reason", ""),
        number=transfer.number,
    )


def _file(content: bytes, name: str, *, told: str) -> Reply:
    return Reply(
        body=content,
        content_type=XML if name.endswith(".xml") else TABLE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        told=told,
    )


def _name(number: str, ending: str) -> str:
    """A number is the caller's own text; a header takes letters and digits of it."""
    return f"{re.sub('[^A-Za-z0-9]', '', number)}-{ending}"


def _words(status: int, words: str) -> Reply:
    return Reply(
        status=status,
        body=words.encode(),
        content_type="text/plain; charset=utf-8",
        told=f"HTTP {status}",
    )
