"""The administrator's list of reason tags: names change, old ones retire."""

from datetime import datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Role
from refunds.models import ReasonTag
from refunds.review.tags import tag
from tests.people import Case
from tests.refunds.pages.visits import queries, reads, visitor

TAGS = "/admin/refunds/reasontag/"


@pytest.fixture
def desk(case: Case) -> Client:
    """The administrator's."""
    administrator = case.people.lead
    administrator.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    return visitor(administrator)


def test_the_list_says_how_often_each_is_used(
    case: Case, now: datetime, desk: Client
) -> None:
    request = case.in_evaluation()
    tag(request, by=case.people.evaluator, at=now, codes=["price"])
    page = desk.get(TAGS)
    rows = {row.code: row.times for row in page.context["cl"].result_list}
    assert (rows["price"], rows["support"]) == (1, 0)
    few = queries(desk, TAGS)
    ReasonTag.objects.bulk_create(
        ReasonTag(code=f"tag_{n}", name_en=f"Tag {n}", name_zh=f"标签{n}")
        for n in range(30)
    )
    assert queries(desk, TAGS) == few


def test_tags_retire_and_come_back_and_keep_their_code(
    case: Case, desk: Client
) -> None:
    price = ReasonTag.objects.get(code="price")
    chosen = {"_selected_action": [price.pk]}
    desk.post(TAGS, {"action": "retire", **chosen})
    price.refresh_from_db()
    assert price.retired
    assert "price" not in reads(desk, f"{TAGS}?retired__exact=0")
    desk.post(TAGS, {"action": "restore", **chosen})
    address = f"{TAGS}{price.pk}/change/"
    names = {"code": "cost", "name_en": "Cost", "name_zh": "费用"}
    assert desk.post(address, names).status_code == 302
    price.refresh_from_db()
    assert (price.code, price.name_en, price.retired) == ("price", "Cost", False)


def test_there_is_no_door_to_delete_one(case: Case, desk: Client) -> None:
    price = ReasonTag.objects.get(code="price")
    assert desk.post(f"{TAGS}{price.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"_selected_action": [price.pk], "action": "delete_selected"}
    desk.post(TAGS, {**chosen, "post": "yes"})
    assert ReasonTag.objects.filter(pk=price.pk).exists()
