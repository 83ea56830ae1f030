"""What the bank's files say; what is hostile, broken or another's says nothing."""

from datetime import UTC, date, datetime

import pytest

from refunds.gateways.bank import Bank
from refunds.gateways.base import Outcome, Reason, Result, StatementBroken
from refunds.gateways.sandbox.bank import answers
from tests.refunds.gateways.bank.test_formats import NOW, OURS, a_statement, bank

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Document>&b;</Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Document>&x;</Document>"""
DOCTYPE = b'<!DOCTYPE Document SYSTEM "http://127.0.0.1:1/x.dtd"><Document/>'


def pain(*said: answers.Said, refusal: str = "", amounts: bool = True) -> bytes:
    return answers.pain_002("MG1", said, now=NOW, refusal=refusal, amounts=amounts)


def result_of(content: bytes) -> Result:
    number, results = bank().read_answer(content)
    assert number == "MG1"
    return results[-1]


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE, DOCTYPE])
def test_entities_and_document_types_are_not_read(content: bytes) -> None:
    for read in (bank().read_answer, bank().read_statement):
        with pytest.raises(StatementBroken, match="document type or entities"):
            read(content)


@pytest.mark.parametrize(
    "content",
    [
        b"<",
        b"<Document>",
        b'<?xml version="1.0" encoding="klingon"?><Document/>',
        b"<Document/>",
        b"<Document><CstmrPmtStsRpt/></Document>",
        b"\xff\xfe\x00",
        b"",
        b"a;b;c\n1;2;3\n",
        pain(answers.Said("K1", "ACSC", "1.001", "CNY")),
        pain(answers.Said("K1", "ACSC", "-1", "CNY")),
        pain(answers.Said("K1", "ACSC", "1e3", "CNY")),
        pain(answers.Said("K1", "ACSC", "1", "yuan")),
        pain(answers.Said("K1", "DONE", "1", "CNY")),
        pain(answers.Said("", "ACSC", "1", "CNY")),
        pain(*[answers.Said("K1", "ACSC", "1", "CNY")] * 2),
    ],
)
def test_what_is_no_answer_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(StatementBroken) as broken:
        bank().read_answer(content)
    assert str(broken.value).endswith(".")


@pytest.mark.parametrize("status", ["RCVD", "ACTC", "ACCP", "PDNG", "ACSP", "ACWC"])
def test_accepted_is_not_paid(status: str) -> None:
    found = result_of(pain(answers.Said("K1", status, "1", "CNY")))
    assert (found.outcome, found.code) == (Outcome.PROCESSING, status)


def test_settled_is_paid_where_the_amount_is_said() -> None:
    found = result_of(pain(answers.Said("K1", "ACSC", "12.50", "CNY", number="B")))
    assert (found.outcome, found.amount, found.currency) == (
        Outcome.SUCCEEDED,
        12_50,
        "CNY",
    )
    assert (found.key, found.provider_number) == ("K1", "B")
    bare = result_of(pain(answers.Said("K1", "ACSC", "1", "CNY"), amounts=False))
    assert (bare.outcome, bare.code) == (Outcome.PROCESSING, "ACSC")


@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        ("AC01", Outcome.FAILED, Reason.DATA),
        ("AC03", Outcome.FAILED, Reason.DATA),
        ("AG01", Outcome.FAILED, Reason.DATA),
        ("RC01", Outcome.FAILED, Reason.DATA),
        ("AC04", Outcome.FAILED, Reason.ROUTE_CLOSED),
        ("AC06", Outcome.FAILED, Reason.ROUTE_CLOSED),
        ("AM04", Outcome.FAILED, Reason.BALANCE),
        ("AM05", Outcome.REJECTED, Reason.ALREADY_DONE),
        ("BE01", Outcome.REJECTED, Reason.NEEDS_PERSON),
        ("BE04", Outcome.REJECTED, Reason.NEEDS_PERSON),
        ("RR03", Outcome.REJECTED, Reason.NEEDS_PERSON),
        ("MD07", Outcome.REJECTED, Reason.NEEDS_PERSON),
        ("FF01", Outcome.REJECTED, Reason.NEEDS_PERSON),
        ("ZZ99", Outcome.REJECTED, Reason.NEEDS_PERSON),
    ],
)
def test_why_it_was_refused(code: str, outcome: Outcome, reason: Reason) -> None:
    found = result_of(pain(answers.Said("K1", "RJCT", "1", "CNY", code)))
    assert (found.outcome, found.reason, found.code) == (outcome, reason, code)
    group = result_of(pain(refusal=code))
    assert (group.key, group.outcome, group.reason) == ("", outcome, reason)


def test_part_says_nothing_of_what_is_not_listed() -> None:
    said = (
        answers.Said("K1", "ACTC", "1", "CNY"),
        answers.Said("K2", "ACSC", "1", "CNY"),
    )
    _number, results = bank().read_answer(pain(*said))
    assert [found.key for found in results] == ["K2"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_the_table_of_results(encoding: str) -> None:
    said = [
        answers.Said("K1", "ACSC", "1.00", "CNY", number="B1"),
        answers.Said("K2", "RJCT", "2.00", "CNY", "AC04"),
        answers.Said("K3", "RTRN", "3.00", "CNY", "AC06"),
        answers.Said("K4", "ACTC", "4.00", "CNY"),
        answers.Said("K5", "RJCT", "5.00", "CNY"),
    ]
    made = answers.table("MG1", said, encoding=encoding)
    number, results = bank(profile="csv", encoding=encoding).read_answer(made)
    assert number == "MG1"
    assert [(r.key, r.outcome, r.reason, r.code) for r in results] == [
        ("K1", Outcome.SUCCEEDED, None, "成功"),
        ("K2", Outcome.FAILED, Reason.ROUTE_CLOSED, "AC04"),
        ("K3", Outcome.REVERSED, None, "AC06"),
        ("K4", Outcome.PROCESSING, None, "处理中"),
        ("K5", Outcome.REJECTED, Reason.NEEDS_PERSON, "失败"),
    ]
    assert (results[0].amount, results[0].currency) == (100, "CNY")
    assert results[0].provider_number == "B1"


def test_a_table_in_another_encoding_is_refused() -> None:
    made = answers.table(
        "MG1", [answers.Said("K1", "ACTC", "1", "CNY")], encoding="gbk"
    )
    with pytest.raises(StatementBroken, match="table in utf-8"):
        bank(profile="csv", encoding="utf-8").read_answer(made)


def test_a_statement_has_what_went_out_and_what_came_back() -> None:
    out, back = bank().read_statement(a_statement("CNY"))
    assert (out.key, out.amount, out.currency, out.back) == (
        "KCNY",
        12_345,
        "CNY",
        False,
    )
    assert (out.provider_number, out.at) == ("BCNY", NOW)
    assert (back.key, back.provider_number, back.back) == ("KCNY", "BCNYR", True)


def test_yen_have_no_cents() -> None:
    out, _back = bank().read_statement(a_statement("JPY"))
    assert (out.amount, out.currency) == (12_345, "JPY")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"<RtrInf>", b"<RmtInf>"),  # Somebody paid us.
        (b"<Cd>BOOK", b"<Cd>PDNG"),  # It may not come to pass.
        (b"KCNY", b"NOTPROVIDED"),  # A salary, say.
    ],
)
def test_what_is_no_refund_is_no_line(was: bytes, becomes: bytes) -> None:
    closing = was.replace(b"<", b"</"), becomes.replace(b"<", b"</")
    content = a_statement("CNY").replace(was, becomes).replace(*closing)
    assert not [line for line in bank().read_statement(content) if line.back]


def test_a_statement_of_another_account_is_refused() -> None:
    adapter = bank(account="1101040160000009999")
    assert OURS["account"] != "1101040160000009999"
    with pytest.raises(StatementBroken, match="another account"):
        adapter.read_statement(a_statement("CNY"))


def test_an_older_version_and_a_day_alone_are_read() -> None:
    content = a_statement("CNY").replace(b"camt.053.001.08", b"camt.053.001.02")
    content = content.replace(b"<Sts><Cd>BOOK</Cd></Sts>", b"<Sts>BOOK</Sts>")
    moment = b"<DtTm>2026-11-16T10:00:00+08:00</DtTm>"
    content = content.replace(moment, b"<Dt>2026-11-16</Dt>")
    [out, _back] = bank().read_statement(content)
    assert out.at == datetime(2026, 11, 16, tzinfo=UTC)
    assert out.at.date() == date(2026, 11, 16)


def test_no_amount_and_no_day_are_refused() -> None:
    content = a_statement("CNY")
    for was, becomes in ((b"123.45", b"a lot"), (b"BookgDt", b"Booked")):
        with pytest.raises(StatementBroken):
            bank().read_statement(content.replace(was, becomes))


def test_the_adapter_is_a_route_by_files() -> None:
    assert Bank.capabilities.by_file
    assert not Bank.capabilities.same_key
