"""The decision sheet in every state and for every role, the queue, the home page."""

from datetime import timedelta

import pytest

from accounts.models import Contract, ContractClause, Service
from refunds.models import RefundRequest
from refunds.review.messages import write
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import queries, reads, visitor

QUEUE = "/admin/refunds/refundrequest/"
# First line and approver read the same sheet as the evaluator, through other doors:
# see what they can't press, below.
ROLES = ("evaluator", "finance", "auditor", "account_manager", "superuser")
ON_EVERY_SHEET = (
    "RF-2026-000001 · Xinghe Media · Live streaming, Southeast Asia",
    "They claim It could not be used after it was set up",
    "Nothing could be streamed for days.",
    "Records say",
    "Outage",
    "verified by evaluator",
    "Nothing can be streamed",
    "Assessment",
    "Unavailable in the first 30 days",
    "log.jpg",
    "Asked for 10,000.00",
    "Paid 12,000.00",
    "Left 12,000.00",
    "Timeline, newest first",
    "Request sent",
)


def sheet(request: RefundRequest) -> str:
    return f"{QUEUE}{request.pk}/change/"


@pytest.mark.parametrize("state", states.REACHES)
def test_the_sheet_stands_in_every_state_for_every_role(case: Case, state: str) -> None:
    request = states.REACHES[state](case)
    for role in ROLES:
        page = reads(visitor(getattr(case.people, role)), sheet(request))
        for words in ON_EVERY_SHEET:
            assert words in page, f"{role} misses {words}"
        assert "None" not in page.replace("None of this customer.", "")
    auditor = reads(visitor(case.people.auditor), sheet(request))
    ended = "Nobody owes anything; the case has ended." in auditor
    assert ended is (state in ("lapsed", "closed", "withdrawn", "rejected_finally"))
    assert ended is not (", owed by " in auditor)


@pytest.mark.parametrize("state", states.WITH_KEYS)
@pytest.mark.usefixtures("sandbox")
def test_the_sheet_stands_while_money_moves(case: Case, state: str) -> None:
    request = states.WITH_KEYS[state](case)
    for role in ROLES:
        page = reads(visitor(getattr(case.people, role)), sheet(request))
        assert "RF2026000001L1A1" in page
        assert "Gone or under way 10,000.00" in page


@pytest.mark.parametrize(
    ("reach", "role", "possible", "impossible"),
    [
        (Case.submitted, "first_line", "Claim", None),
        (Case.submitted, "auditor", None, "Claim : This is for another role."),
        (Case.in_evaluation, "evaluator", "Make the offer", "Claim : Somebody has"),
        (
            Case.in_evaluation,
            "second_evaluator",
            None,
            "Make the offer : Take the case first: only who has it in hand decides.",
        ),
        (
            Case.pending_approval,
            "evaluator",
            None,
            "Approve : This is for another role.",
        ),
        (Case.pending_approval, "approver", "Approve", None),
        (
            states.in_appeal,
            "evaluator",
            None,
            "Claim the appeal : You had a part in this case before the appeal",
        ),
        (states.in_appeal, "second_evaluator", "Claim the appeal", None),
        (Case.agreed, "finance", "Release the payout", None),
        (Case.agreed, "superuser", None, "Release the payout : Finance releases"),
    ],
)
def test_what_cannot_be_pressed_says_why(
    case: Case,
    reach: states.Reach,
    role: str,
    possible: str | None,
    impossible: str | None,
) -> None:
    page = reads(visitor(getattr(case.people, role)), sheet(reach(case)))
    buttons = page.split("Messages and notes")[1]
    if possible:
        assert possible in buttons
    if impossible:
        assert impossible in page.split("Not possible now")[1]


def test_the_sheet_shows_what_else_is_known(case: Case) -> None:
    ContractClause.objects.create(
        contract=case.service.contract,
        rule="live.early_unavailable",
        field="window.amount",
        value=60,
        wording="Sixty days instead of thirty.",
    )
    (earlier,) = states.more(case, 1)
    states.taken_back(earlier)
    Service.objects.filter(pk=earlier.service.pk).update(name="Archive")
    request = case.submitted()
    write(
        request,
        by=case.people.first_line,
        at=case.at,
        words="Ask the carrier.",
        internal=True,
    )
    page = reads(visitor(case.people.evaluator), sheet(request))
    for words in (
        "Sixty days instead of thirty.",
        "Ask the carrier.",
        "Internal: the customer does not see this",
        "Archive",
        str(earlier.request.number),
    ):
        assert words in page


def test_staff_without_a_role_see_nothing(case: Case) -> None:
    request = case.submitted()
    lead = visitor(case.people.lead)
    for path in (QUEUE, sheet(request)):
        assert lead.get(path).status_code == 403
    home = reads(lead, "/admin/")
    assert "Requests are not for this account to read." in home
    assert "unclaimed" not in home, "no tile counts what they may not read"
    assert "RF-2026" not in home


def test_an_account_manager_sees_their_customers_cases_and_no_other(
    case: Case,
) -> None:
    request = case.submitted()
    manager = visitor(case.people.account_manager)
    assert "RF-2026-000001" in reads(manager, QUEUE)
    case.people.customer.account_manager = None
    case.people.customer.save()
    assert "RF-2026-000001" not in reads(manager, QUEUE)
    assert "RF-2026-000001" not in reads(manager, f"{QUEUE}?q=RF-2026")
    assert manager.get(sheet(request)).status_code == 404
    for kept in ("event", "assessment", "deadline", "notice"):
        page = reads(manager, f"/admin/refunds/{kept}/")
        assert "RF-2026-000001" not in page
        assert "Xinghe" not in page


@pytest.mark.parametrize(
    "path",
    [
        "accounts/contract/",
        "accounts/service/",
        "accounts/payment/",
        "accounts/customer/",
        "accounts/outage/",
        "refunds/ticket/",
    ],
)
def test_an_account_manager_reads_no_record_of_another_customer(
    case: Case, path: str
) -> None:
    case.people.customer.account_manager = None
    case.people.customer.save()
    answer = visitor(case.people.account_manager).get(f"/admin/{path}")
    assert answer.status_code in (200, 403)
    assert 'id="result_list"' not in answer.content.decode()


PRESETS: dict[str, states.Reach] = {
    "mine": lambda case: case.in_evaluation(),
    "unclaimed": lambda case: case.submitted(),
    "customer": lambda case: case.offered(),
    "overdue": lambda case: case.submitted(),
}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_shows_its_cases_and_no_other(case: Case, preset: str) -> None:
    first, second, third = case, *states.more(case, 2)
    PRESETS[preset](first)
    if preset == "overdue":
        late = case.at - timedelta(days=9)
        first.request.deadlines.update(due_at=late)
        RefundRequest.objects.filter(pk=first.request.pk).update(due_at=late)
    states.taken_back(second)
    states.in_first_check(third)
    page = reads(visitor(case.people.evaluator), f"{QUEUE}?show={preset}")
    assert str(first.request.number) in page
    assert str(second.request.number) not in page
    assert str(third.request.number) not in page
    if preset == "overdue":
        assert "working days late" in page


@pytest.mark.usefixtures("sandbox")
def test_blocked_payouts_have_a_preset(case: Case) -> None:
    request = states.held_up(case)
    for show, there in (("blocked", True), ("unclaimed", False), ("nonsense", True)):
        page = reads(visitor(case.people.finance), f"{QUEUE}?show={show}")
        assert (str(request.number) in page) is there


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("RF-2026-000001", True),
        ("RF-2026", True),
        ("xinghe", True),
        ("C-2026", True),
        ("000001", True),
        ("%", False),
        ("'; --", False),
    ],
)
def test_the_queue_is_searched(case: Case, words: str, *, found: bool) -> None:
    request = case.submitted()
    page = visitor(case.people.auditor).get(QUEUE, {"q": words}).content.decode()
    assert (f">{request.number}</a>" in page) is found


def test_the_queue_is_first_due_first(case: Case) -> None:
    other = states.more(case, 1)[0]
    case.submitted()
    other.submitted()
    late = case.at + timedelta(days=30)
    RefundRequest.objects.filter(pk=case.request.pk).update(due_at=late)
    page = reads(visitor(case.people.first_line), QUEUE)
    assert page.index("RF-2026-000002") < page.index("RF-2026-000001")


def test_the_home_page_leads_to_what_it_counts(case: Case) -> None:
    case.submitted()
    page = reads(visitor(case.people.first_line), "/admin/")
    for words in ("0 in my hands", "1 unclaimed", "RF-2026-000001"):
        assert words in page


def test_the_queue_costs_the_same_with_many_cases(case: Case) -> None:
    client = visitor(case.people.first_line)
    case.submitted()
    # Not the bare address: it leads back to the view that was looked at last.
    pages = (f"{QUEUE}?show=unclaimed", f"{QUEUE}?q=Xinghe", "/admin/")
    with_one = {page: queries(client, page) for page in pages}
    for other in states.more(case, 14):
        other.submitted()
    assert {page: queries(client, page) for page in pages} == with_one
    assert max(with_one.values()) <= 11


@pytest.mark.parametrize("reach", [Case.submitted, Case.in_evaluation, Case.offered])
def test_the_sheet_costs_the_same_with_a_long_history(
    case: Case, reach: states.Reach
) -> None:
    request = reach(case)
    client = visitor(case.people.evaluator)
    states.taken_back(states.more(case, 1)[0])
    with_few = queries(client, sheet(request))
    for _message in range(40):
        write(request, by=case.people.evaluator, at=case.at, words="Still looking.")
    for other in states.more(case, 5):
        states.taken_back(other)
    assert queries(client, sheet(request)) - with_few == 0


def test_a_case_in_yen_has_no_decimals(case: Case) -> None:
    Contract.objects.update(currency="JPY")
    case.service.refresh_from_db()
    page = reads(visitor(case.people.evaluator), sheet(case.submitted()))
    assert "Money, JPY Asked for 1,000,000 " in page
