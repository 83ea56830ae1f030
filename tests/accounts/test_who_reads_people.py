"""Whose names and addresses a member of staff may read."""

import pytest

from tests.people import People
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.pages.visits import reads, visitor

pytestmark = pytest.mark.postgres


def test_only_who_keeps_people_and_who_audits_reads_the_list_of_them(
    people: People,
) -> None:
    for reader in (people.account_manager, people.evaluator, people.finance):
        answer = visitor(reader).get("/admin/accounts/user/")
        assert answer.status_code == 403
    assert people.owner.email in reads(visitor(people.auditor), "/admin/accounts/user/")


def test_an_account_manager_opens_nobody_of_another_customer(people: People) -> None:
    address = f"/admin/accounts/user/{people.stranger.pk}/change/"
    answer = visitor(people.account_manager).get(address)
    assert people.stranger.email not in answer.content.decode()
