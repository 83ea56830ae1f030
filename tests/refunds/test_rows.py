"""Thousands of rows in one statement: what is written is what was meant."""

from datetime import UTC, datetime

import pytest
from django.db import DataError
from django.forms.models import model_to_dict

from refunds.models import Deadline, Notice
from refunds.notices.outbox import new_notice
from refunds.rows import insert, rewrite
from tests.people import Case

pytestmark = pytest.mark.database_rules
AT = datetime(2026, 11, 16, 2, 0, 0, 123456, tzinfo=UTC)


def notice(case: Case, key: str) -> Notice:
    return new_notice(
        key=key,
        kind="customer_submitted",
        request=case.request,
        recipient=case.people.owner,
        at=AT,
        data={"reason": '«"日志" — it\'s \\ here»\n', "amount": 1, "none": None},
    )


def test_a_row_is_kept_as_it_would_be_by_itself(case: Case) -> None:
    case.submitted()
    insert([notice(case, "many:1"), notice(case, "many:2")])
    notice(case, "single").save()
    single, *many = (
        model_to_dict(Notice.objects.get(key=key), exclude=["id", "key"])
        for key in ("single", "many:1", "many:2")
    )
    assert many == [single, single]
    assert single["written_at"] == AT


def test_what_is_known_is_left_as_it_is(case: Case) -> None:
    case.submitted()
    insert([notice(case, "a")])
    insert([notice(case, "a"), notice(case, "b")], but_known=True)
    assert Notice.objects.filter(key__in=["a", "b"]).count() == 2


def test_each_row_is_changed_to_values_of_its_own(case: Case) -> None:
    case.agreed()
    rows = list(Deadline.objects.filter(closed_at=None).order_by("pk"))
    stages = ["warn", "due"]
    for row, stage in zip(rows, stages, strict=True):
        row.stage, row.next_at, row.kind = stage, None, "not named, not written"
    rewrite(rows, "stage", "next_at")
    kept = Deadline.objects.filter(closed_at=None).order_by("pk")
    assert [row.stage for row in kept] == stages
    assert {row.next_at for row in kept} == {None}
    assert "not named" not in {row.kind for row in kept}


@pytest.mark.postgres
def test_a_value_that_is_too_long_is_refused_not_cut(case: Case) -> None:
    case.submitted()
    with pytest.raises(DataError):
        insert([notice(case, "k" * 121)])


def test_no_rows_are_no_statement(case: Case) -> None:
    insert([])
    rewrite([], "stage")
