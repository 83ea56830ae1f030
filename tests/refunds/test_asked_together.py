"""Asked in one round, a question's rows are what Django itself makes of it."""

from typing import Any

import pytest
from django.db.models import Model, QuerySet

from accounts.models import Service, User
from refunds.models import (
    Assessment,
    Compensation,
    Deadline,
    Event,
    Evidence,
    Message,
    Offer,
    PolicyRule,
    RefundRequest,
)
from refunds.rows import ask_together
from tests.conftest import NOW
from tests.people import Case
from tests.refunds.pages import states

pytestmark = pytest.mark.database_rules
HOSTILE = '«"quotes" \\ \' %s %% {}\n\r\t\u2028 [null, 1.50] 😀 \x7f'


def told(row: Any) -> Any:
    """With the type of every value, for 1 equals True and Decimal(1)."""
    if isinstance(row, Model):
        kept = {k: v for k, v in vars(row).items() if k != "_state"}
        related = row._state.fields_cache
        named = {name: told(value) for name, value in related.items()}
        return type(row), told(kept), named
    if isinstance(row, dict):
        return {key: told(value) for key, value in row.items()}
    if isinstance(row, list | tuple):
        return type(row), [told(value) for value in row]
    return type(row), str(getattr(row, "tzinfo", "")), row


def questions() -> list[QuerySet[Any]]:
    requests = RefundRequest.objects.order_by("-pk")
    return [
        requests.select_related("contract", "handler", "payout"),
        requests.filter(pk__in=[]),
        requests.none(),
        requests.filter(number="no such").order_by("pk"),
        requests.values_list("pk", "due_at", "agreed_amount", "number")[:2],
        Service.objects.select_related("contract").order_by("-pk"),
        Event.objects.select_related("actor").order_by("position"),
        Event.objects.order_by("-position").values_list("data", flat=True)[:3],
        Assessment.objects.order_by("pk"),
        Compensation.objects.order_by("pk").values_list("given", flat=True),
        Deadline.objects.order_by("due_at", "-pk"),
        Evidence.objects.order_by("pk"),
        Message.objects.select_related("author"),
        Offer.objects.select_related("proposed_by", "approved_by"),
        PolicyRule.objects.order_by("pk"),
        User.objects.filter(email__contains="%").order_by("pk"),
        User.objects.order_by("email"),
    ]


def test_each_has_the_rows_that_it_would_have_alone(case: Case) -> None:
    request = case.offered()
    Message.objects.create(
        request=request,
        author=case.people.owner,
        from_customer=True,
        internal=False,
        words=HOSTILE,
        at=NOW.replace(microsecond=120000),
    )
    (other,) = states.more(case, 1)
    draft = other.draft(amount=2**62 + 1)
    RefundRequest.objects.filter(pk=draft.pk).update(description=HOSTILE)
    User.objects.filter(pk=case.people.owner.pk).update(name=HOSTILE)
    together, alone = questions(), questions()
    ask_together(*together, together[0])
    for one, same in zip(together, alone, strict=True):
        assert told(list(one)) == told(list(same)), one.model
