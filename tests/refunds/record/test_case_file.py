"""A case file proves itself: every hash and the whole chain, computed again by hand."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO, StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.http import Http404
from django.test import RequestFactory
from django.utils import translation

from accounts.models import Membership, User
from refunds.admin.case_file import export
from refunds.errors import NotPermitted
from refunds.models import Evidence, RefundRequest
from refunds.pages.history import WORDS
from refunds.payouts.release import release
from refunds.record.case_file import case_file, safe_name
from refunds.record.verify import find_breaks
from refunds.review.answers import accept
from refunds.review.approval import approve
from refunds.review.findings import establish
from refunds.review.hands import claim, pass_on
from refunds.review.messages import write
from refunds.review.offer import offer
from refunds.review.tags import tag
from tests.people import Case, make_case

NOTE = "Between us: they asked twice before."
FOR_A_COLLEAGUE = "They were rude on the telephone."
pytestmark = pytest.mark.usefixtures("disk_put_back")


@pytest.fixture
def disk_put_back(db: None) -> Iterator[None]:
    yield
    for evidence in Evidence.objects.all():
        Path(evidence.file.path).unlink(missing_ok=True)


@pytest.fixture
def told(case: Case, now: datetime) -> RefundRequest:
    """A case with something of everything, paid out at the end."""
    people = case.people
    request = case.submitted()
    claim(request, by=people.first_line, at=now)
    pass_on(request, by=people.first_line, at=now, reason=FOR_A_COLLEAGUE)
    claim(case.request, by=people.evaluator, at=now)
    write(request, by=people.evaluator, at=now, words=NOTE, internal=True)
    write(request, by=people.owner, at=now, words="When does it come?")
    tag(request, by=people.evaluator, at=now, codes=["price"])
    words = "The log says it."
    log = list(request.evidence.all())
    kind = "defect_verified"
    establish(
        request, by=people.evaluator, at=now, kind=kind, words=words, evidence=log
    )
    offer(case.request, by=people.evaluator, at=now, amount=10_000_00)
    approve(case.request, by=people.approver, at=now)
    accept(case.request, by=people.owner, at=now)
    release(case.request, by=people.finance, at=now)
    return case.request


def exported(request: RefundRequest, by: User, at: datetime, **options: Any) -> bytes:
    with case_file(request, by=by, at=at, words=WORDS, **options) as file:
        return file.read()


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as file:
        assert file.testzip() is None
        names = file.namelist()
        assert len(names) == len(set(names))
        return {name: file.read(name) for name in names}


def read(files: dict[str, bytes], name: str) -> Any:
    return json.loads(files[name])


def digest_by_hand(event: dict[str, Any]) -> str:
    """Written from README.txt, not from the program."""
    keys = "actor_id at data from_state kind position reason request_id to_state"
    line = {key: event[key] for key in keys.split()}
    text = json.dumps(
        [event["previous"], line],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_every_other_file_is_in_the_manifest_with_its_hash(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    files = opened(exported(told, case.people.auditor, now))
    manifest = read(files, "manifest.json")
    assert {each["path"] for each in manifest["files"]} == set(files) - {
        "manifest.json"
    }
    for each in manifest["files"]:
        content = files[each["path"]]
        assert each["size"] == len(content)
        assert each["sha256"] == hashlib.sha256(content).hexdigest(), each["path"]
    assert manifest["number"] == told.number
    assert manifest["created_by"]["email"] == "auditor@example.test"


def test_the_chain_can_be_computed_again_from_the_file_alone(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    files = opened(exported(told, case.people.auditor, now))
    manifest, events = read(files, "manifest.json"), read(files, "events.json")
    previous = ""
    for position, event in enumerate(events, start=1):
        assert event["position"] == position
        assert event["previous"] == previous
        assert digest_by_hand(event) == event["digest"], event["kind"]
        previous = event["digest"]
    assert (manifest["events"], manifest["chain_head"]) == (len(events), previous)
    assert (told.event_count, told.event_head) == (len(events), previous)


def test_the_export_is_an_event_with_the_manifests_hash_in_the_next_file(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    files = opened(exported(told, case.people.auditor, now))
    event = case.request.events.latest("position")
    assert (event.kind, event.actor) == ("file_exported", case.people.auditor)
    proof = hashlib.sha256(files["manifest.json"]).hexdigest()
    assert event.data == {"sha256": proof, "internal": True}
    assert "file_exported" not in {e["kind"] for e in read(files, "events.json")}
    again = opened(exported(told, case.people.auditor, now))
    assert read(again, "events.json")[-1]["data"]["sha256"] == proof
    assert list(find_breaks()) == []


def test_it_holds_all_there_is(told: RefundRequest, case: Case, now: datetime) -> None:
    files = opened(exported(told, case.people.evaluator, now))
    asked = read(files, "request.json")
    assert (asked["number"], asked["channel"]) == (told.number, "form")
    assert asked["filed_by"]["email"] == "owner@example.test"
    assert (asked["amount_asked"], asked["currency"]) == (10_000_00, "CNY")
    assert [each["code"] for each in asked["reason_tags"]] == ["price"]
    assert [each["pk"] for each in read(files, "assessments.json")] == list(
        told.assessments.order_by("pk").values_list("pk", flat=True)
    )
    [made] = read(files, "offers.json")
    assert made["approved_by"]["email"] == "approver@example.test"
    [finding] = read(files, "findings.json")
    [sent] = read(files, "evidence.json")
    assert finding["evidence"] == [sent["sha256"]]
    assert {m["words"]: m["internal"] for m in read(files, "messages.json")} == {
        NOTE: True,
        "When does it come?": False,
    }
    assert len(read(files, "deadlines.json")) == told.deadlines.count()
    notices = read(files, "notices.json")
    assert len(notices) == told.notices.count() > 0
    assert set(notices[0]) == {"kind", "written_at", "sent_at"}
    [leg] = read(files, "payout.json")["legs"]
    assert leg["amount"] == 10_000_00
    assert leg["allocation.payment.trade_number"]
    assert read(files, "measurements.json") == []


def test_evidence_is_there_byte_for_byte(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    files = opened(exported(told, case.people.auditor, now))
    evidence = Evidence.objects.get()
    with evidence.file.open("rb") as kept:
        assert files["evidence/01-log.jpg"] == kept.read()
    assert read(files, "manifest.json")["evidence"] == [
        {
            "path": "evidence/01-log.jpg",
            "name": "log.jpg",
            "sha256": evidence.sha256,
            "found": "as sent",
        }
    ]


def test_a_byte_that_changed_on_the_disk_is_told(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    evidence = Evidence.objects.get()
    path = Path(evidence.file.path)
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    files = opened(exported(told, case.people.auditor, now))
    manifest = read(files, "manifest.json")
    [found] = manifest["evidence"]
    assert (found["found"], found["sha256"]) == ("differs", evidence.sha256)
    [entry] = [e for e in manifest["files"] if e["path"] == "evidence/01-log.jpg"]
    assert entry["sha256"] == hashlib.sha256(content).hexdigest() != evidence.sha256


def test_a_file_that_is_gone_is_told(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    evidence = Evidence.objects.get()
    Path(evidence.file.path).unlink()
    files = opened(exported(told, case.people.auditor, now))
    [found] = read(files, "manifest.json")["evidence"]
    assert (found["found"], found["path"]) == ("missing", None)
    assert not [name for name in files if name.startswith("evidence/")]


def test_outside_nobody_reads_what_the_staff_say_among_themselves(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    inside = exported(told, case.people.auditor, now)
    everything = b"".join(opened(inside).values()).decode(errors="replace")
    assert NOTE in everything
    assert FOR_A_COLLEAGUE in everything
    files = opened(exported(told, case.people.auditor, now, internal=False))
    everything = b"".join(files.values()).decode(errors="replace")
    for words in (NOTE, FOR_A_COLLEAGUE, "evaluator@", "approver@", "auditor@"):
        assert words not in everything, words
    assert "owner@example.test" in everything
    assert read(files, "manifest.json")["internal"] is False
    assert [m["words"] for m in read(files, "messages.json")] == ["When does it come?"]


def test_and_the_links_of_the_chain_still_hold(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    files = opened(exported(told, case.people.auditor, now, internal=False))
    events = read(files, "events.json")
    withheld = [event for event in events if "withheld" in event]
    assert [(e["kind"], e["withheld"]) for e in withheld] == [
        ("pass_on", ["reason"]),
        ("propose", ["data"]),
    ]
    for before, event in pairwise(events):
        assert event["previous"] == before["digest"]
    for event in events:
        if event not in withheld:
            assert digest_by_hand(event) == event["digest"]


def test_a_person_reads_it_in_their_language(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    page = opened(exported(told, case.people.auditor, now))["file.html"].decode()
    for words in (told.number, "Offer accepted", "Nothing could be streamed", NOTE):
        assert str(words) in page, words
    with translation.override("zh-hans"):
        files = opened(exported(told, case.people.auditor, now))
    assert 'lang="zh-Hans"' in files["file.html"].decode()
    both = files["README.txt"].decode()
    assert "HOW TO CHECK IT" in both
    assert "如何核验" in both


def test_the_same_case_at_the_same_moment_is_the_same_file(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    first = opened(exported(told, case.people.auditor, now))
    second = opened(exported(told, case.people.auditor, now))
    changing = {"events.json", "file.html", "manifest.json"}
    assert list(first) == list(second)
    assert {n for n in first if first[n] != second[n]} == changing


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("log.jpg", "log.jpg"),
        ("../../etc/passwd", "etc_passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/root/.ssh/id", "root_.ssh_id"),
        ("付款 凭证.pdf", "付款_凭证.pdf"),
        ("a\u202egpj.exe", "a_gpj.exe"),
        ("x\x00y\n.png", "x_y_.png"),
        ("...", "file"),
        ("", "file"),
        ("long" * 100 + ".jpeg", "long" * 20 + ".jpeg"),
    ],
)
def test_a_name_leads_nowhere_else(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_who_may_export_and_who_may_not(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    people = case.people
    for person in (people.evaluator, people.approver, people.finance, people.auditor):
        assert exported(told, person, now)
    count = case.request.event_count
    others = (
        people.owner,
        people.stranger,
        people.first_line,
        people.account_manager,
        people.lead,
        people.superuser,
    )
    for person in others:
        with pytest.raises(NotPermitted):
            exported(told, person, now)
    customer = people.customer
    role = Membership.Role.MEMBER
    Membership.objects.create(user=people.evaluator, customer=customer, role=role)
    told = case.request
    with pytest.raises(NotPermitted, match="You belong to this customer"):
        exported(told, people.evaluator, now)
    assert case.request.event_count == count


def visit(request: RefundRequest, user: User, **posted: str) -> Any:
    http = RequestFactory().post("/", posted)
    http.user = user
    return export(http, request.pk)


def body_of(answer: Any) -> bytes:
    """The file is closed, not the answer: that would close the test's connection."""
    with answer.file_to_stream:
        return b"".join(answer)


def test_the_console_hands_it_out_as_an_attachment(
    told: RefundRequest, case: Case
) -> None:
    answer = visit(told, case.people.finance)
    assert answer["Content-Disposition"] == f'attachment; filename="{told.number}.zip"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    content = body_of(answer)
    assert int(answer["Content-Length"]) == len(content)
    assert NOTE.encode() in opened(content)["messages.json"]
    answer = visit(told, case.people.finance, outside="yes")
    files = opened(body_of(answer))
    assert NOTE.encode() not in files["messages.json"]


def test_to_a_stranger_the_case_does_not_exist(
    told: RefundRequest, case: Case, now: datetime
) -> None:
    people = case.people
    for person in (people.stranger, people.owner, people.lead):
        with pytest.raises(Http404):
            visit(told, person)
    for person in (people.first_line, people.account_manager, people.superuser):
        with pytest.raises(PermissionDenied):
            visit(told, person)
    draft = make_case(people, at=now).draft()
    with pytest.raises(Http404):
        visit(draft, people.auditor)


def test_the_command_writes_it_once(
    told: RefundRequest, case: Case, tmp_path: Path
) -> None:
    out = tmp_path / "file.zip"
    said = StringIO()
    who = ("--by", "Auditor@example.test")
    command = ("export_case", str(told.number), "--out", str(out), *who)
    call_command(*command, "--without-notes", stdout=said)
    assert said.getvalue() == f"{told.number} is in {out}.\n"
    assert read(opened(out.read_bytes()), "manifest.json")["internal"] is False
    with pytest.raises(CommandError, match="is there already"):
        call_command(*command)
    assert case.request.events.filter(kind="file_exported").count() == 1


@pytest.mark.parametrize(
    ("number", "by", "words"),
    [
        ("RF-2026-999999", "auditor@example.test", "There is no request"),
        ("RF-2026-000001", "nobody@example.test", "Nobody signs in as"),
        ("RF-2026-000001", "first@example.test", "Nothing was exported"),
    ],
)
def test_the_command_says_what_is_wrong_and_leaves_nothing(
    told: RefundRequest, tmp_path: Path, number: str, by: str, words: str
) -> None:
    out = tmp_path / "file.zip"
    with pytest.raises(CommandError, match=words):
        call_command("export_case", number, "--out", str(out), "--by", by)
    assert not out.exists()
