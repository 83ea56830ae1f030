"""What the sheet tells beside the case: how similar ones were decided, files that were
seen before, older history; what fills a box; and where a decision leads."""

import re

from accounts.models import Customer, Membership
from refunds.insight.similar import decided, similar_to
from refunds.models import CannedReply, Message, RefundRequest
from refunds.record.events import record
from tests.factories import CustomerFactory, live_service
from tests.people import Case
from tests.refunds.admin.pressing import press, sheet
from tests.refunds.pages import states
from tests.refunds.pages.visits import reads, told, visitor

LOOK = {"name": "log.jpg", "sha256": "0" * 64}
SAME = "The same file was sent with another request."
UNREADABLE = "with a request of a customer whom you don't look after"


def of_another_customer(case: Case) -> Case:
    """The same file, sent for a customer whom nobody manages."""
    customer: Customer = CustomerFactory.create(name="Gaofei")
    Membership.objects.create(
        customer=customer, user=case.people.owner, role=Membership.Role.OWNER
    )
    service = live_service(
        customer=customer, reviewer=case.people.evaluator, at=case.at
    )
    return Case(case.people, service, case.at)


def test_similar_cases_say_how_they_were_decided(case: Case) -> None:
    lost, *rest = states.more(case, 3)
    states.declined_finally(lost)
    states.taken_back(rest[0])
    request = case.in_evaluation()
    page = reads(visitor(case.people.evaluator), sheet(request))
    panel = page.split("Similar cases, decided")[1].split("Not possible now")[0]
    assert "1 declined: Not proven yet" in panel
    assert str(lost.request.number) in panel
    assert str(rest[0].request.number) not in panel, "taken back is not decided"


def test_similar_cases_count_what_went_back_of_what_was_paid(case: Case) -> None:
    request = case.submitted()
    refunded = RefundRequest(
        number="RF-1", state="refunded", agreed_amount=2_000, amount_asked=9_000
    )
    refunded.__dict__["paid"] = 10_000
    found = decided([refunded])
    assert (found.refunded, found.declined) == (1, 0)
    assert found.shares is not None
    assert [str(share) for share in found.shares] == ["1/5", "1/5"]
    assert list(similar_to(request, to=case.people.evaluator)) == []


def test_similar_cases_are_of_customers_one_may_read_about(case: Case) -> None:
    elsewhere = of_another_customer(case)
    states.declined_finally(elsewhere)
    request = case.in_evaluation()
    number = str(elsewhere.request.number)
    assert number in reads(visitor(case.people.evaluator), sheet(request))
    assert number not in reads(visitor(case.people.account_manager), sheet(request))


def test_a_file_seen_before_says_so_and_numbers_only_what_one_may_read(
    case: Case,
) -> None:
    elsewhere = of_another_customer(case)
    elsewhere.submitted()
    request = case.in_evaluation()
    number = str(elsewhere.request.number)
    page = reads(visitor(case.people.evaluator), sheet(request))
    assert SAME in page
    assert f"{number} of another customer" in page
    manager = reads(visitor(case.people.account_manager), sheet(request))
    assert SAME in manager
    assert UNREADABLE in manager
    assert number not in manager


def test_a_file_in_a_draft_was_not_seen(case: Case) -> None:
    of_another_customer(case).draft()
    request = case.submitted()
    assert SAME not in reads(visitor(case.people.evaluator), sheet(request))


def test_history_is_turned_by_a_link(case: Case) -> None:
    request = case.submitted()
    looker = case.people.auditor
    for _look in range(60):
        record(request, "evidence_downloaded", by=looker, at=case.at, data=LOOK)
    client = visitor(case.people.evaluator)
    page = client.get(sheet(request)).content.decode()
    assert page.count("timeline-title") == 50
    assert "Request sent" not in page
    (older,) = re.findall(r'href="([^"]+\?before=\d+)#timeline"', page)
    rest = client.get(older).content.decode()
    assert rest.count("timeline-title") == RefundRequest.objects.get().event_count - 50
    assert "Request sent" in rest
    assert "timeline-older" not in rest
    assert client.get(f"{sheet(request)}?before=nonsense").status_code == 200


def reply() -> CannedReply:
    return CannedReply.objects.create(
        title="A photo is enough",
        words_en="A photo of the receipt is enough.",
        words_zh="拍照即可。",
    )


def test_a_canned_reply_fills_the_box_in_the_customers_language_and_sends_nothing(
    case: Case,
) -> None:
    request, canned = case.in_evaluation(), reply()
    people = case.people
    people.owner.language = "zh-hans"
    people.owner.save()
    client = visitor(people.evaluator)
    page = client.get(sheet(request)).content.decode()
    assert 'data-words="拍照即可。"' in page
    for door in ("ask_for_information", "reject", "message"):
        answers = {"fill": "yes", "canned": str(canned.pk), "words": "Typed."}
        answer = press(client, request, door, **answers)
        assert answer.status_code == 200
        assert "Typed.\n\n拍照即可。" in answer.content.decode()
    assert not Message.objects.exists()
    assert case.request.state == "evaluation"


def test_a_canned_reply_that_is_not_there_fills_nothing(case: Case) -> None:
    request = case.in_evaluation()
    client = visitor(case.people.evaluator)
    for chosen in ("", "77", "x"):
        answers = {"fill": "yes", "canned": chosen, "words": "Typed."}
        page = press(client, request, "message", **answers)
        assert "Typed." in page.content.decode()


def test_a_retired_reply_is_not_offered(case: Case) -> None:
    request, canned = case.in_evaluation(), reply()
    canned.retired = True
    canned.save()
    page = visitor(case.people.evaluator).get(sheet(request)).content.decode()
    assert canned.title not in page


def test_after_a_decision_the_next_case_stands_there(case: Case) -> None:
    (second,) = states.more(case, 1)
    states.passed_on(second)
    request = case.in_evaluation()
    client = visitor(case.people.evaluator)
    answer = press(client, request, "offer", amount="10000")
    assert answer["Location"] == f"{sheet(second.request)}?arrived"
    assert second.request.handler == case.people.evaluator
    page = client.get(answer["Location"]).content.decode()
    assert '<h1 tabindex="-1" data-focus>' in page
    waits = f"The offer for {request.number} waits for a second person."
    assert waits in page.split('role="status"')[1]


def test_where_nothing_waits_the_home_page_says_so(case: Case) -> None:
    client = visitor(case.people.first_line)
    answer = press(client, states.in_first_check(case), "pass_on")
    assert answer["Location"] == "/admin/"
    home = reads(client, "/admin/")
    assert "is passed on to evaluation." in home
    assert "Nothing waits for you." in home


def test_who_takes_no_cases_stays_with_what_they_decided(case: Case) -> None:
    request = case.pending_approval()
    offer = request.latest_offer()
    assert offer is not None
    answer = press(
        visitor(case.people.approver), request, "approve", seen=str(offer.pk)
    )
    assert answer["Location"] == sheet(request)
    assert told(answer) == f"Offer approved and sent for {request.number}."


def test_keys_are_on_the_page_and_can_be_switched_off(case: Case) -> None:
    request = case.in_evaluation()
    client = visitor(case.people.evaluator)
    page = client.get(sheet(request)).content.decode()
    for key in ("1", "2", "3", "n", "?"):
        assert f'data-key="{key}"' in page
        assert f'aria-keyshortcuts="{key}"' in page
    assert '<dialog id="keys-help"' in page
    url = "/admin/refunds/refundrequest/keys/"
    assert client.get(url).status_code == 405
    answer = client.post(url, {"back": sheet(request)})
    assert answer["Location"] == sheet(request)
    off = client.get(sheet(request)).content.decode()
    assert "data-key=" not in off
    assert "data-keys-off" in off
    answer = client.post(url, {"back": "https://elsewhere.example/"})
    assert answer["Location"] == "/admin/"
    assert "data-keys-off" not in client.get(sheet(request)).content.decode()


def test_a_case_to_claim_bears_its_key(case: Case) -> None:
    page = visitor(case.people.first_line).get(sheet(case.submitted()))
    assert 'data-key="c"' in page.content.decode()


def test_a_fault_is_told_above_and_at_its_field(case: Case) -> None:
    request = case.in_evaluation()
    answer = press(visitor(case.people.evaluator), request, "reject", words="No.")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'href="#id_code"' in page or 'href="#id_reject_code"' in page
    assert "<title>" in page
    assert "Error:" in page


def test_what_the_page_has_heard_decides_no_move(case: Case) -> None:
    """The sheet keeps answers on its own instance; a verb fetches the request anew."""
    request = case.in_evaluation()
    request.__dict__["_prefetched_objects_cache"] = {"offers": request.offers.none()}
    answer = press(visitor(case.people.evaluator), request, "offer", amount="10000")
    assert answer.status_code == 302
    assert case.request.state == "pending_approval"
