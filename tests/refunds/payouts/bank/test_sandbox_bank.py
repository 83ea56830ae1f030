"""The sandbox's bank by itself: its counter, what it refuses, and the plain table."""

import httpx
import pytest

from refunds.models import LegState, Merchant, RefundRequest
from tests.refunds.payouts.bank.counter import PAYER_NAME, PAYER_NUMBER, Counter
from tests.refunds.payouts.till import leg_of


@pytest.fixture
def by_table(counter: Counter) -> None:
    """The bank in use takes the plain table."""
    merchant = counter.merchant
    settings = merchant.settings | {"profile": "csv"}
    Merchant.objects.filter(pk=merchant.pk).update(settings=settings)


def test_a_person_hands_the_file_in_at_the_counter(
    owed: RefundRequest, counter: Counter
) -> None:
    batch, bank = counter.batch(), f"{counter.till.sandbox.url}/bank/"
    files = {"file": (batch.name, counter.content(batch), "application/xml")}
    handed_in = httpx.post(f"{bank}files", files=files)
    assert "attachment" in handed_in.headers["Content-Disposition"]
    counter.take(handed_in.content)
    assert leg_of(owed).code == "ACTC"
    page = httpx.get(bank).text
    assert f'href="/bank/answers/{batch.number}"' in page
    assert httpx.get(f"{bank}answers/NONE").status_code == 404
    assert httpx.get(f"{bank}vault").status_code == 404
    assert httpx.get(f"{bank}statement", params={"day": "x"}).status_code == 400


def test_the_table_goes_both_ways_with_names_and_numbers_whole(
    by_table: None, owed: RefundRequest, counter: Counter
) -> None:
    """And what comes back after days is told by the table too."""
    batch = counter.batch()
    content = counter.content(batch)
    assert PAYER_NAME in content.decode("gb18030")
    counter.take(counter.hand_in(content))
    [transfer] = counter.till.sandbox.ledger.refunds()
    assert transfer.traits["account"] == PAYER_NUMBER
    assert transfer.traits["holder"] == PAYER_NAME
    counter.till.later(hours=1)
    counter.take(counter.answer(batch))
    assert leg_of(owed).state == LegState.SUCCEEDED
    counter.turn(leg_of(owed), "returned:AC06")
    counter.take(counter.answer(batch))
    assert (leg_of(owed).state, leg_of(owed).code) == (LegState.REVERSED, "AC06")


@pytest.mark.parametrize(
    ("was", "becomes", "code"),
    [
        (PAYER_NUMBER, "DE89370400440532013001", b"AC01"),
        ('Ccy="CNY"', 'Ccy="BRL"', b"AM12"),
        ("1101040160000001234", "1101040160000009999", b"AC02"),
    ],
)
def test_the_bank_checks_what_a_schema_does_not(
    was: str, becomes: str, code: bytes, owed: RefundRequest, counter: Counter
) -> None:
    content = counter.content(counter.batch()).decode()
    assert was in content
    answer = counter.hand_in(content.replace(was, becomes).encode())
    assert code in answer
    assert b"<GrpSts>RJCT" in answer
    assert counter.till.moved() == []


def test_what_is_no_batch_is_not_taken(counter: Counter) -> None:
    url = f"{counter.till.sandbox.url}/bank/files"
    hostile = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    for content in (b"", b"<a/>", hostile, b"a,b\n1,2\n", b"\xff\xff"):
        assert httpx.post(url, content=content).status_code == 400, content
    assert counter.till.sandbox.ledger.refunds() == []


def test_only_what_can_happen_can_be_asked_for(
    owed: RefundRequest, counter: Counter
) -> None:
    counter.send()
    for outcome in ("returned:AC04", "RJCT", "paid"):
        with pytest.raises(httpx.HTTPStatusError):
            counter.turn(leg_of(owed), outcome)
