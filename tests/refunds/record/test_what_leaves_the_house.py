"""A case file for outside: who of the staff is named in it, and what else it tells."""

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, User
from refunds.filing.additions import add_to
from refunds.filing.evidence import look_at
from refunds.models import Evidence, Offer, RefundRequest
from refunds.pages.history import WORDS
from refunds.record.case_file import case_file, safe_name
from refunds.record.events import record
from refunds.review.approval import send_back
from refunds.review.messages import write
from refunds.review.offer import offer
from tests.people import Case, picture

pytestmark = pytest.mark.usefixtures("disk_put_back")


@pytest.fixture
def disk_put_back(db: None) -> Iterator[None]:
    yield
    for evidence in Evidence.objects.all():
        Path(evidence.file.path).unlink(missing_ok=True)


def outside(case: Case, request: RefundRequest, by: User) -> dict[str, bytes]:
    with case_file(request, by=by, at=case.at, words=WORDS, internal=False) as file:
        packed = zipfile.ZipFile(BytesIO(file.read()))
    return {name: packed.read(name) for name in packed.namelist()}


def all_of(files: dict[str, bytes]) -> str:
    return b"".join(files.values()).decode(errors="replace")


def test_who_worked_here_once_is_not_named_outside(case: Case) -> None:
    request = case.offered()
    evaluator = case.people.evaluator
    write(request, by=evaluator, at=case.at, words="We looked at it.")
    evaluator.is_active = evaluator.is_staff = False
    evaluator.save()
    assert evaluator.email not in all_of(outside(case, request, case.people.auditor))


def test_what_a_member_of_staff_wrote_as_a_customer_is_the_customers(
    case: Case,
) -> None:
    people = case.people
    Membership.objects.create(user=people.finance, customer=people.customer)
    request = case.submitted()
    write(request, by=people.finance, at=case.at, words="I am the customer here.")
    files = outside(case, request, people.auditor)
    [said] = json.loads(files["messages.json"])
    assert said["from_customer"]
    assert said["author"]["name"] != "Makegood"


@pytest.mark.parametrize(
    "name", ["\U00020000" * 100 + ".pdf", "证" * 100 + "." + "据" * 20]
)
def test_a_name_fits_into_the_255_bytes_that_a_disk_takes(name: str) -> None:
    assert len(f"01-{safe_name(name)}".encode()) <= 255


def test_an_offer_that_was_never_made_stays_inside(case: Case) -> None:
    people = case.people
    request, words = case.in_evaluation(), "They would sue, so pay more."
    offer(request, by=people.evaluator, at=case.at, amount=9_000_00, reason=words)
    send_back(case.request, by=people.approver, at=case.at, reason="Too much.")
    files = outside(case, case.request, people.auditor)
    assert "They would sue" not in all_of(files)
    assert json.loads(files["offers.json"]) == []


def test_warning_signs_stay_inside(case: Case) -> None:
    request = case.submitted()
    signs = {"signs": ["seen_evidence"]}
    record(request, "left_to_people", by=None, at=case.at, data=signs)
    assert "seen_evidence" not in all_of(outside(case, request, case.people.auditor))


def typed(case: Case, name: str, by: str, *fields: str) -> str:
    out: Any = StringIO()
    who = f"{by}@example.test"
    call_command(
        "move", str(case.request.number), name, "--by", who, *fields, stdout=out
    )
    return str(out.getvalue())


@pytest.mark.parametrize("no", ["no", "0", "off", "maybe"])
def test_typed_no_is_never_read_as_yes(case: Case, no: str) -> None:
    """The customer would choose, although the operator said that they may not."""
    case.in_evaluation()
    answers = ("amount=10,000", "alternative=extension", "alternative_words=A month.")
    try:
        typed(case, "offer", "evaluator", *answers, "reason=Stay.", f"instead={no}")
    except CommandError:
        return
    assert not Offer.objects.get().instead


def test_a_former_members_files_leave_the_staff_their_room(
    case: Case, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    """The customer sends as many as they may; then who sent them is no member."""
    people = case.people
    monkeypatch.setattr("refunds.filing.additions.MOST_FILES_OF_A_SIDE", 3)
    request = case.submitted()
    papers = [look_at(picture() + bytes([n]), name=f"{n}.jpg") for n in range(2)]
    add_to(request, papers, kind="other", by=people.member, at=now)
    Membership.objects.filter(user=people.member).delete()
    logs = [look_at(picture() + bytes([9, n]), name=f"our{n}.jpg") for n in range(3)]
    add_to(case.request, logs, kind="fault_log", by=people.first_line, at=now)
