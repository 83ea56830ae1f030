"""Money that can't go back the way it came goes to an account that the owner names, one
person checks and another approves."""

from datetime import timedelta

import pytest

from accounts.models import Payment
from refunds.errors import NotAllowedAnyMore, NotPermitted, RefundError
from refunds.models import (
    Deadline,
    LegState,
    Merchant,
    Notice,
    PayoutAccount,
    PayoutLeg,
    RefundRequest,
)
from refunds.payouts.accounts import (
    approve_account,
    check_account,
    refuse_account,
    why_not_name,
)
from refunds.payouts.release import release
from refunds.payouts.retry import retry
from refunds.states import State
from tests.people import Case, make_case
from tests.refunds.payouts.another_account import (
    ABNORMAL,
    CLOSED,
    IBAN,
    NUMBER,
    PLAIN,
    Blocked,
    blocked,
    hears,
)
from tests.refunds.payouts.till import Till, balances, kinds_of, legs_of

S = PayoutAccount.State
AMOUNT = 10_000_00


@pytest.fixture
def held_up(case: Case, till: Till) -> Blocked:
    return blocked(case)


def owed(request: RefundRequest) -> set[tuple[str, str]]:
    running = Deadline.objects.filter(request=request, closed_at=None, left=None)
    return set(running.values_list("kind", "owner"))


def test_named_checked_and_approved_the_money_goes_there(held_up: Blocked) -> None:
    account = held_up.approved()
    assert (account.state, account.masked) == (S.APPROVED, "****3445")
    closed, sent = legs_of(held_up.request)
    assert closed.state == LegState.ROUTE_CLOSED
    assert (sent.route, sent.account, sent.attempt) == ("bank_transfer", account, 2)
    assert (sent.key, sent.amount) == (closed.key.replace("A1", "A2"), AMOUNT)
    assert sent.state == LegState.PREPARED
    assert sent.parameters["payee"] == account.fingerprint
    assert PLAIN not in str(sent.parameters)
    assert balances() == {(AMOUNT, 0)}
    assert held_up.request.state == State.PAYING
    assert kinds_of(held_up.request)[-4:] == [
        "account_named",
        "account_checked",
        "account_approved",
        "retry_payout",
    ]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [(IBAN, "****3000"), ("１２３４ 5678", "****5678"), ("6222-0202-0011", "****0011")],
)
def test_blanks_and_full_width_digits_don_t_matter(
    held_up: Blocked, typed: str, shown: str
) -> None:
    account = held_up.named(number=typed)
    assert account.masked == shown
    kept = PayoutAccount.objects.get().number
    assert kept.isalnum()
    assert kept.isascii()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "DE88 3704 0044 0532 0130 00"),
        ("number", "1234567"),
        ("number", "1" * 33),
        ("number", "abc"),
        ("number", "   "),
        ("number", "12345678\x00"),
        ("holder", " "),
        ("holder", "x" * 141),
        ("bank_name", ""),
        ("bank_code", "12345"),
        ("bank_code", "NOTABIC"),
    ],
)
def test_what_no_bank_would_take_is_named_at_its_field(
    held_up: Blocked, field: str, value: str
) -> None:
    before = kinds_of(held_up.request)
    with pytest.raises(RefundError) as refusal:
        held_up.named(by=None, **{field: value})
    assert refusal.value.field == field
    assert value.strip() == "" or value not in str(refusal.value)
    assert not PayoutAccount.objects.exists()
    assert kinds_of(held_up.request) == before


def test_proof_is_of_this_request(held_up: Blocked) -> None:
    other = make_case(held_up.people, at=held_up.at).submitted()
    foreign = other.evidence.get()
    for field in ("proof", "closure"):
        with pytest.raises(RefundError, match="file of this request") as refusal:
            held_up.named(by=None, **{field: foreign})
        assert refusal.value.field == field
    assert not PayoutAccount.objects.exists()


@pytest.mark.parametrize(
    "who",
    ["member", "stranger", "account_manager", "finance", "approver", "superuser"],
)
def test_only_an_owner_names_it(held_up: Blocked, who: str) -> None:
    person = getattr(held_up.people, who)
    assert why_not_name(held_up.request, by=person)
    with pytest.raises(NotPermitted):
        held_up.named(by=person)
    assert not PayoutAccount.objects.exists()


def test_not_while_nothing_is_held_up(case: Case, till: Till) -> None:
    request = case.agreed()
    assert why_not_name(request, by=case.people.owner)
    with pytest.raises(NotAllowedAnyMore):
        Blocked(case, case.at).named()


def test_nor_where_finance_has_to_find_out(released: object, till: Till) -> None:
    till.fails("sub_code:ACQ.SOMETHING_NEVER_HEARD_OF")
    till.work()
    leg = PayoutLeg.objects.get()
    request = leg.payout.request
    assert leg.state == LegState.NEEDS_ACTION
    assert ("payout_blocked", "finance") in owed(request)
    owner = request.customer.memberships.get(role="owner").user
    assert "No other account is needed" in str(why_not_name(request, by=owner))


def test_one_at_a_time_and_another_once_it_was_refused(held_up: Blocked) -> None:
    first = held_up.named()
    with pytest.raises(RefundError, match="named already"):
        held_up.named(number=IBAN)
    refuse_account(
        first, by=held_up.people.finance, at=held_up.at, reason="Another holder."
    )
    second = held_up.named(number=IBAN)
    assert [a.state for a in PayoutAccount.objects.all()] == [S.REFUSED, S.NAMED]
    with pytest.raises(RefundError, match="first"):
        check_account(first, by=held_up.people.finance, at=held_up.at, words="Yes.")
    assert held_up.account == second


def test_whose_turn_it_is_moves_with_the_account(held_up: Blocked) -> None:
    request = held_up.request
    customers, ours = (
        {("payout_blocked", "customer")},
        {
            ("payout_blocked", "finance"),
            ("payout", "finance"),
        },
    )
    assert owed(request) == customers
    assert Deadline.objects.get(kind="payout", closed_at=None).left is not None
    account = held_up.named()
    assert owed(request) == ours
    refuse_account(account, by=held_up.people.finance, at=held_up.at, reason="No.")
    assert owed(request) == customers
    held_up.approved()
    assert owed(request) == {("payout", "finance")}


def test_the_customer_has_ten_working_days_and_our_clock_stands_still(
    held_up: Blocked,
) -> None:
    naming = held_up.request.deadlines.get(owner="customer", closed_at=None)
    assert (naming.warn_at.day, naming.due_at.day) == (23, 30)  # from Mon 16 Nov 2026
    before = held_up.request.deadlines.get(kind="payout", closed_at=None)
    held_up.at += timedelta(days=7)
    held_up.named()
    after = held_up.request.deadlines.get(kind="payout", closed_at=None)
    assert after.due_at - before.due_at == timedelta(days=7)
    finance = held_up.request.deadlines.get(kind="payout_blocked", closed_at=None)
    assert (finance.warn_at.day, finance.due_at.day) == (25, 30)


def test_all_hear_what_concerns_them(held_up: Blocked) -> None:
    held_up.named()
    refuse_account(
        held_up.account, by=held_up.people.finance, at=held_up.at, reason="Not yours."
    )
    held_up.checked()
    told = list(Notice.objects.order_by("pk").values_list("kind", "recipient__name"))
    assert told[-5:] == [
        ("customer_payout_blocked", "owner"),
        ("staff_account", "lead"),
        ("customer_account_refused", "owner"),
        ("staff_account", "lead"),
        ("staff_account", "lead"),
    ]
    refusal = Notice.objects.get(kind="customer_account_refused")
    assert refusal.data["reason"] == "Not yours."


def test_without_a_bank_of_ours_nothing_is_approved(held_up: Blocked) -> None:
    account = held_up.checked()
    Merchant.objects.filter(route="bank_transfer").update(enabled=False)
    with pytest.raises(RefundError, match="no bank account of ours"):
        approve_account(account, by=held_up.people.approver, at=held_up.at)
    account.refresh_from_db()
    assert account.state == S.CHECKED
    assert held_up.request.state == State.PAYOUT_BLOCKED
    assert balances() == {(0, 0)}


def test_an_account_that_our_bank_can_t_reach_is_not_approved(
    held_up: Blocked,
) -> None:
    account = held_up.checked()
    Merchant.objects.filter(route="bank_transfer").update(settings={})
    with pytest.raises(RefundError, match="Our bank can't send CNY"):
        approve_account(account, by=held_up.people.approver, at=held_up.at)
    assert legs_of(held_up.request)[-1].attempt == 1


def test_what_came_back_from_the_account_needs_yet_another(held_up: Blocked) -> None:
    first = held_up.approved()
    hears(legs_of(held_up.request)[-1], CLOSED, at=held_up.at)
    request = held_up.request
    assert request.state == State.PAYOUT_BLOCKED
    assert owed(request) == {("payout_blocked", "customer")}
    with pytest.raises(RefundError, match="Another account"):
        retry(request, by=held_up.people.finance, at=held_up.at)
    with pytest.raises(RefundError, match="came back from this account") as refusal:
        held_up.named()
    assert refusal.value.field == "number"
    second = held_up.named(number=IBAN)
    first.refresh_from_db()
    assert (first.state, second.state) == (S.REFUSED, S.NAMED)


def test_wechat_pay_sends_the_same_refund_on(case: Case, till: Till) -> None:
    """The abnormal refund belongs to the same attempt: no second key, no bank."""
    Payment.objects.update(route="wechat_pay")
    release(case.agreed(), by=case.people.finance, at=case.at)
    hears(PayoutLeg.objects.get(), ABNORMAL, at=case.at)
    held = Blocked(case, case.at)
    key = legs_of(held.request)[0].key
    assert owed(held.request) == {("payout_blocked", "customer")}
    Merchant.objects.filter(route="bank_transfer").delete()
    account = held.approved()
    (leg,) = legs_of(held.request)
    assert (leg.key, leg.account, leg.state) == (key, account, LegState.HELD)
    assert leg.next_at == held.at
    assert held.request.state == State.PAYING
    assert balances() == {(AMOUNT, 0)}


def test_the_number_stands_in_no_event_notice_or_word(held_up: Blocked) -> None:
    held_up.approved()
    everything = [
        list(held_up.request.events.values_list("data", "reason")),
        list(Notice.objects.values_list("data", flat=True)),
        list(PayoutLeg.objects.values_list("parameters", flat=True)),
        str(held_up.account),
        repr(held_up.account),
    ]
    assert PLAIN not in str(everything)
    assert NUMBER not in str(everything)
