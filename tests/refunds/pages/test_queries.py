"""A page costs the same with many rows as with one."""

from refunds.review.messages import write
from tests.people import Case
from tests.refunds.pages.states import more
from tests.refunds.pages.visits import queries, visitor


def test_my_requests_grow_without_more_queries(case: Case) -> None:
    case.submitted()
    owner = visitor(case.people.owner)
    with_one = queries(owner, "/requests/")
    others = more(case, 6)
    for other in others[:3]:
        other.submitted()
    for other in others[3:]:
        other.draft()
    assert queries(owner, "/requests/") == with_one


def test_my_services_grow_without_more_queries(case: Case) -> None:
    owner = visitor(case.people.owner)
    with_one = queries(owner, "/services/")
    more(case, 14)
    assert queries(owner, "/services/") == with_one


def test_a_request_costs_the_same_with_a_long_history(case: Case) -> None:
    request = case.offered()
    owner = visitor(case.people.owner)
    path = f"/requests/{request.number}/"
    write(request, by=case.people.owner, at=case.at, words="When?")
    with_few = queries(owner, path)
    for who in (case.people.owner, case.people.evaluator) * 17:
        write(request, by=who, at=case.at, words="Soon.")
    assert request.events.count() >= 40
    assert queries(owner, path) == with_few
    assert with_few <= 30


def test_a_draft_costs_the_same_with_many_files(case: Case) -> None:
    draft = case.draft()
    owner = visitor(case.people.owner)
    path = f"/drafts/{draft.pk}/"
    with_one = queries(owner, path)
    file = draft.evidence.get()
    for number in range(12):
        file.pk, file.sha256 = None, f"{number:064}"
        file.save(force_insert=True)
    assert queries(owner, path) == with_one
