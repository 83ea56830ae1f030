"""Addresses of the policy pages that no link ever has."""

import pytest
from django.test import Client

from refunds.models import PolicyVersion
from tests.refunds.pages.visits import visitor
from tests.refunds.policies.desk import draft_of, first_version, make_editor

pytestmark = pytest.mark.postgres
NUL = "%00"


@pytest.fixture
def client(db: None) -> Client:
    return visitor(make_editor())


@pytest.fixture
def draft(client: Client) -> PolicyVersion:
    return draft_of(first_version("live_streaming"), make_editor("second"))


@pytest.mark.parametrize("address", [f"rules/{NUL}/", f"rules/{NUL}/remove/"])
def test_a_rule_of_no_possible_name_is_not_found_without_a_crash(
    client: Client, draft: PolicyVersion, address: str
) -> None:
    answer = client.get(f"/admin/refunds/policyversion/{draft.pk}/{address}")
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "address", [f"reading/?rule={NUL}", f"rules/{NUL}/switch/", f"rules/{NUL}/remove/"]
)
def test_nothing_is_done_to_a_rule_of_no_possible_name(
    client: Client, draft: PolicyVersion, address: str
) -> None:
    answer = client.post(f"/admin/refunds/policyversion/{draft.pk}/{address}", {})
    assert answer.status_code < 500
