"""Who opens the stock pages, and what the administrator keeps there. That none of them
writes the truth is walked in tests/safety/test_no_raw_forms.py."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db.models import Model

from accounts.models import User
from refunds.models import (
    CalendarOverride,
    Event,
    PaymentBalance,
    PayoutLeg,
    RefundRequest,
)
from tests.people import Case
from tests.refunds.pages.visits import visitor


def address(model: type[Model], *parts: object) -> str:
    app = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    return app + "".join(f"{part}/" for part in parts)


@pytest.mark.parametrize(
    "model", [RefundRequest, Event, PayoutLeg, PaymentBalance], ids=lambda m: m.__name__
)
def test_staff_without_a_role_open_no_list(case: Case, model: type[Model]) -> None:
    assert visitor(case.people.lead).get(address(model)).status_code == 403
    owner = visitor(case.people.owner).get(address(model))
    assert owner["Location"].startswith("/admin/login/")


def test_who_is_a_superuser_is_set_on_no_page(case: Case) -> None:
    administrator = case.people.lead
    administrator.groups.add(_group("administrator"))
    path = address(User, administrator.pk, "change")
    client = visitor(administrator)
    assert "is_superuser" not in client.get(path).content.decode()
    client.post(
        path,
        {
            "email": administrator.email,
            "name": "Lead",
            "language": "en",
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
        },
    )
    administrator.refresh_from_db()
    assert administrator.name == "Lead"
    assert not administrator.is_superuser


def test_an_administrator_does_not_take_over_a_superuser(case: Case) -> None:
    """By an address of their own, to which the mail for a new password would go."""
    administrator = case.people.lead
    administrator.groups.add(_group("administrator"))
    root = case.people.superuser
    typed = {"email": "mine@example.test", "name": "Root", "language": "en"}
    path = address(User, root.pk, "change")
    assert visitor(administrator).post(path, typed).status_code == 403
    root.refresh_from_db()
    assert root.email == "root@example.test"


def test_the_administrator_keeps_the_calendar_and_reads_no_case(case: Case) -> None:
    administrator = case.people.lead
    administrator.groups.add(_group("administrator"))
    client = visitor(administrator)
    typed = {"country": "CN", "day": "2026-12-01", "reason": "Storm", "_save": "Save"}
    page: Any = client.post(address(CalendarOverride, "add"), typed)
    seen = page.context["foreseen"].fingerprint
    client.post(address(CalendarOverride, "add"), typed | {"seen": seen})
    assert CalendarOverride.objects.get().day == date(2026, 12, 1)
    request = case.submitted()
    assert client.get(address(RefundRequest)).status_code == 403
    assert client.get(address(RefundRequest, request.pk, "change")).status_code == 403


def _group(name: str) -> Group:
    return Group.objects.get(name=name)
