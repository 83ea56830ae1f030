"""Dates, sums and counts on the pages read as the reader writes them."""

import re

import pytest

from tests.safety.walk import Answer

ENGLISH_DAY = re.compile(r"\b\d{1,2} (?:Nov|Dec|Jan)\w* 20\d\d")
CHINESE_DAY = re.compile(r"20\d\d年\d{1,2}月\d{1,2}日")


def words(pages: list[Answer], name: str) -> str:
    found = [page for page in pages if page.address.name == name and page.is_page]
    assert found, name
    read = " ".join(word for page in found for word in page.reading.words)
    return read.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("request", "CNY 9,876.54", "¥9,876.54"),
        ("service", "CNY 13,579.31", "¥13,579.31"),
    ],
)
def test_a_customer_reads_days_and_sums_in_their_language(
    pages: list[Answer],
    chinese_pages: list[Answer],
    name: str,
    english: str,
    chinese: str,
) -> None:
    read, read_in_chinese = words(pages, name), words(chinese_pages, name)
    assert english in read
    assert chinese in read_in_chinese
    assert chinese not in read
    assert english not in read_in_chinese
    assert ENGLISH_DAY.search(read)
    assert CHINESE_DAY.search(read_in_chinese)
    assert not ENGLISH_DAY.search(read_in_chinese)
    assert not CHINESE_DAY.search(read)


def test_the_console_names_the_currency_in_both(
    pages: list[Answer], chinese_pages: list[Answer]
) -> None:
    for read in (pages, chinese_pages):
        sheet = words(read, "admin:refunds_refundrequest_change")
        assert "CNY 9,876.54" in sheet
