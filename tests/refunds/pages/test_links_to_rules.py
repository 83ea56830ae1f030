"""The rules are one step away wherever somebody looks for them."""

import pytest

from tests.people import Case
from tests.refunds.pages.visits import visitor


@pytest.mark.django_db
def test_every_page_leads_to_the_policy_and_the_calculator() -> None:
    page = visitor(None).get("/account/login/").content.decode()
    assert 'href="/policy/"' in page
    assert 'href="/policy/calculator/"' in page


def test_what_is_about_a_contract_leads_to_its_terms(case: Case) -> None:
    people, sent = case.people, case.submitted()
    link = f'href="/contracts/{sent.contract.number}/terms/"'
    paths = ("/services/", f"/services/{sent.service_id}/", f"/requests/{sent.number}/")
    for path in paths:
        assert link in visitor(people.owner).get(path).content.decode(), path


def test_the_form_leads_there_too(case: Case) -> None:
    draft = case.draft()
    page = visitor(case.people.owner).get(f"/drafts/{draft.pk}/").content.decode()
    assert f'href="/contracts/{draft.contract.number}/terms/"' in page


def test_so_does_the_decision_sheet(case: Case) -> None:
    sent = case.submitted()
    sheet = f"/admin/refunds/refundrequest/{sent.pk}/change/"
    page = visitor(case.people.first_line).get(sheet).content.decode()
    assert f'href="/contracts/{sent.contract.number}/terms/"' in page
