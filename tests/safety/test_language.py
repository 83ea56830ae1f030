"""Every page in Chinese, and every page in English: no sentence of the other language
that is ours. Data in the marked world is told by its words."""

import pytest

from tests.safety.walk import Answer
from tests.safety.words import chinese_in, english_in, listed, seen


def test_no_chinese_page_shows_an_english_text_of_ours(
    chinese_pages: list[Answer],
) -> None:
    found: dict[str, str] = {}
    for page in chinese_pages:
        if page.is_page:
            for words in english_in(seen(page)):
                found.setdefault(words, str(page))
    assert not found, listed(found)


def test_no_english_page_shows_chinese_of_ours(pages: list[Answer]) -> None:
    found: dict[str, str] = {}
    for page in pages:
        # Where columns of a file are named as files name them, in both languages.
        if page.is_page and not page.address.name.endswith("_import"):
            for line in chinese_in(seen(page)):
                found.setdefault(line, str(page))
    assert not found, listed(found)


@pytest.mark.parametrize("tag", ["zh-Hans", "en"])
def test_every_page_says_its_language(
    pages: list[Answer], chinese_pages: list[Answer], tag: str
) -> None:
    read = chinese_pages if tag == "zh-Hans" else pages
    wrong = []
    for page in read:
        if page.is_page and "<html" in page.text:
            lang = dict(page.reading.elements).get("html", {}).get("lang", "")
            if lang.lower() != tag.lower():
                wrong.append(f"{page}: {lang}")
    assert not wrong, wrong
