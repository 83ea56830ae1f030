"""What the contract says of fault holds when an offer is answered, too."""

from datetime import datetime

import pytest

from accounts.models import ContractClause
from refunds.states import State
from tests.people import People
from tests.refunds.claims import PAID, Desk

pytestmark = pytest.mark.postgres


def test_an_offer_that_a_clause_allows_can_be_accepted(
    people: People, now: datetime
) -> None:
    desk = Desk(people, now)
    service = desk.service("live_streaming", days=2, activated_at=None, ends_on=None)
    contract = service.contract
    contract.minimum_commitment = PAID
    contract.save()
    ContractClause.objects.create(
        contract=contract,
        rule="live.before_activation",
        field="provider_at_fault",
        value=True,
        wording="Before activation the minimum does not count.",
    )
    request = desk.evaluate(
        desk.file(service, "change_of_mind", keep=False, amount=4_000_00)
    )
    offered = desk.offer(request, 4_000_00)
    assert desk.accept(offered).state == State.AGREED
