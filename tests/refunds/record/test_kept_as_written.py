"""What the database itself refuses to change or delete, on both of them."""

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction

from refunds.models import (
    Assessment,
    Event,
    Evidence,
    PayoutCall,
    PayoutLeg,
    PolicyEvent,
    RefundRequest,
)
from refunds.payouts.release import release
from tests.people import Case, picture

pytestmark = pytest.mark.database_rules
ON_SQLITE = connection.vendor == "sqlite"
HISTORY = (Event, PolicyEvent, Assessment, PayoutCall)
COLUMN = {
    Event: "reason",
    PolicyEvent: "kind",
    Assessment: "denied",
    PayoutCall: "code",
    PayoutLeg: "key",
    Evidence: "name",
}


@pytest.fixture
def kept(case: Case, now: datetime) -> RefundRequest:
    """Released, with one call on record."""
    release(case.agreed(), by=case.people.finance, at=now)
    PayoutCall.objects.create(
        leg=PayoutLeg.objects.get(), kind="submit", at=now, outcome="unknown"
    )
    return case.request


def assert_refused(statement: str) -> None:
    connection.check_constraints()  # None is left for the end of the transaction.
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="refused: it is kept as it was written"),
        transaction.atomic(),
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("model", HISTORY)
def test_history_is_not_altered(model: type[Event], kept: RefundRequest) -> None:
    table = model._meta.db_table
    assert_refused(f"UPDATE {table} SET {COLUMN[model]} = 'x'")
    assert_refused(f"UPDATE {table} SET id = id + 1000")
    with pytest.raises(DatabaseError), transaction.atomic():
        model._default_manager.update(**{COLUMN[model]: "x"})
    with pytest.raises(DatabaseError), transaction.atomic():
        model._default_manager.all()[0].save()


@pytest.mark.parametrize("model", HISTORY)
def test_history_is_not_deleted(model: type[Event], kept: RefundRequest) -> None:
    assert_refused(f"DELETE FROM {model._meta.db_table}")
    with pytest.raises(DatabaseError), transaction.atomic():
        model._default_manager.all()._raw_delete("default")


@pytest.mark.postgres
@pytest.mark.parametrize("model", HISTORY)
def test_history_is_not_truncated(model: type[Event], kept: RefundRequest) -> None:
    for tail in (" CASCADE", " RESTART IDENTITY CASCADE"):
        assert_refused(f"TRUNCATE {model._meta.db_table}{tail}")
    assert_refused("TRUNCATE refunds_refundrequest CASCADE")
    assert_refused("TRUNCATE refunds_payoutleg CASCADE")


@pytest.mark.postgres
def test_frozen_evidence_is_not_truncated(kept: RefundRequest) -> None:
    assert_refused("TRUNCATE refunds_evidence CASCADE")


@pytest.mark.parametrize("model", [*HISTORY, PayoutLeg, Evidence])
def test_history_is_not_replaced(model: type[Event], kept: RefundRequest) -> None:
    table = model._meta.db_table
    columns = [field.column for field in model._meta.local_concrete_fields]
    names = ", ".join(f'"{column}"' for column in columns)
    rows = f"INTO {table} ({names}) SELECT {names} FROM {table}"
    statement = (
        f"INSERT OR REPLACE {rows}"
        if ON_SQLITE
        else f"INSERT {rows} ON CONFLICT (id) DO UPDATE SET {COLUMN[model]} = 'x'"
    )
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError),
        transaction.atomic(),
    ):
        cursor.execute(statement)


def test_what_a_leg_sends_does_not_change(kept: RefundRequest) -> None:
    for change in (
        "\"key\" = 'RF2026000001L1A2'",
        "parameters = '{\"amount\": 1}'",
        "amount = amount + 1",
        "currency = 'USD'",
        "route = 'stripe'",
        "attempt = 2",
        "payout_id = payout_id + 1",
        "allocation_id = allocation_id + 1",
    ):
        assert_refused(f"UPDATE refunds_payoutleg SET {change}")


def test_a_leg_is_not_deleted_and_goes_only_where_a_leg_may_go(
    kept: RefundRequest,
) -> None:
    assert_refused("DELETE FROM refunds_payoutleg")
    for never in ("succeeded", "failed", "reversed", "unknown"):
        assert_refused(f"UPDATE refunds_payoutleg SET state = '{never}'")
    PayoutLeg.objects.update(state="held", code="x", next_at=None)
    PayoutLeg.objects.update(state="abandoned")
    assert_refused("UPDATE refunds_payoutleg SET state = 'prepared'")


def test_frozen_evidence_does_not_change(kept: RefundRequest) -> None:
    for change in (
        "sha256 = 'x'",
        "name = 'other.jpg'",
        "size = 1",
        "file = '2026/11/other.jpg'",
        "content_type = 'application/pdf'",
        "frozen_at = NULL",
        "request_id = request_id + 1",
    ):
        assert_refused(f"UPDATE refunds_evidence SET {change}")


def test_frozen_evidence_is_not_deleted_and_may_be_judged(kept: RefundRequest) -> None:
    assert_refused("DELETE FROM refunds_evidence")
    Evidence.objects.update(verdict="verified", verdict_reason="Seen.")


def test_evidence_of_a_draft_is_the_customers_own(case: Case) -> None:
    draft = case.draft()
    Evidence.objects.update(name="renamed.jpg")
    assert draft.evidence.all().delete()[0] == 1
    assert len(picture()) > 0
