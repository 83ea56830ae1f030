import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Role
from tests.people import People
from tests.refunds.pages.visits import visitor


@pytest.fixture
def administrator(people: People) -> Client:
    """Keeps the records, decides no case."""
    people.lead.groups.set(Group.objects.filter(name=Role.ADMINISTRATOR))
    return visitor(people.lead)


@pytest.fixture
def auditor(people: People) -> Client:
    """Reads every record, changes none."""
    return visitor(people.auditor)
