"""What no browser of ours asks for, and somebody types all the same: an answer with
the way out, never our fault."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Role
from refunds.clock.board import calendar_of
from refunds.clock.calendars import corrections_of
from refunds.clock.deadlines import local_day
from refunds.clock.recount import Change, recount
from refunds.filing.drafts import save_draft
from refunds.filing.submit import submit
from refunds.models import CalendarOverride, Deadline, RefundRequest
from refunds.pages.half_written import WRITER, named
from refunds.policy.calendar import WorkingDays
from tests.factories import UserFactory
from tests.people import Case
from tests.refunds.pages.visits import (  # noqa: F401
    plain_static_files,
    visitor,
)

pytestmark = pytest.mark.postgres
QUEUE = "/admin/refunds/refundrequest/"


@pytest.mark.parametrize("word", ["a" * 2047, "a-" * 1500, "1" * 3000])
def test_a_word_as_long_as_an_address_can_be_is_looked_for(
    case: Case, word: str
) -> None:
    answer = visitor(case.people.evaluator).get(QUEUE, {"q": word})
    assert answer.status_code == 200


def test_a_story_without_a_space_is_sent_as_any_other(case: Case) -> None:
    draft = case.draft()
    draft.description = "\N{THAI CHARACTER KO KAI}" * 3000
    save_draft(draft)
    assert submit(draft, by=case.people.owner, at=case.at).state != "draft"


@pytest.mark.parametrize(
    "asked", [{"filed": "x"}, {"decided": "2026-13"}, {"after": "x"}, {"q": "\0"}]
)
def test_a_file_of_what_cannot_be_asked_leads_to_the_list(
    case: Case, asked: dict[str, str]
) -> None:
    client = visitor(case.people.evaluator)
    answer = client.get(f"{QUEUE}export.csv", asked)
    assert answer.status_code == 302
    assert answer["Location"].endswith("?e=1")


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00"]
)
def test_a_page_after_the_end_of_time_is_the_whole_list(case: Case, at: str) -> None:
    client = visitor(case.people.evaluator)
    assert client.get(QUEUE, {"after": f"0~{at}~1"}).status_code == 302


def test_a_canned_reply_of_no_number_fills_nothing(case: Case) -> None:
    found = case.in_evaluation()
    sent = {"fill": "1", "canned": "9" * 4400, "words": "x"}
    path = f"{QUEUE}{found.pk}/do/message/"
    assert visitor(case.people.evaluator).post(path, sent).status_code == 200


def test_a_colleague_at_the_same_browser_reads_nothing_half_written(
    case: Case,
) -> None:
    number = case.submitted().number
    client = visitor(case.people.owner)
    Session.objects.all().delete()
    said = {"words": "Not for my colleague", WRITER: named(case.people.owner)}
    client.post(f"/requests/{number}/message/", said)
    client.force_login(case.people.member)
    page = client.get(f"/requests/{number}/")
    assert "Not for my colleague" not in page.content.decode()


def test_nobody_changes_their_own_roles(case: Case) -> None:
    user = UserFactory.create(email="adm@example.test", is_staff=True, name="adm")
    own = Group.objects.get(name=Role.ADMINISTRATOR)
    user.groups.set([own])
    more = Group.objects.get(name=Role.APPROVER)
    sent = {
        "email": user.email,
        "name": "adm",
        "language": "en",
        "is_active": "on",
        "is_staff": "on",
        "groups": [own.pk, more.pk],
    }
    visitor(user).post(f"/admin/accounts/user/{user.pk}/change/", sent)
    assert list(user.groups.all()) == [own]


def test_where_only_the_later_clock_moves_the_first_still_counts(case: Case) -> None:
    request = case.agreed()
    running = Deadline.objects.filter(request=request, closed_at=None, left=None)
    first, *_others, last = running.order_by("due_at")
    calendar: WorkingDays = calendar_of(request)
    day = local_day(calendar, last.due_at)
    assert local_day(calendar, first.due_at) < day
    published = corrections_of("CN")
    CalendarOverride.objects.create(country="CN", day=day, working=False, reason="x")
    change = Change("CN", published, corrections_of("CN"))
    assert recount(change, by=None, at=case.at) == 1
    assert RefundRequest.objects.get(pk=request.pk).due_at == first.due_at


def test_what_is_kept_before_anybody_signed_in_is_never_long(case: Case) -> None:
    client, long = Client(), "z" * 100_000
    said = {"description": long, "words": long, WRITER: named(case.people.owner)}
    client.post("/drafts/1/", said)
    kept = client.session["half_written"]["said"]
    assert {len(words) for words in kept.values()} == {6000}
