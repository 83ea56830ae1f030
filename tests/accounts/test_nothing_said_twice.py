"""Signing in says nothing of its own: the page that follows shows who is in."""

from django.test import Client

from tests.accounts.doors import person, types
from tests.refunds.pages.visits import told


def test_signing_in_leaves_no_message(db: None) -> None:
    user = person("ann@example.test")
    answer = types(Client(), user.email)
    assert answer.status_code == 302
    assert told(answer) == ""
