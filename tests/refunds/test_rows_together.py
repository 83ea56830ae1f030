"""Several questions in one round trip: each answer is what the ORM reads by itself."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Count, QuerySet

from accounts.models import Outage, QualityReading, User
from refunds.gateways.sandbox.server import Sandbox
from refunds.models import Message, Notice, RefundRequest
from refunds.notices.outbox import new_notice
from refunds.review.messages import write
from refunds.rows import ask_together
from tests.people import Case
from tests.refunds.pages import states

pytestmark = pytest.mark.postgres

OURS = ("accounts", "refunds")
WORDS = '«"日志" — it\'s \\ here»\n\t{"a": [1.50]} null 😀'
MICROSECONDS = (0, 1, 10, 123450, 123456)
VALUES: dict[str, Any] = {
    "text": WORDS,
    "large": 2**62,
    "fraction": 0.1,
    "none": None,
    "list": [True, [], {}, "1.50"],
}
# What the answer's JSON carries there and back. Not bytes: no page asks for a batch's.
CARRIED = {
    *("BigAutoField", "BigIntegerField", "IntegerField", "PositiveIntegerField"),
    *("PositiveBigIntegerField", "PositiveSmallIntegerField", "BooleanField"),
    *("CharField", "SlugField", "TextField", "FileField", "JSONField"),
    *("DateField", "DateTimeField", "ForeignKey", "OneToOneField"),
}
NOT_ASKED = {"BinaryField"}


def our_models() -> list[type[models.Model]]:
    return [
        model for label in OURS for model in apps.get_app_config(label).get_models()
    ]


def values(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return [
        {field.attname: getattr(row, field.attname) for field in row._meta.fields}
        for row in rows
    ]


def of_types(found: list[dict[str, Any]]) -> list[list[tuple[str, type]]]:
    return [[(name, type(value)) for name, value in row.items()] for row in found]


def test_every_models_rows_are_what_the_orm_reads(case: Case, sandbox: Sandbox) -> None:
    states.money_back(case, sandbox)
    kinds = our_models()
    together = [kind._default_manager.order_by("pk") for kind in kinds]
    ask_together(*together)
    for kind, rows in zip(kinds, together, strict=True):
        told, read = values(rows), values(kind._default_manager.order_by("pk"))
        assert told == read, kind
        assert of_types(told) == of_types(read), kind


def test_no_model_has_a_field_that_was_never_compared() -> None:
    kinds = {
        field.get_internal_type()
        for model in our_models()
        for field in model._meta.concrete_fields
    }
    assert kinds - NOT_ASKED <= CARRIED


def test_words_and_json_come_back_as_they_were_written(case: Case) -> None:
    request = case.submitted()
    write(request, by=case.people.owner, at=case.at, words=WORDS)
    new_notice(
        key="told",
        kind="customer_submitted",
        request=request,
        recipient=case.people.owner,
        at=case.at,
        data=VALUES,
    ).save()
    messages, notices = Message.objects.all(), Notice.objects.filter(key="told")
    ask_together(messages, notices)
    assert [message.words for message in messages] == [WORDS]
    assert [notice.data for notice in notices] == [VALUES]


def test_times_and_figures_keep_every_digit(case: Case) -> None:
    for microsecond in MICROSECONDS:
        began = datetime(2026, 3, 29, 1, 59, 59, microsecond, tzinfo=UTC)
        Outage.objects.create(
            service=case.service,
            began_at=began,
            extent=Outage.Extent.TOTAL,
            cause=Outage.Cause.PROVIDER,
        )
        QualityReading.objects.create(
            service=case.service,
            metric="availability",
            period_from=began,
            period_to=began.replace(year=2027),
            measured="0.10",
            promised="99",
        )
    outages = Outage.objects.order_by("pk")
    readings = QualityReading.objects.order_by("pk")
    ask_together(outages, readings)
    assert values(outages) == values(Outage.objects.order_by("pk"))
    assert values(readings) == values(QualityReading.objects.order_by("pk"))


def test_a_null_an_empty_answer_and_rows_beside_are_told_apart(case: Case) -> None:
    request = case.submitted()
    rows = RefundRequest.objects.select_related("handler", "contract__customer")
    nothing = User.objects.filter(email="nobody@example.test")
    never = User.objects.none()
    counted = RefundRequest.objects.values_list("pk").annotate(many=Count("events"))
    ask_together(rows, nothing, never, counted)
    assert [row.handler for row in rows] == [None]
    assert rows[0].contract.customer == case.people.customer
    assert (list(nothing), list(never)) == ([], [])
    assert list(counted) == [(request.pk, request.events.count())]
