"""What is hard to find: a last character, and marks that the index gives a meaning."""

import pytest

from refunds.models import RefundRequest, RequestWords
from refunds.search import found_by, terms
from tests.people import Case


def test_the_last_character_of_a_chinese_text_finds_it(case: Case) -> None:
    request = case.submitted()
    RequestWords.objects.filter(request=request).update(
        terms=" ".join(sorted(terms("服务中断")))
    )
    for asked in ("断", "中断", "服", "服务中断"):
        found = found_by(RefundRequest.objects.all(), asked)
        assert [row.pk for row in found] == [request.pk], asked
    assert not found_by(RefundRequest.objects.all(), "断服").exists()


@pytest.mark.parametrize("term", ["o'brien", "a\\b", "x:*", "a&b", "'"])
def test_marks_of_a_term_are_a_part_of_it(case: Case, term: str) -> None:
    request = case.submitted()
    RequestWords.objects.filter(request=request).update(terms=f"before {term} last")
    for lookup in ("begin_all", "has_all"):
        asked = {f"terms__{lookup}": ["befor", term]}
        assert RequestWords.objects.filter(**asked).exists(), lookup
        other = {f"terms__{lookup}": [f"{term}?"]}
        assert not RequestWords.objects.filter(**other).exists(), lookup
