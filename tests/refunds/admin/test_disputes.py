"""Disputes in the console: the list, recording one, how it ended."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Payment
from refunds.models import Dispute
from tests.people import Case
from tests.refunds.pages.states import more
from tests.refunds.pages.visits import queries, reads, text_of, told, visitor

LIST = "/admin/refunds/dispute/"
READERS = ("evaluator", "auditor", "account_manager", "superuser")
RECORD = f"{LIST}record/"


@pytest.fixture
def finance(case: Case) -> Client:
    return visitor(case.people.finance)


def typed(**other: str) -> dict[str, str]:
    return {
        "trade_number": Payment.objects.earliest("pk").trade_number,
        "reference": "dp_1",
        "amount": "1,200.00",
        "reason": "Not recognised",
        "opened_at": "2026-11-15T10:00",
        **other,
    }


def record(client: Client, **other: str) -> Any:
    return client.post(RECORD, typed(**other))


def test_finance_records_one_and_how_it_ended(case: Case, finance: Client) -> None:
    request = case.agreed()
    assert "Record a dispute" in reads(finance, LIST)
    assert "Transaction number of the payment" in reads(finance, RECORD)
    answer = record(finance)
    dispute = Dispute.objects.get()
    assert answer["Location"] == f"{LIST}{dispute.pk}/change/"
    assert "nothing of the payment is refunded" in told(answer)
    assert (dispute.amount, dispute.recorded_by) == (1_200_00, case.people.finance)
    assert dispute.opened_at == case.at - timedelta(days=1)
    page = reads(finance, f"{LIST}{dispute.pk}/change/")
    for words in (str(request.number), "CNY 1,200.00 / CNY 12,000.00", "Open"):
        assert words in page
    sheet = reads(finance, f"/admin/refunds/refundrequest/{request.pk}/change/")
    assert "This payment is in dispute: nothing of it is refunded meanwhile." in sheet
    end = f"{LIST}{dispute.pk}/end/"
    assert finance.post(end, {"outcome": "drawn"}).status_code == 422
    assert "The dispute has ended." in told(finance.post(end, {"outcome": "lost"}))
    assert "finance was first" in told(finance.post(end, {"outcome": "won"}))
    page = reads(finance, f"{LIST}{dispute.pk}/change/")
    assert "Decided for the payer" in page
    assert "Record how it ended" not in page


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"trade_number": "no such"}, "There is no payment of this number"),
        ({"trade_number": "x\x00"}, "Null characters are not allowed."),
        ({"reference": ""}, "This field is required."),
        ({"amount": "0"}, "The amount has to be above zero."),
        ({"amount": "12,000.01"}, "no more than was paid"),
        ({"amount": "1.234"}, "with 2 decimals at most"),
        ({"opened_at": "2026-11-17T10:00"}, "not in the future"),
        ({"opened_at": "soon"}, "Enter a valid date/time."),
    ],
)
@pytest.mark.usefixtures("case")
def test_a_mistake_is_told_at_its_field(
    finance: Client, other: dict[str, str], words: str
) -> None:
    answer = record(finance, **other)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Dispute.objects.exists()


@pytest.mark.parametrize("who", READERS)
def test_others_read_and_record_nothing(case: Case, finance: Client, who: str) -> None:
    record(finance)
    dispute, client = Dispute.objects.get(), visitor(getattr(case.people, who))
    assert "dp_1" in reads(client, LIST)
    assert "Record a dispute" not in reads(client, LIST)
    page = f"{LIST}{dispute.pk}/change/"
    assert "Record how it ended" not in reads(client, page)
    assert client.get(RECORD).status_code == 403
    assert record(client, reference="dp_2").status_code == 403
    answer = client.post(f"{LIST}{dispute.pk}/end/", {"outcome": "won"})
    assert "This is for finance." in told(answer)
    assert client.post(page).status_code == 403
    assert Dispute.objects.get().outcome == ""


def test_who_has_no_role_or_another_customer_opens_nothing(
    case: Case, finance: Client
) -> None:
    record(finance)
    pk, people = Dispute.objects.get().pk, case.people
    lead = visitor(people.lead)
    for path in (LIST, RECORD, f"{LIST}{pk}/change/"):
        assert lead.get(path).status_code == 403
    assert lead.post(f"{LIST}{pk}/end/", {"outcome": "won"}).status_code == 403
    people.customer.account_manager = None
    people.customer.save()
    manager = visitor(people.account_manager)
    assert "dp_1" not in reads(manager, LIST)
    assert manager.get(f"{LIST}{pk}/change/").status_code == 404
    assert manager.post(f"{LIST}{pk}/end/", {"outcome": "won"}).status_code == 404
    assert finance.get(f"{LIST}nonsense/change/").status_code == 404


def test_many_disputes_cost_no_more_queries(case: Case, finance: Client) -> None:
    record(finance)
    page = f"{LIST}{Dispute.objects.get().pk}/change/"
    pages = (LIST, f"{LIST}?show=open", page)
    with_one = [queries(finance, path) for path in pages]
    for other in more(case, 5):
        payment = other.service.allocations.get().payment
        record(finance, trade_number=payment.trade_number, reference=f"d{payment.pk}")
    assert Dispute.objects.count() == 6
    assert [queries(finance, path) for path in pages] == with_one
    assert "dp_1" not in reads(finance, f"{LIST}?show=ended")
