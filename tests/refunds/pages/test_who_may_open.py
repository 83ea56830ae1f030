"""Every address that names something, and every person at its door.

What is not theirs does not exist: 404, and no hint. An address without a verdict here
fails, and so does a verdict that lets somebody new in.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.members import invite
from accounts.models import Membership, Role, Service, User
from config.urls import urlpatterns
from refunds.models import Event, Evidence, RefundRequest
from tests.factories import CustomerFactory, UserFactory, live_service
from tests.people import Case, People
from tests.refunds.pages.visits import downloads, reads, told, visitor

WITH_ARGUMENTS = {
    pattern.name: tuple(pattern.pattern.converters)
    for pattern in urlpatterns
    if isinstance(pattern, URLPattern) and pattern.pattern.converters
}
# Everybody may read the policy; notify is for machines, with tests of its own.
# An invitation is its secret's, a session its person's: tests/accounts has theirs.
PUBLIC = {"policy_version", "notify", "invitation", "end_session"}
STAFF = ("evaluator", "auditor", "account_manager", "superuser")


@dataclass(frozen=True)
class Verdict:
    """What owner, colleague and staff get; outsiders always get 404. The customer's
    account manager gets what the other staff get, if nothing else stands here."""

    method: str
    about: str
    owner: int
    colleague: int
    staff: int = 404
    manager: int | None = None


VERDICTS = {
    ("service", "service"): Verdict("get", "service", 200, 200),
    ("terms", "contract"): Verdict("get", "contract", 200, 200, staff=200),
    ("ask", "service"): Verdict("post", "service", 302, 302, manager=302),
    ("services_for", "customer"): Verdict("get", "customer", 404, 404, manager=200),
    ("draft", "draft"): Verdict("get", "draft", 200, 404),
    ("autosave", "draft"): Verdict("post", "draft", 200, 404),
    ("upload", "draft"): Verdict("post", "draft", 200, 404),
    ("remove_file", "draft"): Verdict("post", "draft", 302, 404),
    ("check_draft", "draft"): Verdict("get", "draft", 200, 404),
    ("remove_draft", "draft"): Verdict("post", "draft", 302, 404),
    ("evidence", "draft"): Verdict("get", "draft", 200, 404),
    ("evidence_view", "draft"): Verdict("get", "draft", 200, 404),
    ("evidence", "sent"): Verdict("get", "sent", 200, 200, staff=200),
    ("evidence_view", "sent"): Verdict("get", "sent", 200, 200, staff=200),
    ("request", "sent"): Verdict("get", "sent", 200, 200),
    ("receipt", "sent"): Verdict("get", "sent", 200, 200),
    ("message", "sent"): Verdict("post", "sent", 302, 302),
    ("complain", "sent"): Verdict("post", "sent", 302, 302),
    ("accept", "sent"): Verdict("get", "sent", 200, 302),
    ("payout_account", "sent"): Verdict("get", "sent", 302, 302),
    ("add", "sent"): Verdict("get", "sent", 200, 200),
    ("answer", "sent"): Verdict("get", "sent", 200, 302),
    ("members_of", "customer"): Verdict("get", "customer", 200, 200),
    ("member", "member"): Verdict("get", "member", 200, 403),
    ("remove_member", "member"): Verdict("post", "member", 302, 403),
    ("invite_again", "invited"): Verdict("post", "invited", 302, 403),
    ("withdraw_invitation", "invited"): Verdict("post", "invited", 302, 403),
}


@dataclass(frozen=True)
class Scene:
    """An offer that waits for its answer, and the owner's draft for another service."""

    sent: RefundRequest
    draft: RefundRequest
    people: People
    outsiders: dict[str, User]

    def address(self, name: str, about: str) -> str:
        subject = self.sent if about == "sent" else self.draft
        file = subject.evidence.get()
        if name in ("evidence", "evidence_view"):
            return reverse(name, args=[file.pk])
        if name == "remove_file":
            return reverse(name, args=[subject.pk, file.pk])
        if name == "answer":
            return reverse(name, args=[subject.number, "appeal"])
        if about == "member":
            return reverse(name, args=[self.people.member.memberships.get().pk])
        if about == "invited":
            return reverse(name, args=[self.people.customer.invitations.get().pk])
        if about == "contract":
            return reverse(name, args=[subject.contract.number])
        if about == "customer":
            return reverse(name, args=[subject.customer_id])
        if about == "service":
            return reverse(name, args=[subject.service_id])
        if about == "sent":
            return reverse(name, args=[subject.number])
        return reverse(name, args=[subject.pk])


def staff(role: Role) -> User:
    user: User = UserFactory.create(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def scene(case: Case) -> Scene:
    people = case.people
    other = live_service(
        customer=people.customer, reviewer=people.evaluator, at=case.at
    )
    left = UserFactory.create()
    other_manager = staff(Role.ACCOUNT_MANAGER)
    CustomerFactory.create(account_manager=other_manager)
    invite(
        people.customer,
        email="guest@example.test",
        role=Membership.Role.MEMBER,
        by=people.owner,
        at=case.at,
    )
    return Scene(
        sent=case.offered(),
        draft=Case(people, other, case.at).draft(),
        people=people,
        outsiders={
            "stranger": people.stranger,
            "former member": left,
            "staff without a role": people.lead,
            "policy editor": staff(Role.POLICY_EDITOR),
            "administrator": staff(Role.ADMINISTRATOR),
            "another account manager": other_manager,
        },
    )


def knocks(client: Client, verdict: Verdict, address: str) -> Any:
    if verdict.method == "get":
        return downloads(client, address)
    return client.post(address)


def test_every_address_has_a_verdict() -> None:
    assert set(WITH_ARGUMENTS) - PUBLIC == {name for name, _about in VERDICTS}


@pytest.mark.parametrize(("name", "about"), VERDICTS)
def test_only_who_may_see_it_finds_it(scene: Scene, name: str, about: str) -> None:
    verdict, address = VERDICTS[name, about], scene.address(name, about)
    anonymous = knocks(visitor(None), verdict, address)
    door, _, back = anonymous["Location"].partition("?next=")
    assert door == "/account/login/"
    assert address.startswith(back), "the page, where the address takes no visit"
    assert back == address or verdict.method == "post"
    answers = {
        who: knocks(visitor(user), verdict, address).status_code
        for who, user in scene.outsiders.items()
    }
    assert answers == dict.fromkeys(scene.outsiders, 404)
    by_staff = {
        who: knocks(visitor(getattr(scene.people, who)), verdict, address).status_code
        for who in STAFF
    }
    manager = verdict.staff if verdict.manager is None else verdict.manager
    expected = dict.fromkeys(STAFF, verdict.staff) | {"account_manager": manager}
    assert by_staff == expected
    colleague = knocks(visitor(scene.people.member), verdict, address)
    assert colleague.status_code == verdict.colleague
    owner = knocks(visitor(scene.people.owner), verdict, address)
    assert owner.status_code == verdict.owner


@pytest.mark.parametrize("role", [Role.SUPPORT_AGENT, Role.EXPERT])
def test_who_may_open_no_case_may_open_no_evidence(scene: Scene, role: Role) -> None:
    agent = visitor(staff(role))
    case = f"/admin/refunds/refundrequest/{scene.sent.pk}/change/"
    assert agent.get(case).status_code == 403
    answer = downloads(agent, f"/evidence/{scene.sent.evidence.get().pk}/")
    assert answer.status_code == 404


def test_a_guessed_number_tells_nothing(scene: Scene) -> None:
    stranger = visitor(scene.people.stranger)
    for there, nowhere in (
        (f"/requests/{scene.sent.number}/", "/requests/RF-2026-999999/"),
        (f"/requests/{scene.sent.number}/receipt/", "/requests/None/receipt/"),
        (f"/drafts/{scene.draft.pk}/", "/drafts/999999/"),
        (f"/services/{scene.sent.service_id}/", f"/services/{2**70}/"),
        (f"/evidence/{scene.sent.evidence.get().pk}/", "/evidence/999999/"),
    ):
        assert reads(stranger, there, status=404) == reads(
            stranger, nowhere, status=404
        )


def test_a_member_follows_an_offer_and_does_not_answer_it(scene: Scene) -> None:
    member, number = visitor(scene.people.member), scene.sent.number
    page = reads(member, f"/requests/{number}/")
    assert "An owner of your company's account answers this offer." in page
    assert "Propose something else" not in page
    before = Event.objects.count()
    for address in ("accept", "propose_otherwise", "appeal", "withdraw"):
        answer = member.post(
            f"/requests/{number}/{address}/", {"words": "No.", "amount": "1000000"}
        )
        assert answer["Location"] == f"/requests/{number}/"
        assert "Only an owner of the customer" in told(answer)
    assert Event.objects.count() == before


def test_a_colleagues_draft_is_nowhere(scene: Scene) -> None:
    member = visitor(scene.people.member)
    assert "Go on with your draft" not in reads(member, "/services/")
    assert "Drafts" not in reads(member, "/requests/")
    member.post(f"/services/{scene.draft.service_id}/ask/")
    own = RefundRequest.objects.get(filed_by=scene.people.member)
    assert own != scene.draft
    assert own.description == ""


def test_who_left_the_customer_sees_no_draft_of_theirs(scene: Scene) -> None:
    owner = scene.people.owner
    Membership.objects.filter(user=owner).delete()
    assert scene.draft.service.name not in reads(visitor(owner), "/requests/")


def test_lists_hold_ones_own_and_nothing_else(scene: Scene) -> None:
    for who in (scene.people.stranger, *scene.outsiders.values()):
        for page in ("/services/", "/requests/"):
            words = reads(visitor(who), page)
            assert str(scene.sent.number) not in words
            assert scene.sent.service.name not in words


def test_who_is_deactivated_is_out(scene: Scene) -> None:
    owner = scene.people.owner
    client = visitor(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    answer = client.get(f"/requests/{scene.sent.number}/")
    assert answer["Location"].startswith("/account/login/")


def test_a_download_is_on_record_and_a_look_is_not(scene: Scene) -> None:
    file = scene.sent.evidence.get()
    auditor = visitor(scene.people.auditor)
    downloads(auditor, f"/evidence/{file.pk}/view/")
    downloads(auditor, f"/evidence/{file.pk}/")
    told_of = Event.objects.filter(kind="evidence_downloaded")
    assert [(e.actor, e.data["sha256"]) for e in told_of] == [
        (scene.people.auditor, file.sha256)
    ]


def test_no_evidence_is_in_a_public_folder(scene: Scene) -> None:
    for file in Evidence.objects.all():
        assert file.name not in str(file.file.name)
        client = visitor(scene.people.owner)
        for folder in ("static", "media", "evidence", "var/evidence"):
            assert client.get(f"/{folder}/{file.file.name}").status_code == 404


def test_nothing_of_another_customers_service_is_filed(scene: Scene) -> None:
    answer = visitor(scene.people.stranger).post(
        f"/services/{Service.objects.latest('pk').pk}/ask/"
    )
    assert answer.status_code == 404
    assert not RefundRequest.objects.filter(filed_by=scene.people.stranger).exists()


@pytest.mark.parametrize("number", ["%00", "RF-2026-%00", "RF-2026-1", "x" * 300])
def test_what_is_no_number_is_no_address(case: Case, number: str) -> None:
    owner = visitor(case.people.owner)
    assert owner.get(f"/requests/{number}/").status_code == 404
    assert owner.get(f"/requests/{number}/receipt/").status_code == 404
