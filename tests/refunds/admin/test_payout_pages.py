"""The lists of payouts and balances, and the page of one leg with its doors."""

import re
from typing import Any

import pytest

from accounts.models import Membership
from refunds.models import (
    LegFinding,
    LegState,
    Notification,
    OutsideRefund,
    PayoutLeg,
    RefundRequest,
)
from refunds.pages.payout_words import CODES, code_in_words
from refunds.payouts.send import NO_ANSWER, WAITS_FOR_BATCH
from refunds.payouts.stop import BREAKER, STOPPED
from refunds.states import State
from tests.people import Case, People
from tests.refunds.admin.test_finance_home import another
from tests.refunds.pages.visits import queries, reads, text_of, told, visitor
from tests.refunds.payouts.conftest import key_dir as key_dir
from tests.refunds.payouts.conftest import released as released
from tests.refunds.payouts.conftest import same_keys as same_keys
from tests.refunds.payouts.conftest import till as till
from tests.refunds.payouts.till import Till, leg_of, state_of

LEGS = "/admin/refunds/payoutleg/"
BALANCES = "/admin/refunds/paymentbalance/"
FOUND = {"moved": "yes", "provider_number": "P-7", "words": "Portal, 14:02."}


@pytest.fixture
def stuck(released: RefundRequest, till: Till) -> PayoutLeg:
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    return leg_of(released)


def page_of(leg: PayoutLeg) -> str:
    return f"{LEGS}{leg.pk}/change/"


def post(person: Any, leg: PayoutLeg, way: str, **typed: str) -> Any:
    return visitor(person).post(f"{LEGS}{leg.pk}/{way}/", typed)


def test_the_leg_tells_all_that_is_known(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails("sub_code:ACQ.SELLER_BALANCE_NOT_ENOUGH")
    till.work()
    leg = leg_of(released)
    assert leg.merchant is not None
    Notification.objects.create(
        merchant=leg.merchant,
        event_id="N-1",
        leg=leg,
        key=leg.key,
        claimed="succeeded",
        amount=leg.amount,
        received_at=till.at,
        agrees=False,
    )
    page = reads(visitor(people.finance), page_of(leg))
    for words in (
        str(released.number),
        "Xinghe Media",
        "Our balance at the provider is too low for this refund.",
        "Top up the merchant's balance; it is tried again by itself. It is up to fin",
        "refunded CNY 0.00, under way CNY 10,000.00, left CNY 2,000.00",
        "out_request_no " + leg.key,
        "refused",
        "N-1 the query says otherwise",
    ):
        assert words in page, words


def test_an_account_is_there_by_its_fingerprint_only(
    released: RefundRequest, people: People
) -> None:
    leg = leg_of(released)
    leg.pk, leg.attempt, leg.key, leg.state = None, 2, "RF2L1A2", LegState.ABANDONED
    leg.parameters = {"payee": "ab" * 32, "parts": {"a": 1}}
    leg.save(force_insert=True)
    page = reads(visitor(people.finance), page_of(leg))
    assert "payee abababab… " in page
    assert "ab" * 32 not in page
    assert '{"a": 1}' in page


def test_one_finds_out_and_another_agrees(
    stuck: PayoutLeg, case: Case, people: People
) -> None:
    assert "Record what I found" in reads(visitor(people.finance), page_of(stuck))
    answer = post(people.finance, stuck, "find-out", **FOUND)
    assert "Nothing moves until a second person agrees." in told(answer)
    finding = LegFinding.objects.get()
    assert "I looked, and agree" not in reads(visitor(people.finance), page_of(stuck))
    assert "I looked, and agree" in reads(visitor(people.approver), page_of(stuck))
    own = post(people.finance, stuck, f"decide/{finding.pk}", agreed="yes")
    assert "a second person has to agree" in told(own)
    assert leg_of(case.request).state == LegState.NEEDS_ACTION
    agreed = post(people.approver, stuck, f"decide/{finding.pk}", agreed="yes")
    assert "settled by it" in told(agreed)
    assert state_of(case.request) is State.REFUNDED
    late = post(people.approver, stuck, f"decide/{finding.pk}", agreed="no")
    assert "decided this finding already" in told(late)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"words": ""}, "words"),
        ({"words": "  \n"}, "words"),
        ({"moved": ""}, "moved"),
        ({"moved": "perhaps"}, "moved"),
        ({"provider_number": "x" * 65}, "provider_number"),
    ],
)
def test_a_finding_that_says_too_little_is_asked_again(
    stuck: PayoutLeg, people: People, typed: dict[str, str], field: str
) -> None:
    answer = post(people.finance, stuck, "find-out", **{**FOUND, **typed})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not LegFinding.objects.exists()


def test_a_decision_that_says_neither_moves_nothing(
    stuck: PayoutLeg, people: People
) -> None:
    post(people.finance, stuck, "find-out", **FOUND)
    finding = LegFinding.objects.get()
    answer = post(people.approver, stuck, f"decide/{finding.pk}", agreed="maybe")
    assert "Say whether you agree." in told(answer)
    finding.refresh_from_db()
    assert finding.agreed is None
    wrong = post(people.approver, stuck, f"decide/{finding.pk + 1}", agreed="yes")
    assert wrong.status_code == 404


def test_try_again_asks_anew(
    stuck: PayoutLeg, case: Case, till: Till, people: People
) -> None:
    assert "Try again" in reads(visitor(people.finance), page_of(stuck))
    assert "It is tried again." in told(post(people.finance, stuck, "retry"))
    assert leg_of(case.request).state == LegState.UNKNOWN
    assert "Try again" not in reads(visitor(people.finance), page_of(stuck))
    till.work_for(rounds=4, seconds=30)
    assert state_of(case.request) is State.REFUNDED


@pytest.mark.parametrize(
    "who",
    ["first_line", "evaluator", "approver", "auditor", "superuser", "owner", "lead"],
)
def test_who_is_not_finance_finds_nothing_and_retries_nothing(
    stuck: PayoutLeg, case: Case, people: People, who: str
) -> None:
    person = getattr(people, who)
    if visitor(person).get(page_of(stuck)).status_code == 200:
        page = reads(visitor(person), page_of(stuck))
        assert "Record what I found" not in page
        assert "Try again" not in page
    events = case.request.events.count()
    post(person, stuck, "find-out", **FOUND)
    post(person, stuck, "retry")
    assert not LegFinding.objects.exists()
    assert leg_of(case.request).state == LegState.NEEDS_ACTION
    assert case.request.events.count() == events


def test_finance_of_the_customers_own_is_not_offered_it(
    stuck: PayoutLeg, people: People
) -> None:
    Membership.objects.create(
        customer=people.customer, user=people.finance, role=Membership.Role.MEMBER
    )
    assert "Record what I found" not in reads(visitor(people.finance), page_of(stuck))
    answer = post(people.finance, stuck, "find-out", **FOUND)
    assert "You belong to this customer" in told(answer)
    assert not LegFinding.objects.exists()


def test_the_list_says_who_owes_what_and_narrows(
    stuck: PayoutLeg, people: People
) -> None:
    client = visitor(people.finance)
    page = reads(client, f"{LEGS}?show=blocked&route__exact=alipay")
    assert f"{stuck.key} Alipay" in page
    assert "Finance: " in page
    assert "Look it up at the provider, then record what you found." in page
    assert stuck.key not in reads(client, f"{LEGS}?route__exact=stripe")
    assert stuck.key in reads(client, f"{LEGS}?merchant={stuck.merchant_id}")
    assert stuck.key not in reads(client, f"{LEGS}?merchant=999999")
    assert reads(client, f"{LEGS}?merchant=x&show=nonsense")


def test_balances_show_what_is_left_and_what_went_elsewhere(
    released: RefundRequest, till: Till, people: People
) -> None:
    payment = leg_of(released).allocation.payment
    for reference, taken_back in (("P1", None), ("P2", till.at)):
        OutsideRefund.objects.create(
            payment=payment,
            cause="portal",
            reference=reference,
            amount=50_00,
            happened_at=till.at,
            booked_at=till.at,
            taken_back_at=taken_back,
        )
    client = visitor(people.finance)
    page = reads(client, BALANCES)
    figures = ("12,000.00", "10,000.00", "0.00", "2,000.00", "50.00")
    assert " ".join(f"CNY {figure}" for figure in figures) in page
    html = client.get(BALANCES).content.decode()
    (link,) = re.findall(r'href="(/admin/refunds/payoutleg/\?[^"]+)"', html)
    assert leg_of(released).key in reads(client, link)
    for preset, there in (("elsewhere", True), ("underway", True), ("empty", False)):
        narrowed = reads(client, f"{BALANCES}?show={preset}")
        assert (payment.trade_number in narrowed) is there


def test_lists_and_pages_cost_the_same_with_many_payouts(
    released: RefundRequest, case: Case, till: Till, people: People
) -> None:
    client = visitor(people.finance)
    till.work()
    paths = (LEGS, BALANCES, page_of(leg_of(released)))
    few = [queries(client, path) for path in paths]
    for _more in range(2):
        another(case, till)
    till.work_for(rounds=3, seconds=4)
    assert [queries(client, path) for path in paths] == few


def test_every_code_of_ours_has_words_a_next_step_and_an_owner() -> None:
    ours = (
        STOPPED,
        BREAKER,
        WAITS_FOR_BATCH,
        NO_ANSWER,
        "no_merchant",
        "in_dispute",
        "invoice_gate_closed",
        "route_closed",
        "unknown_for_24_hours",
        "evidence_differs",
        "dback_F",
        "ABNORMAL",
    )
    for code in ours:
        known = CODES[code]
        assert all((known.what, known.next, known.owner)), code
    assert code_in_words("finding") == "Two people found out what became of it."
    assert code_in_words("ACQ.NEVER_HEARD") == "ACQ.NEVER_HEARD"


def test_a_provider_s_words_are_shown_as_text(stuck: PayoutLeg, people: People) -> None:
    PayoutLeg.objects.update(fault="<script>alert(1)</script>")
    answer = visitor(people.finance).get(page_of(stuck))
    assert "<script>alert" not in answer.content.decode()
    assert "Needs a person" in text_of(answer)
