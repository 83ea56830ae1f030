"""What the customer reads in each state: where it stands, and the next step."""

import pytest
from django.test import Client

from refunds.gateways.sandbox.server import Sandbox
from refunds.models import PayoutLeg, RefundRequest
from refunds.review.appeal import decide_appeal
from refunds.review.messages import write
from refunds.states import State
from tests.people import Case
from tests.refunds.pages import states
from tests.refunds.pages.visits import reads, text_of, told, visitor

WORDS: dict[str, tuple[str, ...]] = {
    "submitted": (
        "Waiting for first check",
        "We check your request by",
        "Withdraw",
        "Money Paid for the service CNY 12,000.00 Gone back CNY 0.00 Left CNY 12,000",
    ),
    "preliminary_review": ("In first check", "We check your request by", "Withdraw"),
    "awaiting_information": (
        "Your answer is needed",
        "What we ask you for Send us the log. Answer",
        "you can take it up again",
        "Withdraw",
    ),
    "evaluation": ("In evaluation", "We decide by", "working days left", "Withdraw"),
    "pending_approval": ("In second check", "We decide by"),
    "offered": (
        "Waiting for your answer",
        "Your answer is needed",
        "Our offer CNY 10,000.00",
        "If you accept, the service ends as of Mon 16 Nov 2026, 10:00",
        "Accept CNY 10,000.00",
        "Propose something else",
        "Appeal",
        "Withdraw",
    ),
    "rejected": (
        "Why we declined The log shows no outage. You can appeal until",
        "Make an appeal",
        "Tell us something new",
    ),
    "appealed": ("In appeal", "We decide on your appeal by"),
    "agreed": ("Agreed", "Your money is back by"),
    "invoicing": ("Invoice being corrected", "We correct the invoice by"),
    "paying": (
        "CNY 10,000.00 → Alipay 138****0088",
        "On its way, expected by",
        "Gone back CNY 0.00 On its way back CNY −10,000.00 Left CNY 2,000.00",
    ),
    "payout_blocked": (
        "The refund is held up. We get back to you by",
        "Held up. The money is set aside for you; finance is on it.",
    ),
    "lapsed": ("Lapsed", "Take it up again"),
    "closed": ("Closed",),
    "withdrawn": ("Withdrawn",),
    "rejected_finally": ("Why we declined The second log shows none either.",),
}
ALWAYS = ("Refund request RF-2026-000001", "You asked for CNY 10,000.00", "Sent")
NEVER = ("Looks whole.", "pass_on", "None")


@pytest.fixture
def owner(case: Case) -> Client:
    return visitor(case.people.owner)


def page_of(client: Client, request: RefundRequest) -> str:
    return reads(client, f"/requests/{request.number}/")


def test_every_state_but_a_draft_has_its_words() -> None:
    assert set(WORDS) | {"draft", "refunded", "fulfilling", "fulfilled"} == set(State)


@pytest.mark.parametrize("state", states.REACHES)
def test_each_state_says_what_comes_next(case: Case, owner: Client, state: str) -> None:
    request = states.REACHES[state](case)
    assert request.state == state
    page = page_of(owner, request)
    for words in (*WORDS[state], *ALWAYS):
        assert words in page
    for words in NEVER:
        assert words not in page
    assert "RF-2026-000001" in reads(owner, "/requests/")
    assert "CNY 10,000.00" in reads(owner, f"/requests/{request.number}/receipt/")


@pytest.mark.parametrize("state", states.WITH_KEYS)
@pytest.mark.usefixtures("sandbox")
def test_on_its_way_it_says_when_or_what_holds_it_up(
    case: Case, owner: Client, state: str
) -> None:
    request = states.WITH_KEYS[state](case)
    assert request.state == state
    for words in (*WORDS[state], *ALWAYS):
        assert words in page_of(owner, request)


def test_once_it_is_back_the_routes_own_number_stands_there(
    case: Case, owner: Client, sandbox: Sandbox
) -> None:
    request = states.money_back(case, sandbox)
    leg = PayoutLeg.objects.get()
    page = page_of(owner, request)
    for words in (
        "The money is back CNY 10,000.00",
        f"Trace number {leg.provider_number}",
        f"Our number {leg.key}",
        "Back since Mon 16 Nov 2026, 10:0",
        "Refunded",
    ):
        assert words in page
    assert leg.provider_number
    receipt = reads(owner, f"/requests/{request.number}/receipt/")
    for words in ("Your money is back", leg.provider_number, leg.key, "138****0088"):
        assert words in receipt
    assert "Ended on" in reads(owner, "/services/")


def test_an_offer_is_accepted_after_one_look(case: Case, owner: Client) -> None:
    request = case.offered()
    path = f"/requests/{request.number}/accept/"
    look = reads(owner, path)
    for words in (
        "You get back CNY 10,000.00",
        "Alipay 138****0088",
        "if you accept today",
        "ends as of Mon 16 Nov 2026, 10:00",
    ):
        assert words in look
    seen = request.offers.get().pk
    stale = owner.post(path, {"seen": seen - 1})
    assert "The offer has changed" in told(stale)
    assert case.request.state == "offered"
    owner.post(path, {"seen": seen})
    assert (case.request.state, case.request.agreed_amount) == ("agreed", 10_000_00)
    again = owner.post(path, {"seen": seen})
    assert "at 2026-11-16 10:00 the request became “Agreed”" in told(again)


@pytest.mark.parametrize("seen", ["", "x", "9" * 5000])
def test_an_offer_is_not_accepted_unseen(case: Case, owner: Client, seen: str) -> None:
    path = f"/requests/{case.offered().number}/accept/"
    assert owner.post(path, {"seen": seen}).status_code == 422
    assert case.request.state == "offered"


@pytest.mark.parametrize(
    ("reach", "move", "state"),
    [
        ("awaiting_information", "supply_information", "preliminary_review"),
        ("offered", "propose_otherwise", "evaluation"),
        ("offered", "appeal", "appealed"),
        ("rejected", "appeal", "appealed"),
        ("rejected", "bring_new_evidence", "evaluation"),
        ("evaluation", "withdraw", "withdrawn"),
        ("lapsed", "take_up_again", "offered"),
    ],
)
def test_each_answer_is_a_plain_form(
    case: Case, owner: Client, reach: str, move: str, state: str
) -> None:
    request = states.REACHES[reach](case)
    path = f"/requests/{request.number}/{move}/"
    reads(owner, path)
    if move not in ("withdraw", "take_up_again"):
        empty = owner.post(path, {"words": " "})
        assert "Write your message." in text_of(empty)
        assert case.request.state == reach
        long = owner.post(path, {"words": "x" * 5001})
        assert "at most 5000 characters" in text_of(long)
    done = owner.post(path, {"words": "The log of the ingest node."})
    assert done["Location"] == f"/requests/{request.number}/"
    assert "Done." in told(done)
    assert case.request.state == state
    owner.get(done["Location"])
    twice = owner.post(path, {"words": "The log of the ingest node."})
    assert "Nothing was changed by you" in told(twice)
    assert case.request.state == state


def test_the_question_stands_above_its_answer(case: Case, owner: Client) -> None:
    number = states.waiting_for_documents(case).number
    page = reads(owner, f"/requests/{number}/supply_information/")
    assert "What we ask you for Send us the log." in page


def test_a_file_shows_the_start_of_its_hash_and_copies_the_whole(
    case: Case, owner: Client
) -> None:
    request = case.submitted()
    whole = request.evidence.get().sha256
    page = owner.get(f"/requests/{request.number}/")
    assert f"SHA-256 {whole[:8]}… Copy" in text_of(page)
    assert f'data-copy="{whole}"' in page.content.decode()
    assert whole in reads(owner, f"/requests/{request.number}/receipt/")


def test_a_move_that_is_no_customers_is_nowhere(case: Case, owner: Client) -> None:
    number = case.pending_approval().number
    for move in ("approve", "offer", "pay", "settle", "claim", "submit", "__init__"):
        assert owner.post(f"/requests/{number}/{move}/").status_code == 404
    assert case.request.state == "pending_approval"


def test_what_stays_inside_is_not_on_the_page(case: Case, owner: Client) -> None:
    case.in_evaluation()
    people = case.people
    write(
        case.request, by=people.evaluator, at=case.at, words="Suspicious", internal=True
    )
    write(case.request, by=people.evaluator, at=case.at, words="We are on it.")
    page = page_of(owner, case.request)
    assert "We are on it." in page
    assert "Suspicious" not in page
    assert "Internal" not in page


def test_a_customer_writes_beside_whatever_goes_on(case: Case, owner: Client) -> None:
    request = case.submitted()
    path = f"/requests/{request.number}/message/"
    assert "Write your message." in told(owner.post(path, {"words": " "}))
    owner.post(path, {"words": "It is <b>down</b> again."})
    visitor(case.people.member).post(path, {"words": "Still down."})
    page = page_of(owner, request)
    assert "It is <b>down</b> again." in page
    assert "Still down." in page
    assert owner.get(path).status_code == 405


def test_a_message_has_the_same_limit_as_every_other_form(
    case: Case, owner: Client
) -> None:
    request = case.submitted()
    owner.post(f"/requests/{request.number}/message/", {"words": "x" * 5001})
    assert not request.messages.exists()


def test_the_question_stays_on_top_when_something_was_written_after_it(
    case: Case, owner: Client
) -> None:
    request = states.waiting_for_documents(case)
    write(request, by=case.people.account_manager, at=case.at, words="Call me.")
    assert "What we ask you for Send us the log." in page_of(owner, request)


def test_what_was_said_on_the_appeal_is_read(case: Case, owner: Client) -> None:
    request = states.offer_in_the_judges_hands(case)
    decide_appeal(
        request,
        by=case.people.second_evaluator,
        at=case.at,
        move="let_offer_stand",
        words="The sum follows from the contract.",
    )
    assert "The sum follows from the contract." in page_of(owner, request)


def test_a_closed_request_still_says_why_it_was_declined(
    case: Case, owner: Client
) -> None:
    assert "The log shows no outage." in page_of(owner, states.shut(case))


def test_to_the_customer_the_staff_are_one(case: Case, owner: Client) -> None:
    assert case.people.first_line.email.split("@")[0] == "first"
    page = owner.get(
        f"/requests/{states.waiting_for_documents(case).number}/"
    ).content.decode()
    assert "first" not in page.split('class="thread"')[1].split("</ol>")[0]


def test_when_the_staff_are_late_the_page_says_so(case: Case, owner: Client) -> None:
    request = case.submitted()
    request.deadlines.update(due_at=case.at.replace(day=2))
    page = page_of(owner, request)
    assert "We are late." in page
    assert "hotline is 12315" in page


def test_in_chinese_every_state_reads_in_chinese(case: Case, owner: Client) -> None:
    owner.post("/language/", {"language": "zh-hans", "next": "/requests/"})
    page = page_of(owner, case.offered())
    assert "待" in page
    assert "¥10,000.00" in page
    case.people.owner.refresh_from_db()
    assert case.people.owner.language == "zh-hans"


def test_a_switch_of_language_leads_nowhere_else(owner: Client) -> None:
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = owner.post("/language/", {"language": "en", "next": target})
        assert answer["Location"] == "/"
