"""The console's page of bank batches: finance works there, nobody else."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from refunds.models import LegState, PayoutBatch, ReceivedFile, RefundRequest
from refunds.payouts.stop import stop
from tests.people import People, make_case
from tests.refunds.pages.visits import clock_stands_still as clock_stands_still
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.pages.visits import text_of, visitor
from tests.refunds.payouts.bank.counter import (
    PAYER_NAME,
    PAYER_NUMBER,
    Counter,
    released_by_bank,
)
from tests.refunds.payouts.till import leg_of

LIST = "/admin/refunds/payoutbatch/"


@pytest.fixture
def finance(counter: Counter) -> Client:
    return visitor(counter.finance)


def make(client: Client, counter: Counter) -> Any:
    return client.post(f"{LIST}make/{counter.merchant.pk}/CNY/")


def upload(client: Client, counter: Counter, content: bytes) -> Any:
    file = SimpleUploadedFile("回单.xml", content)
    return client.post(
        f"{LIST}answer/", {"merchant": counter.merchant.pk, "file": file}
    )


def test_from_what_waits_to_what_the_bank_said(
    owed: RefundRequest, counter: Counter, finance: Client
) -> None:
    counter.till.work()
    page = text_of(finance.get(LIST))
    assert "CN¥10,000.00" in page or "10,000.00" in page
    assert "Make a batch in CNY" in page
    made = make(finance, counter)
    batch = PayoutBatch.objects.get()
    assert made["Location"] == f"{LIST}{batch.pk}/change/"
    sheet = finance.get(made["Location"])
    assert "****5678" in text_of(sheet)
    file = finance.post(f"{LIST}{batch.pk}/download/")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Disposition"] == f'attachment; filename="{batch.name}"'
    batch.refresh_from_db()
    assert batch.first_downloaded_at is not None
    answer = counter.hand_in(file.content)
    told = text_of(upload(finance, counter, answer))
    assert "Under way" in told
    assert "ACTC" in told
    assert batch.number in told
    assert leg_of(owed).code == "ACTC"


def test_a_refusal_says_why_and_what_to_do(
    owed: RefundRequest, counter: Counter, finance: Client
) -> None:
    batch = counter.batch()
    answer = counter.hand_in(counter.content(batch))
    assert upload(finance, counter, answer).status_code == 200
    again = upload(finance, counter, answer)
    assert again.status_code == 422
    assert "taken already" in text_of(again)
    foreign = answer.replace(batch.number.encode(), b"OTHER")
    assert "No batch of this account is called OTHER" in text_of(
        upload(finance, counter, foreign)
    )
    assert "no complete XML" in text_of(upload(finance, counter, b"<broken"))
    nothing = finance.post(f"{LIST}answer/", {})
    assert nothing.status_code == 422
    assert ReceivedFile.objects.count() == 1


def test_pressing_again_makes_no_second_batch(
    owed: RefundRequest, counter: Counter, finance: Client
) -> None:
    counter.till.work()
    make(finance, counter)
    again = make(finance, counter)
    assert again["Location"] == LIST
    assert "nothing waits any more" in text_of(finance.get(LIST))
    assert PayoutBatch.objects.count() == 1


def test_stopped_is_said_before_and_after_pressing(
    owed: RefundRequest, counter: Counter, finance: Client
) -> None:
    counter.till.work()
    stop(route="bank_transfer", reason="Audit", by=counter.finance, at=counter.at)
    page = text_of(finance.get(LIST))
    assert "Payouts are stopped (Audit)" in page
    assert "Make a batch" not in page
    make(finance, counter)
    assert "Payouts are stopped (Audit)" in text_of(finance.get(LIST))
    assert leg_of(owed).state == LegState.PREPARED


def test_only_finance_acts_and_the_auditor_reads(
    owed: RefundRequest, counter: Counter, people: People
) -> None:
    batch = counter.batch()
    answer = counter.hand_in(counter.content(batch))
    PayoutBatch.objects.update(first_downloaded_at=None)
    others = {
        people.auditor: 200,
        people.superuser: 200,
        people.approver: 403,
        people.evaluator: 403,
        people.account_manager: 403,
        people.owner: 302,
    }
    for person, reads in others.items():
        client = visitor(person)
        acts = 302 if person == people.owner else 403
        assert client.get(LIST).status_code == reads
        assert client.get(f"{LIST}{batch.pk}/change/").status_code == reads
        assert make(client, counter).status_code == acts
        assert client.post(f"{LIST}{batch.pk}/download/").status_code == acts
        assert upload(client, counter, answer).status_code == acts
    batch.refresh_from_db()
    assert batch.first_downloaded_at is None
    assert leg_of(owed).code == ""


def test_no_page_shows_an_account_or_a_name(
    owed: RefundRequest, counter: Counter, finance: Client
) -> None:
    batch = counter.batch()
    for address in (LIST, f"{LIST}{batch.pk}/change/"):
        html = finance.get(address).content.decode()
        assert PAYER_NUMBER not in html
        assert PAYER_NAME not in html


def test_a_door_takes_only_posts(counter: Counter, finance: Client) -> None:
    for door in ("make/1/CNY/", "answer/", "1/download/"):
        assert finance.get(f"{LIST}{door}").status_code == 405


def test_more_batches_and_transfers_ask_no_more(
    owed: RefundRequest, counter: Counter, finance: Client, people: People
) -> None:
    first = counter.batch()

    def questions(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert finance.get(address).status_code == 200
        return len(asked)

    before = questions(LIST), questions(f"{LIST}{first.pk}/change/")
    for _each in range(2):
        released_by_bank(make_case(people, at=counter.at), at=counter.at)
    second = counter.batch()
    assert second.count == 2
    assert (questions(LIST), questions(f"{LIST}{second.pk}/change/")) == before
