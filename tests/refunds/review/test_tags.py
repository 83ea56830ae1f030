"""Reason tags: set while a case is open, frozen when it is decided, never lost."""

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from refunds.errors import NotAllowedAnyMore, NotPermitted
from refunds.models import ReasonTag, RefundRequest
from refunds.record.tags import frozen_tags
from refunds.record.triggers import UNDECIDED
from refunds.record.verify import find_breaks
from refunds.review.appeal import appeal
from refunds.review.hands import claim
from refunds.review.rejection import reject
from refunds.review.tags import RetiredTag, UnknownTag, tag
from refunds.states import State
from tests.people import Case, make_case

pytestmark = pytest.mark.database_rules


def codes(request: RefundRequest) -> list[str]:
    return [code for code, _english, _chinese in frozen_tags(request)]


def retire(code: str) -> None:
    ReasonTag.objects.filter(code=code).update(retired=True)


def test_who_has_the_case_in_hand_says_what_it_is_about(
    case: Case, now: datetime
) -> None:
    case.submitted()
    claim(case.request, by=case.people.first_line, at=now)
    tag(case.request, by=case.people.first_line, at=now, codes=["support", "price"])
    event = case.request.events.latest("position")
    assert (event.kind, event.actor) == ("tagged", case.people.first_line)
    assert event.data == {"tags": ["price", "support"]}
    assert codes(case.request) == ["price", "support"]
    assert list(find_breaks()) == []


def test_what_is_chosen_replaces_what_was_there(case: Case, now: datetime) -> None:
    request, evaluator = case.in_evaluation(), case.people.evaluator
    tag(request, by=evaluator, at=now, codes=["price", "support"])
    tag(request, by=evaluator, at=now, codes=["support", "changed_need"])
    assert codes(request) == ["changed_need", "support"]
    tag(request, by=evaluator, at=now, codes=[])
    assert codes(request) == []


def test_nothing_is_told_where_nothing_changed(case: Case, now: datetime) -> None:
    request, evaluator = case.in_evaluation(), case.people.evaluator
    tag(request, by=evaluator, at=now, codes=["price"])
    tag(request, by=evaluator, at=now, codes=["price", "price"])
    assert request.events.filter(kind="tagged").count() == 1


def test_nobody_else_says_so(case: Case, now: datetime) -> None:
    request, people = case.in_evaluation(), case.people
    others = (
        people.second_evaluator,
        people.first_line,
        people.approver,
        people.auditor,
        people.account_manager,
        people.superuser,
        people.owner,
    )
    for person in others:
        with pytest.raises(NotPermitted):
            tag(request, by=person, at=now, codes=["price"])
    assert codes(request) == []


def test_on_appeal_who_judges_it_says_so(case: Case, now: datetime) -> None:
    request, people = case.in_evaluation(), case.people
    reject(request, by=people.evaluator, at=now, code="not_ours", words="Not ours.")
    appeal(request, by=people.owner, at=now, words="It was.")
    claim(case.request, by=people.second_evaluator, at=now)
    with pytest.raises(NotPermitted):
        tag(request, by=people.evaluator, at=now, codes=["price"])
    tag(request, by=people.second_evaluator, at=now, codes=["not_as_described"])
    assert codes(request) == ["not_as_described"]


def test_only_tags_of_the_list_are_put_on(case: Case, now: datetime) -> None:
    request, evaluator = case.in_evaluation(), case.people.evaluator
    with pytest.raises(UnknownTag, match="no reason tag “weather”") as refusal:
        tag(request, by=evaluator, at=now, codes=["price", "weather"])
    assert refusal.value.field == "tags"
    retire("support")
    with pytest.raises(RetiredTag, match="“Support” is retired"):
        tag(request, by=evaluator, at=now, codes=["support"])
    assert codes(request) == []


def test_one_that_retired_meanwhile_may_stay(case: Case, now: datetime) -> None:
    request, evaluator = case.in_evaluation(), case.people.evaluator
    tag(request, by=evaluator, at=now, codes=["support"])
    retire("support")
    tag(request, by=evaluator, at=now, codes=["support", "price"])
    assert codes(request) == ["price", "support"]


def test_a_decision_freezes_them(case: Case, now: datetime) -> None:
    request, evaluator = case.in_evaluation(), case.people.evaluator
    tag(request, by=evaluator, at=now, codes=["price"])
    reject(request, by=evaluator, at=now, code="not_ours", words="Not ours.")
    with pytest.raises(NotAllowedAnyMore):
        tag(request, by=evaluator, at=now, codes=[])
    support = ReasonTag.objects.get(code="support")
    for change in (
        lambda: request.reason_tags.add(support),
        lambda: request.reason_tags.clear(),
        lambda: RefundRequest.reason_tags.through.objects.update(reasontag=support),
    ):
        with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
            change()
    assert codes(request) == ["price"]


@pytest.mark.parametrize("state", [s for s in State if s not in UNDECIDED])
def test_in_every_state_that_follows_the_database_refuses(
    case: Case, now: datetime, state: str
) -> None:
    request = case.in_evaluation()
    tag(request, by=case.people.evaluator, at=now, codes=["price"])
    RefundRequest.objects.filter(pk=request.pk).update(
        state=state, event_count=case.request.event_count + 1
    )
    table = RefundRequest.reason_tags.through._meta.db_table
    other = make_case(case.people, at=now).draft()
    for statement in (
        f"DELETE FROM {table}",
        f"UPDATE {table} SET refundrequest_id = {other.pk}",
        f"INSERT INTO {table} (refundrequest_id, reasontag_id)"
        f" SELECT {request.pk}, max(id) FROM refunds_reasontag",
    ):
        with (
            connection.cursor() as cursor,
            pytest.raises(DatabaseError, match="refused"),
            transaction.atomic(),
        ):
            cursor.execute(statement)


def test_the_names_of_then_are_kept(case: Case, now: datetime) -> None:
    request = case.in_evaluation()
    tag(request, by=case.people.evaluator, at=now, codes=["price"])
    before = frozen_tags(request)
    assert before == [["price", "Price", "价格"]]
    ReasonTag.objects.filter(code="price").update(name_en="Cost", name_zh="费用")
    assert frozen_tags(request) == [["price", "Cost", "费用"]]


def test_a_tag_is_named_in_the_readers_language(db: None) -> None:
    price = ReasonTag.objects.get(code="price")
    assert price.label() == "Price"
    with translation.override("zh-hans"):
        assert price.label() == "价格"


def test_a_tag_is_neither_deleted_nor_given_another_code(db: None) -> None:
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        ReasonTag.objects.filter(code="price").delete()
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        ReasonTag.objects.filter(code="price").update(code="cost")
    assert ReasonTag.objects.filter(code="price").exists()
