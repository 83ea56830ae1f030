"""Both sides' files are what the official formats say; neither side judges itself."""

import csv
import io
from datetime import UTC, date, datetime
from xml.etree.ElementTree import fromstring

import pytest
from defusedxml.ElementTree import fromstring as read  # type: ignore[import-untyped]

from refunds.gateways.bank import Bank
from refunds.gateways.base import Access, Instruction, Payee, Reason
from refunds.gateways.sandbox.bank import answers, statement
from refunds.gateways.sandbox.rows import Refund
from tests.refunds.gateways.bank import official

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
OURS = {
    "holder": "北京明澈科技有限公司",
    "account": "1101040160000001234",
    "bank_code": "102100099996",
    "profile": "pain.001",
}
NAME = "北京㛃𠮷贸易有限公司"
NUMBER = "6222021001112345678"
IBAN, BIC = "DE89 3704 0044 0532 0130 00", "COBADEFFXXX"


def bank(**changes: str) -> Bank:
    return Bank(Access("ours", "", OURS | changes, {}, 1.0))


def transfer(
    *,
    amount: int = 100_00,
    currency: str = "CNY",
    holder: str = NAME,
    number: str = NUMBER,
    code: str = "102100004951",
    reason: str = "RF-2026-000001",
) -> Instruction:
    return Instruction(
        key="RF2026000001L1A1",
        trade_number="T1",
        amount=amount,
        currency=currency,
        reason=reason,
        paid=max(amount, 1),
        payee=Payee(holder, number, "中国银行", code),
    )


def check(instruction: Instruction, **changes: str) -> list[Reason]:
    return bank(**changes).check(instruction, paid_at=NOW, now=NOW)


EURO = transfer(currency="EUR", holder="Jörg Müller", number=IBAN, code=BIC)


@pytest.mark.parametrize(
    "instructions",
    [
        [transfer()],
        [transfer(amount=1), transfer(amount=99_99, code="")],
        [transfer(currency="JPY", amount=12_345)],
        [EURO],
        [transfer(holder="<&> \x00\x07 'x'\n名", reason="=1+1")],
    ],
)
def test_a_batch_fits_the_official_schema(instructions: list[Instruction]) -> None:
    name, content = bank().export("MG1", instructions, now=NOW)
    assert name == "MG1.xml"
    official.pain_001().validate(content.decode())


def test_a_batch_says_what_goes_where() -> None:
    _name, content = bank().export("MG1", [transfer(amount=99_99)], now=NOW)
    document = read(content)
    wanted = {
        "MsgId": "MG1",
        "CtrlSum": "99.99",
        "EndToEndId": "RF2026000001L1A1",
        "InstdAmt": "99.99",
        "MmbId": "102100099996",
    }
    for tag, text in wanted.items():
        assert document.findtext(f".//{{*}}{tag}") == text
    assert document.findtext(".//{*}Cdtr/{*}Nm") == NAME
    assert document.findtext(".//{*}CdtrAcct/{*}Id/{*}Othr/{*}Id") == NUMBER
    assert document.find(".//{*}InstdAmt").get("Ccy") == "CNY"
    assert document.find(".//{*}SvcLvl") is None


def test_euro_goes_by_sepa_only_from_an_iban() -> None:
    """An account of ours that is none can't take part in it."""
    _name, content = bank(account=IBAN, bank_code=BIC).export("MG1", [EURO], now=NOW)
    official.pain_001().validate(content.decode())
    assert b"<Cd>SEPA</Cd>" in content
    assert b"DE89370400440532013000" in content
    assert b"SEPA" not in bank().export("MG1", [EURO], now=NOW)[1]


def test_the_plain_table_keeps_names_and_long_numbers() -> None:
    name, content = bank(profile="csv").export("MG1", [transfer()], now=NOW)
    text = content.decode("gb18030")
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert name == "MG1.csv"
    assert row["收款户名"] == NAME
    # Behind a tab it is text to a spreadsheet: no 6.22202E+18.
    assert row["收款账号"] == f"\t{NUMBER}"
    assert row["金额"] == "100.00"


@pytest.mark.parametrize("name", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=cmd|' /C'!A0"])
def test_no_cell_of_the_table_is_a_formula(name: str) -> None:
    made = bank(profile="csv", encoding="utf-8").export(
        "MG1", [transfer(holder=name, reason=name)], now=NOW
    )
    [row] = csv.DictReader(io.StringIO(made[1].decode(), newline=""))
    assert row["收款户名"].startswith("'")
    assert row["用途"].startswith("'")
    assert all(cell[:1] not in ("=", "+", "-", "@") for cell in row.values())


@pytest.mark.parametrize(
    ("instruction", "reasons"),
    [
        (transfer(), []),
        (EURO, []),
        (transfer(number="DE89370400440532013001"), [Reason.DATA]),
        (transfer(currency="EUR"), [Reason.DATA]),
        (transfer(currency="BRL"), [Reason.DATA]),
        (transfer(number="12a"), [Reason.DATA]),
        (transfer(holder=" "), [Reason.DATA]),
        (transfer(code="nowhere"), [Reason.DATA]),
        (Instruction("K", "T", 1, "CNY", "", 1), [Reason.ROUTE_CLOSED]),
    ],
)
def test_what_can_be_sent(instruction: Instruction, reasons: list[Reason]) -> None:
    assert check(instruction) == reasons


@pytest.mark.parametrize(
    "changes",
    [
        {"profile": "MT103"},
        {"holder": ""},
        {"account": "DE89370400440532013001"},
        {"bank_code": "x"},
        {"encoding": "latin-1"},
    ],
)
def test_a_merchant_that_is_not_set_up_sends_nothing(changes: dict[str, str]) -> None:
    assert Reason.CONFIG in check(transfer(), **changes)


def test_the_table_carries_no_foreign_money() -> None:
    assert check(transfer(currency="USD"), profile="csv") == [Reason.DATA]


SAID = [
    answers.Said("K1", "ACTC", "1.00", "CNY", number="B1"),
    answers.Said("K2", "ACSC", "2.00", "CNY", number="B2"),
    answers.Said("K3", "RJCT", "3.00", "CNY", "AC04"),
]


@pytest.mark.parametrize("said", [SAID[:1], SAID[1:2], SAID[2:], SAID, []])
@pytest.mark.parametrize("amounts", [True, False])
def test_the_sandboxs_answer_fits_the_official_schema(
    said: list[answers.Said],
    amounts: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    content = answers.pain_002(
        "MG1", said, now=NOW, refusal="" if said else "AM05", amounts=amounts
    )
    official.pain_002().validate(content.decode())


def a_statement(*currencies: str) -> bytes:
    moved = [
        Refund(
            trade_no=f"K{currency}",
            key=f"K{currency}",
            amount_minor=12_345,
            at=NOW,
            number=f"B{currency}",
            traits={
                "currency": currency,
                "settled_at": NOW.isoformat(),
                "returned_at": NOW.isoformat(),
                "reason": "AC04",
            },
        )
        for currency in currencies
    ]
    return statement.camt_053(
        statement.entries(moved), date(2026, 11, 16), account=OURS["account"], now=NOW
    )


@pytest.mark.parametrize("currencies", [(), ("CNY",), ("CNY", "JPY")])
def test_the_sandboxs_statement_fits_the_classes_of_the_schema(
    currencies: tuple[str, ...],
) -> None:
    document = fromstring(a_statement(*currencies))
    assert document.tag == f"{{{official.CAMT_NAMESPACE}}}Document"
    assert official.faults(document, official.camt_document()) == []


def test_the_check_of_statements_finds_faults() -> None:
    broken = a_statement("CNY").replace(b"<Cd>BOOK</Cd>", b"<Cx>BOOK</Cx>", 1)
    broken = broken.replace(b"<CdtDbtInd>DBIT", b"<CdtDbtInd>OUT", 1)
    assert official.faults(fromstring(broken), official.camt_document()) == [
        "/Document/BkToCstmrStmt/Stmt/Ntry/CdtDbtInd: 'OUT'",
        "/Document/BkToCstmrStmt/Stmt/Ntry/Sts: no Cx",
    ]
