"""Whatever happens in whatever order, what must always hold holds after each step."""

import pytest
from django.contrib.auth.models import Group
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from accounts.models import Role, User
from tests.factories import UserFactory
from tests.people import People, make_people
from tests.refunds.lifecycle.machine import Life
from tests.refunds.lifecycle.world import join
from tests.refunds.payouts.till import Till
from tests.refunds.policy.properties import TORTURE, few

pytestmark = [pytest.mark.postgres, pytest.mark.property]
# Else the examples would prove little.
REACHED = {
    "awaiting_information",
    "pending_approval",
    "offered",
    "rejected",
    "appealed",
    "agreed",
    "paying",
}


def everybody(people: People) -> dict[str, User]:
    """Those who try: each of the people, somebody with every role, and an insider."""
    roles = Group.objects.exclude(name=Role.ACCOUNT_MANAGER)
    found = {
        name: value for name, value in vars(people).items() if isinstance(value, User)
    }
    for name in ("taker", "everything", "insider"):
        found[name] = UserFactory.create(
            name=name,
            email=f"{name}@example.test",
            is_staff=True,
            is_superuser=name != "taker",
        )
        found[name].groups.set(roles)
    join(found["insider"], people.customer, "member")
    return found


def test_whatever_happens_in_whatever_order_it_holds(
    db: None, till: Till, english: None
) -> None:
    people = make_people()
    staff, reached = everybody(people), set[str]()
    run_state_machine_as_test(
        lambda: Life(people, till, staff, reached),  # type: ignore[arg-type]
        settings=settings(
            few,
            max_examples=400 if TORTURE else 15,
            stateful_step_count=50 if TORTURE else 20,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert reached >= REACHED, "it did not get far"
