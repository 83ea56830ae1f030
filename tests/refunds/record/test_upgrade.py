"""`manage.py migrate` over a database in use: what is there stays, and is guarded."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from refunds.models import RefundRequest
from refunds.search import found_by
from tests.conftest import NOW
from tests.people import make_case, make_people

pytestmark = pytest.mark.database_rules
# Before the last migration that builds the table of requests anew on SQLite.
BEFORE = "0010"


def test_requests_outlive_a_migration_of_their_table_and_are_guarded_after_it(
    committed: None,
) -> None:
    request = make_case(make_people(), at=NOW).submitted()
    call_command("migrate", "refunds", BEFORE, verbosity=0)
    call_command("migrate", "refunds", verbosity=0)
    found = RefundRequest.objects.get()
    assert (found.number, found.due_at) == (request.number, request.due_at)
    assert found_by(RefundRequest.objects.all(), "xinghe streamed").get() == found
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("DELETE FROM refunds_refundrequest")
    assert RefundRequest.objects.count() == 1
