"""Filing for a customer who wrote or called: by their account manager alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Membership, Role, User
from refunds.errors import NotPermitted, RefundError
from refunds.filing.drafts import draft_for, draft_of, save_draft
from refunds.filing.submit import submit
from refunds.models import Evidence, Ground, Notice, RefundRequest
from refunds.notices.mail import compose
from refunds.record.verify import find_breaks
from refunds.review.answers import withdraw
from tests.factories import CustomerFactory, UserFactory, live_service
from tests.people import Case
from tests.refunds.filing import papers
from tests.refunds.filing.test_automatic import course
from tests.refunds.pages.visits import (
    downloads,
    queries,
    reads,
    text_of,
    told,
    visitor,
)

TOLD = {
    "ground": "unavailable",
    "keep_service": "no",
    "description": "They called: nothing could be streamed for days.",
    "amount": "10000",
}


@pytest.fixture
def manager(case: Case) -> Client:
    return visitor(case.people.account_manager)


def another_manager() -> User:
    user: User = UserFactory.create(is_staff=True)
    user.groups.add(Group.objects.get(name=Role.ACCOUNT_MANAGER))
    return user


def begins(case: Case, client: Client) -> RefundRequest:
    client.post(f"/services/{case.service.pk}/ask/")
    return case.request


def sends(client: Client, draft: RefundRequest, **told_: str) -> Any:
    path = f"/drafts/{draft.pk}/"
    file = SimpleUploadedFile("log.png", papers.image("PNG"))
    client.post(f"{path}upload/", {"kind": "fault_log", "file": file})
    checked = client.post(path, {**TOLD, **told_, "do": "check"})
    return client.post(f"{path}check/") if checked.status_code == 302 else checked


def test_the_whole_way_from_the_console_and_back(case: Case, manager: Client) -> None:
    people, customer = case.people, case.people.customer
    for address in (f"customer/{customer.pk}", f"service/{case.service.pk}"):
        record = manager.get(f"/admin/accounts/{address}/change/")
        assert "File for the customer" in text_of(record)
        assert f"/customers/{customer.pk}/services/" in record.content.decode()
    listed = reads(manager, f"/customers/{customer.pk}/services/")
    assert "You file for Xinghe Media." in listed
    draft = begins(case, manager)
    assert draft.filed_by == people.account_manager
    page = reads(manager, f"/drafts/{draft.pk}/")
    assert "You file for Xinghe Media." in page
    assert "How did they ask?" in page
    answer = sends(manager, draft, channel="phone")
    case_page = f"/admin/refunds/refundrequest/{draft.pk}/change/"
    assert answer["Location"] == case_page
    assert "Filed for Xinghe Media." in told(answer)
    sent = case.request
    assert (sent.state, sent.channel) == ("submitted", "phone")
    event = sent.events.get(kind="submit")
    assert event.actor == people.account_manager
    assert event.data["channel"] == "phone"
    assert str(sent.number) in reads(manager, case_page)
    assert manager.get(f"/drafts/{draft.pk}/")["Location"] == case_page
    assert list(find_breaks()) == []


@pytest.mark.parametrize(
    ("channel", "words"),
    [("phone", "because you called us"), ("email", "because you wrote us an email")],
)
def test_the_owner_is_told_who_filed_it_and_how_and_may_withdraw(
    case: Case, manager: Client, channel: str, words: str
) -> None:
    sends(manager, begins(case, manager), channel=channel)
    notice = Notice.objects.get(kind="customer_submitted")
    assert notice.recipient == case.people.owner
    mail = str(compose(notice).body)
    assert "manager filed a refund request" in mail
    assert words in mail
    assert "withdraw it" in mail
    receipt = reads(
        visitor(case.people.owner), f"/requests/{case.request.number}/receipt/"
    )
    assert "Filed for you by manager" in receipt
    with pytest.raises(NotPermitted):
        withdraw(case.request, by=case.people.account_manager, at=case.at)
    withdraw(case.request, by=case.people.owner, at=case.at)
    assert case.request.state == "withdrawn"


def test_how_they_asked_has_to_be_said(case: Case, manager: Client) -> None:
    draft = begins(case, manager)
    for channel in ({}, {"channel": "form"}, {"channel": "fax"}):
        answer = sends(manager, draft, **channel)
        assert answer.status_code == 422
        assert case.request.state == "draft"
    assert "Say whether the customer called or wrote." in text_of(sends(manager, draft))
    kept = case.request
    assert (kept.description, kept.amount_asked) == (TOLD["description"], 10_000_00)
    with pytest.raises(RefundError) as refusal:
        submit(kept, by=case.people.account_manager, at=case.at)
    assert refusal.value.field == "channel"


def test_the_channel_is_kept_while_it_is_written(case: Case, manager: Client) -> None:
    draft = begins(case, manager)
    manager.post(f"/drafts/{draft.pk}/autosave/", {**TOLD, "channel": "email"})
    assert case.request.channel == "email"
    manager.post(f"/drafts/{draft.pk}/autosave/", {"description": "More."})
    assert case.request.channel == "email"


def test_a_members_own_filing_keeps_to_the_form(case: Case) -> None:
    owner = visitor(case.people.owner)
    draft = begins(case, owner)
    page = reads(owner, f"/drafts/{draft.pk}/")
    assert "How did they ask?" not in page
    assert "You file for" not in page
    answer = sends(owner, draft, channel="phone")
    assert answer["Location"] == f"/requests/{case.request.number}/receipt/"
    assert case.request.channel == "form"
    assert case.request.events.get(kind="submit").data["channel"] == "form"


def test_a_manager_who_is_a_member_asks_for_themselves(
    case: Case, manager: Client
) -> None:
    draft = begins(case, manager)
    manager.post(f"/drafts/{draft.pk}/autosave/", {"channel": "phone"})
    Membership.objects.create(
        customer=case.people.customer, user=case.people.account_manager
    )
    answer = manager.get(f"/customers/{case.people.customer.pk}/services/")
    assert answer["Location"] == "/services/"
    assert "How did they ask?" not in reads(manager, f"/drafts/{draft.pk}/")
    answer = sends(manager, draft)
    assert answer["Location"] == f"/requests/{case.request.number}/receipt/"
    assert case.request.channel == "form"


def doors(draft: RefundRequest) -> dict[str, str]:
    """Every address about a draft, and how it is knocked at."""
    file = draft.evidence.get()
    path = f"/drafts/{draft.pk}/"
    return {
        path: "get",
        f"{path}autosave/": "post",
        f"{path}upload/": "post",
        f"{path}check/": "get",
        f"/evidence/{file.pk}/": "get",
        f"/evidence/{file.pk}/view/": "get",
        f"{path}remove/{file.pk}/": "post",
        f"{path}delete/": "post",
    }


def knocks(client: Client, draft: RefundRequest) -> dict[str, int]:
    return {
        path: downloads(client, path).status_code
        if how == "get"
        else client.post(path).status_code
        for path, how in doors(draft).items()
    }


def test_the_draft_is_its_writers_and_nobody_elses(case: Case, manager: Client) -> None:
    draft = begins(case, manager)
    file = SimpleUploadedFile("log.png", papers.image("PNG"))
    manager.post(f"/drafts/{draft.pk}/upload/", {"kind": "fault_log", "file": file})
    people = case.people
    others = [
        another_manager(),
        people.owner,
        people.member,
        people.stranger,
        people.evaluator,
        people.superuser,
    ]
    for other in others:
        assert set(knocks(visitor(other), draft).values()) == {404}, other
    assert Evidence.objects.count() == 1
    answers = knocks(manager, draft)
    assert set(answers.values()) <= {200, 302}
    assert not RefundRequest.objects.exists(), "deleted through the last door"


def test_a_draft_that_is_deleted_leads_back_to_the_customer(
    case: Case, manager: Client
) -> None:
    draft = begins(case, manager)
    answer = manager.post(f"/drafts/{draft.pk}/delete/")
    assert answer["Location"] == f"/customers/{case.people.customer.pk}/services/"


def test_who_manages_the_customer_no_more_is_out(case: Case, manager: Client) -> None:
    draft = begins(case, manager)
    file = SimpleUploadedFile("log.png", papers.image("PNG"))
    manager.post(f"/drafts/{draft.pk}/upload/", {"kind": "fault_log", "file": file})
    customer, heir = case.people.customer, another_manager()
    customer.account_manager = heir
    customer.save()
    for client in (manager, visitor(heir)):
        assert set(knocks(client, draft).values()) == {404}
    path = f"/customers/{customer.pk}/services/"
    assert manager.get(path).status_code == 404
    assert "Go on with your draft" not in reads(visitor(heir), path)
    assert manager.post(f"/services/{case.service.pk}/ask/").status_code == 404


def test_the_manager_is_asked_about_again_when_it_is_sent(case: Case) -> None:
    people = case.people
    draft = draft_for(case.service, by=people.account_manager)
    draft.ground, draft.amount_asked = Ground.CHANGE_OF_MIND, 1_00
    draft.description, draft.channel = "They called.", "phone"
    save_draft(draft)
    in_the_window = draft_of(people.account_manager, draft.pk)
    people.customer.account_manager = another_manager()
    people.customer.save()
    with pytest.raises(NotPermitted):
        submit(in_the_window, by=people.account_manager, at=case.at)
    assert case.request.state == "draft"


def test_who_lost_the_role_files_for_nobody(case: Case, manager: Client) -> None:
    draft = begins(case, manager)
    case.people.account_manager.groups.clear()
    assert manager.get(f"/drafts/{draft.pk}/").status_code == 404
    path = f"/customers/{case.people.customer.pk}/services/"
    assert manager.get(path).status_code == 404


def test_another_customers_services_are_nowhere(case: Case, manager: Client) -> None:
    other = CustomerFactory.create(account_manager=another_manager())
    service = live_service(customer=other, reviewer=case.people.evaluator, at=case.at)
    assert manager.get(f"/customers/{other.pk}/services/").status_code == 404
    assert manager.post(f"/services/{service.pk}/ask/").status_code == 404
    people = case.people
    for who in (people.evaluator, people.superuser, people.owner, people.auditor):
        client = visitor(who)
        for customer in (other, people.customer):
            answer = client.get(f"/customers/{customer.pk}/services/")
            assert answer.status_code == 404
    assert not RefundRequest.objects.exists()


def test_only_their_manager_sees_the_button(case: Case) -> None:
    path = f"/admin/accounts/customer/{case.people.customer.pk}/change/"
    assert "File for the customer" not in reads(visitor(case.people.evaluator), path)


def test_what_somebody_else_filed_is_not_decided_by_the_records_alone(
    case: Case,
) -> None:
    people = case.people
    draft = draft_for(course(people.customer), by=people.account_manager)
    draft.ground, draft.amount_asked = Ground.MISTAKE, 899_00
    draft.description, draft.channel = "Bought twice by mistake.", "email"
    save_draft(draft)
    client = visitor(people.account_manager)
    file = SimpleUploadedFile("receipt.png", papers.image("PNG"))
    client.post(f"/drafts/{draft.pk}/upload/", {"kind": "payment_record", "file": file})
    assert "within seconds" not in reads(client, f"/drafts/{draft.pk}/")
    sent = submit(draft, by=people.account_manager, at=case.at + timedelta(minutes=1))
    assert not sent.decides_itself


def test_more_services_cost_no_more_queries(case: Case, manager: Client) -> None:
    path = f"/customers/{case.people.customer.pk}/services/"
    before = queries(manager, path)
    for _service in range(3):
        live_service(
            customer=case.people.customer, reviewer=case.people.evaluator, at=case.at
        )
    assert queries(manager, path) == before
    assert before <= 12
