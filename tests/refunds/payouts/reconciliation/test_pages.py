"""Finance's pages of reconciliation; the auditor reads them; nobody else does."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from refunds.models import (
    Discrepancy,
    Merchant,
    OutsideRefund,
    PaymentBalance,
    PayoutLeg,
    ReceivedFile,
    StatementLine,
)
from tests.people import Case, People
from tests.refunds.admin.conftest import clock_stands_still as clock_stands_still
from tests.refunds.admin.conftest import plain_static_files as plain_static_files
from tests.refunds.pages.visits import queries, reads, text_of, told, visitor
from tests.refunds.payouts.reconciliation.bills import (
    MONDAY,
    Row,
    alipay,
    bill,
    brings,
    portal_row,
    row_of,
)
from tests.refunds.payouts.till import Till

LIST = "/admin/refunds/discrepancy/"
FILES = "/admin/refunds/receivedfile/"
SUNDAY = MONDAY - timedelta(days=1)


@pytest.fixture
def merchant(case: Case) -> Merchant:
    return Merchant.objects.create(
        route="alipay", number="1", usual=True, address="http://127.0.0.1:9/"
    )


def sends(client: Client, *rows: Row, content: bytes = b"", **other: object) -> Any:
    file = SimpleUploadedFile("bill.zip", content or bill(rows))
    typed = {"merchant": alipay().pk, "day": SUNDAY, "file": file, **other}
    return client.post(
        f"{FILES}bring/",
        {"what": "upload", **{f"upload-{k}": v for k, v in typed.items()}},
    )


def item() -> Discrepancy:
    return Discrepancy.objects.get()


def page_of(found: Discrepancy) -> str:
    return f"{LIST}{found.pk}/change/"


def press(client: Client, name: str, **typed: str) -> Any:
    return client.post(f"{LIST}{item().pk}/{name}/", typed)


def stated(client: Client, *, amount: int = 500_00) -> None:
    answer = sends(client, portal_row(amount, day=SUNDAY))
    assert answer.status_code == 302, text_of(answer)


def test_finance_uploads_and_reads_what_came_of_it(
    people: People, merchant: Merchant
) -> None:
    client = visitor(people.finance)
    assert "Bring a statement" in reads(client, FILES)
    answer = sends(client, portal_row(day=SUNDAY))
    file = ReceivedFile.objects.get()
    assert answer["Location"] == f"{FILES}{file.pk}/change/"
    page = reads(client, answer["Location"])
    assert "1 lines about refunds" in page
    assert "0 found among ours" in page
    assert "On the statement, not ours" in page
    assert "Booked against the payment on 2026-11-16, by itself." in page
    assert "bill.zip" in reads(client, FILES)


def test_a_wrong_file_says_so_at_its_field(people: People, merchant: Merchant) -> None:
    client = visitor(people.finance)
    for answer, words in (
        (sends(client, content=b"no zip"), "can't be read as a statement"),
        (sends(client, day="2026-11-30"), "This day has not come yet."),
        (sends(client, day="soon"), "Enter a valid date."),
        (sends(client, portal_row()), "is about 2026-11-16, not 2026-11-15"),
        (sends(client, file=""), "This field is required."),
    ):
        assert answer.status_code == 422
        assert words in text_of(answer)
    assert not ReceivedFile.objects.exists()


def test_fetching_now_asks_the_route(people: People, till: Till, case: Case) -> None:
    client = visitor(people.finance)
    typed = {"what": "fetch", "fetch-merchant": alipay().pk, "fetch-day": str(SUNDAY)}
    answer = client.post(f"{FILES}bring/", typed)
    assert answer.status_code == 302
    assert ReceivedFile.objects.get().day == SUNDAY
    till.fails("http_500_before", method="alipay.bill", times=None)
    typed["fetch-day"] = str(SUNDAY - timedelta(days=1))
    answer = client.post(f"{FILES}bring/", typed)
    assert "no readable statement of 2026-11-14 yet" in text_of(answer)
    typed["fetch-merchant"] = Merchant.objects.create(
        route="bank_transfer", number="b"
    ).pk
    answer = client.post(f"{FILES}bring/", typed)
    assert answer.status_code == 422


def test_both_sides_stand_beside_each_other(
    people: People, till: Till, paid: PayoutLeg
) -> None:
    brings(people, till, row_of(paid, amount=9_999_99))
    client = visitor(people.finance)
    page = reads(client, page_of(item()))
    assert "CNY 10,000.00" in page
    assert "CNY 9,999.99" in page
    assert str(paid.payout.request.number) in page
    assert paid.key in reads(client, LIST)
    # Each address on it leads somewhere.
    html = client.get(page_of(item())).content.decode()
    for address in (
        f"/admin/refunds/payoutleg/{paid.pk}/change/",
        f"/admin/refunds/refundrequest/{paid.payout.request_id}/change/",
    ):
        assert f'href="{address}"' in html
        assert client.get(address).status_code == 200


def test_finance_takes_it_books_it_and_takes_it_back(
    people: People, merchant: Merchant
) -> None:
    client = visitor(people.finance)
    stated(client)
    assert "finance" in told(press(client, "take")) or item().owner == people.finance
    assert item().owner == people.finance
    assert reads(client, f"{LIST}?show=mine").count("HD2026") == 1
    answer = press(client, "end", outcome="booked", words="")
    assert answer.status_code == 422
    assert "This field is required." in text_of(answer)
    answer = press(client, "end", outcome="booked", words="Made by Li, in the portal.")
    assert "This has ended: Booked against the payment." in told(answer)
    assert (item().outcome, item().ended_by) == ("booked", people.finance)
    assert PaymentBalance.objects.get().refunded == 500_00
    assert "HD2026" not in reads(client, LIST)
    assert "HD2026" in reads(client, f"{LIST}?show=ended")
    answer = press(client, "take-back", words="It was a test of the portal.")
    assert "Taken back" in told(answer)
    assert PaymentBalance.objects.get().refunded == 0
    assert OutsideRefund.objects.get().taken_back_at is not None
    page = reads(client, page_of(item()))
    assert "It was a test of the portal." in page
    assert "Take the booking back" not in page
    answer = press(client, "take-back", words="Again.")
    assert "Nothing of this is booked." in told(answer)
    answer = press(client, "end", outcome="explained", words="")
    assert "It has moved on since." in told(answer)


def test_what_has_no_room_is_not_booked_by_hand_either(
    people: People, merchant: Merchant
) -> None:
    client = visitor(people.finance)
    stated(client, amount=12_000_01)
    page = reads(client, page_of(item()))
    assert "Not booked: less than this is left of the payment" in page
    answer = press(client, "end", outcome="booked", words="It is real.")
    assert answer.status_code == 422
    assert "left to give back" in text_of(answer)
    assert item().outcome == ""


def test_what_is_overdue_stands_first_in_red(
    people: People, merchant: Merchant
) -> None:
    client = visitor(people.finance)
    for number, days in enumerate((3, -3, 1)):
        due = timezone.now() + timedelta(days=days)
        an_item(merchant, number, due_at=due)
    html = client.get(LIST).content.decode()
    assert html.index("trade:1") < html.index("trade:2") < html.index("trade:0")
    assert html.count("due-late") == 1
    page = reads(client, f"{LIST}?show=overdue")
    assert "trade:1" in page
    assert "trade:2" not in page


def an_item(merchant: Merchant, number: int, **other: Any) -> Discrepancy:
    return Discrepancy.objects.create(
        merchant=merchant,
        kind="not_ours",
        subject=f"trade:{number}",
        day=SUNDAY,
        theirs=100,
        currency="CNY",
        found_at=timezone.now(),
        **{"due_at": timezone.now(), **other},
    )


def test_the_auditor_reads_and_changes_nothing(
    people: People, merchant: Merchant
) -> None:
    stated(visitor(people.finance))
    client = visitor(people.auditor)
    for page in (LIST, FILES, page_of(item())):
        reads(client, page)
    assert "Take it in hand" not in reads(client, page_of(item()))
    assert "Bring a statement" not in reads(client, FILES)
    for name in ("take", "end", "take-back"):
        answer = press(client, name, outcome="explained", words="x")
        assert "finance" in told(answer).lower()
    assert sends(client).status_code == 403
    assert client.post(page_of(item())).status_code == 403
    assert (item().outcome, item().owner) == ("", None)
    assert PaymentBalance.objects.get().refunded == 500_00


def test_nobody_else_opens_these_pages(people: People, merchant: Merchant) -> None:
    stated(visitor(people.finance))
    file = ReceivedFile.objects.get()
    pages = (
        LIST,
        FILES,
        page_of(item()),
        f"{FILES}{file.pk}/change/",
        f"{FILES}bring/",
    )
    others = (people.account_manager, people.evaluator, people.first_line)
    for person in others:
        for page in pages:
            assert visitor(person).get(page).status_code == 403, (person, page)
        assert press(visitor(person), "take").status_code == 403
        assert sends(visitor(person)).status_code == 403
    for outsider in (people.owner, None):
        for page in pages:
            assert visitor(outsider).get(page).status_code == 302
    assert (item().owner, ReceivedFile.objects.count()) == (None, 1)


def test_strange_addresses_are_not_found(people: People, merchant: Merchant) -> None:
    client = visitor(people.finance)
    for page in (f"{LIST}999/change/", f"{LIST}x/change/", f"{FILES}x/change/"):
        assert client.get(page).status_code == 404
    assert client.get(f"{LIST}1/take/").status_code == 405


def test_fifty_rows_cost_no_more_queries_than_one(
    people: People, merchant: Merchant
) -> None:
    client = visitor(people.finance)
    stated(client)
    file = ReceivedFile.objects.get()
    pages = (LIST, FILES, f"{FILES}{file.pk}/change/", page_of(item()))
    few = [queries(client, page) for page in pages]
    for number in range(50):
        an_item(merchant, number, owner=people.finance)
        ReceivedFile.objects.create(
            merchant=merchant,
            kind="statement",
            day=SUNDAY,
            name=str(number),
            sha256=str(number),
            content=b"x",
            received_at=timezone.now(),
            uploaded_by=people.finance,
        )
    StatementLine.objects.bulk_create(
        StatementLine(
            file=file,
            position=number + 2,
            direction="out",
            amount=1,
            currency="CNY",
            at=timezone.now(),
        )
        for number in range(50)
    )
    many = [queries(client, page) for page in pages]
    assert many == few


def test_the_page_to_bring_a_statement_asks_before_it_complains(
    merchant: Merchant, people: People
) -> None:
    page = visitor(people.finance).get(f"{FILES}bring/")
    assert page.status_code == 200
    assert "This field is required." not in text_of(page)
