"""The offer: sums and alternatives as they are typed, each fault at its field."""

from html import unescape

import pytest

from accounts.models import Outage
from tests.people import Case
from tests.refunds.admin.pressing import (
    OPEN_OFFER,
    being_carried_out,
    everything,
    press,
    sheet,
)
from tests.refunds.pages.visits import reads, visitor

BESIDE = {
    "alternative": "extension",
    "alternative_words": "A month more, until 31 January.",
    "reason": "The line was down at Christmas.",
}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"amount": "1.234"}, "with 2 decimals at most"),
        ({"amount": ""}, "This field is required."),
        ({"amount": "0"}, "has to be above zero"),
        ({"amount": "-1"}, "can't be below zero"),
        ({"amount": "999,999"}, "This is above the ceiling"),
        ({"amount": "9,000"}, "This departs from what the policy computed: say why."),
        ({"amount": "9,000", "reason": "x" * 5001}, "at most 5000 characters"),
    ],
)
def test_an_offer_that_cannot_be_made_says_so_at_its_field(
    case: Case, answers: dict[str, str], words: str
) -> None:
    request = case.in_evaluation()
    before = everything()
    answer = press(visitor(case.people.evaluator), request, "offer", **answers)
    assert answer.status_code == 422
    offered = OPEN_OFFER.search(answer.content.decode())
    assert offered, "the form stands open"
    assert words in unescape(offered[1])
    assert f'value="{answers["amount"]}"' in offered[1] or not answers["amount"]
    assert everything() == before


def test_an_offer_that_departs_goes_to_a_second_person_with_its_reason(
    case: Case,
) -> None:
    request = case.in_evaluation()
    client = visitor(case.people.evaluator)
    press(client, request, "offer", amount="500", reason="Goodwill.")
    page = reads(client, sheet(request))
    assert case.request.state == "pending_approval"
    for words in ("CNY 500.00", "Departs from the computed amount.", "Goodwill."):
        assert words in page
    assert "Approve : You made this proposal" in page or "another role" in page


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({**BESIDE, "amount": "0"}, "What is owed is offered in money."),
        ({**BESIDE, "amount": "10,000", "alternative_words": " "}, "Say what exactly"),
        ({**BESIDE, "amount": "10,000", "alternative": ""}, "Choose the kind"),
        ({"amount": "10,000", "instead": "on"}, "Choose the kind of alternative."),
        (
            {**BESIDE, "amount": "10,000", "alternative": "gold"},
            "Select a valid choice",
        ),
        ({**BESIDE, "amount": "10,000", "reason": ""}, "say why"),
    ],
)
def test_an_alternative_that_cannot_be_offered_says_so_at_its_field(
    case: Case, answers: dict[str, str], words: str
) -> None:
    request = case.in_evaluation()
    before = everything()
    answer = press(visitor(case.people.evaluator), request, "offer", **answers)
    assert answer.status_code == 422
    offered = OPEN_OFFER.search(answer.content.decode())
    assert offered, "the form stands open"
    assert words in unescape(offered[1])
    assert everything() == before


@pytest.mark.parametrize(
    ("instead", "words"),
    [
        ({}, "beside the money"),
        ({"instead": "on"}, "the customer may choose it instead of the money"),
    ],
)
def test_the_sheet_says_what_exactly_is_offered_and_how(
    case: Case, instead: dict[str, str], words: str
) -> None:
    request = case.in_evaluation()
    client = visitor(case.people.evaluator)
    press(client, request, "offer", **BESIDE, amount="10,000", **instead)
    page = reads(client, sheet(request)).split("Offer CNY 10,000.00")[1]
    for said in ("Service extension", words, BESIDE["alternative_words"]):
        assert said in page
    assert "Departs from what the policy computed." in page


def test_an_alternative_alone_needs_no_money_and_is_carried_out(case: Case) -> None:
    request = being_carried_out(case)
    client = visitor(case.people.evaluator)
    page = reads(client, sheet(request))
    assert "alone, without money" in page
    assert "Agreed on: Service extension" in page
    press(client, request, "fulfil", words="The term ends a month later now.")
    page = reads(client, sheet(request))
    assert "Agreed on and carried out: Service extension" in page
    assert "The term ends a month later now." in page


def test_zero_is_typed_where_an_alternative_stands_alone(case: Case) -> None:
    Outage.objects.all().delete()
    request = case.in_evaluation()
    client = visitor(case.people.evaluator)
    press(client, request, "offer", **BESIDE, amount="0")
    assert case.request.latest_offer() is not None
    assert case.request.state == "pending_approval"
