"""A request is found by its number, its records' names, and the customer's words."""

import pytest
from django.core.management import call_command

from accounts.models import Customer
from refunds import search
from refunds.filing.drafts import save_draft
from refunds.filing.submit import submit
from refunds.models import RefundRequest, RequestWords
from refunds.search import found_by
from refunds.tasks import find_by_new_name
from tests.people import Case

pytestmark = pytest.mark.database_rules


def finds(text: str) -> bool:
    return found_by(RefundRequest.objects.all(), text).exists()


@pytest.fixture
def told(case: Case) -> RefundRequest:
    draft = case.draft()
    draft.description = "专线中断两天，Router AX-9 'died'; log\\file."
    save_draft(draft)
    return submit(draft, by=case.people.owner, at=case.at)


@pytest.mark.parametrize("common", [False, True], ids=["rare", "common"])
@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("中断", True),
        ("断", True),
        ("专线中断", True),
        ("断中", False),
        ("router", True),
        ("rout", True),
        ("outer", False),
        ("AX-9", True),
        ("xinghe 中断", True),
        ("xinghe nothing", False),
        ("'died'", True),
        ("file", True),
        ("%", False),
        ("", False),
        ("!&|:*", False),
    ],
)
def test_words_find_it_or_not(
    told: RefundRequest,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    is_found: bool,  # noqa: FBT001
    common: bool,  # noqa: FBT001
) -> None:
    if common:
        monkeypatch.setattr(search, "RARE", 0)
    assert finds(text) == is_found


def test_the_beginning_of_its_number_finds_it(told: RefundRequest) -> None:
    assert finds(str(told.number).lower())
    assert finds(str(told.number)[:9])
    assert finds("RF")
    assert not finds("RF-1999-")


def test_a_new_name_finds_it_and_the_old_one_no_more(told: RefundRequest) -> None:
    Customer.objects.filter(pk=told.customer_id).update(name="蓝桥 Ltd")
    assert not finds("蓝桥")
    find_by_new_name("customer", told.customer_id)
    assert finds("蓝桥")
    assert not finds("Xinghe")
    assert finds("中断")


@pytest.mark.usefixtures("told")
def test_everything_can_be_indexed_anew() -> None:
    RequestWords.objects.all().delete()
    assert not finds("中断")
    call_command("reindex", verbosity=0)
    assert finds("中断")


@pytest.mark.parametrize("common", [False, True], ids=["rare", "common"])
def test_the_end_of_its_number_finds_it_and_words_of_digits_do_still(
    told: RefundRequest,
    monkeypatch: pytest.MonkeyPatch,
    common: bool,  # noqa: FBT001
) -> None:
    if common:
        monkeypatch.setattr(search, "RARE", 0)
    end = told.number.rpartition("-")[2]  # type: ignore[union-attr]
    assert finds(end)
    assert finds(str(int(end)))
    assert finds("20"), "so begins a word of its contract"
    assert not finds("876543")
    assert not finds("999999999999")
