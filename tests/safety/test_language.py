"""Every page in Chinese, and every page in English: no sentence of the other language
that is ours. Data in the marked world is told by its words."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.safety.pages import Reading
from tests.safety.walk import Answer

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = ("locale", "locale_vendor")
HOLE = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]|<[^>]+>|&\w+;")
WORD = re.compile(r"[A-Za-z]{2,}")
HAN = re.compile(r"[\u3400-\u9fff]")
RUN = re.compile(r"(?:\b[A-Za-z][A-Za-z'’]*\b[ ,;:]+){3,}[A-Za-z]+")
# What people wrote, as it stands in the world; and names that stay as they are.
DATA = re.compile(
    r"[^.?!\n]*Zqxmark[^.?!\n]*[.?!]?|Send the log\.?|Tried out|Log wanted|Storm|"
    r"Live streaming, Southeast Asia|Nothing could be streamed for days\.?|"
    r"Nothing can be streamed|Only \w+|[\w.+-]+@[\w.-]+|Set-up|English|"
    r"https?://\S+|[\w/]+\.(?:js|css)|(?:Asia|Europe|America)/\w+",
    re.IGNORECASE,
)
# Kept in both languages, and shown as it is kept: an assessment's words, the names of a
# tag, the answer of a route.
BOTH = (
    "admin:refunds_assessment_change",
    "admin:refunds_payoutcall_change",
    "admin:refunds_payoutleg_change",
    "admin:refunds_reasontag_change",
    "admin:refunds_reasontag_changelist",
)
CHINESE_DATA = re.compile(r"星河|请发送日志。|简体中文")


def seen(page: Answer) -> str:
    if page.address.name in BOTH:
        return ""
    return "\n".join(Reading(page.text).words)


def listed(found: dict[str, str]) -> str:
    return "\n".join(f"{words!r}: {page}" for words, page in sorted(found.items()))


def in_english() -> Iterator[str]:
    """The longest stretch of each text that has a translation, two words at least."""
    for folder in CATALOGUES:
        with (ROOT / folder / "zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
            entries = list(read_po(file))
        for entry in entries:
            forms = entry.id if isinstance(entry.id, (list, tuple)) else [entry.id]
            told = (
                entry.string
                if isinstance(entry.string, str)
                else "".join(entry.string or ())
            )
            for form in forms:
                part = max(HOLE.split(form), key=len).strip(" .,;:()")
                if form and form != told and len(WORD.findall(part)) >= 2:
                    yield " ".join(part.split())


def test_no_chinese_page_shows_an_english_text_of_ours(
    chinese_pages: list[Answer],
) -> None:
    texts = sorted(map(re.escape, set(in_english())), key=len, reverse=True)
    ours = re.compile(rf"\b(?:{'|'.join(texts)})\b")
    found: dict[str, str] = {}
    for page in chinese_pages:
        if page.is_page:
            for words in ours.findall(DATA.sub("", seen(page))):
                found.setdefault(words, str(page))
    assert not found, listed(found)


def test_no_chinese_page_runs_into_english(chinese_pages: list[Answer]) -> None:
    found: dict[str, str] = {}
    for page in chinese_pages:
        if page.is_page:
            for words in RUN.findall(DATA.sub("", seen(page))):
                found.setdefault(words, str(page))
    assert not found, listed(found)


def test_no_english_page_shows_chinese_of_ours(pages: list[Answer]) -> None:
    found: dict[str, str] = {}
    for page in pages:
        # Where columns of a file are named as files name them, in both languages.
        if page.is_page and not page.address.name.endswith("_import"):
            for line in CHINESE_DATA.sub("", seen(page)).splitlines():
                if HAN.search(line):
                    found.setdefault(line.strip(), str(page))
    assert not found, listed(found)


@pytest.mark.parametrize("tag", ["zh-Hans", "en"])
def test_every_page_says_its_language(
    pages: list[Answer], chinese_pages: list[Answer], tag: str
) -> None:
    read = chinese_pages if tag == "zh-Hans" else pages
    wrong = []
    for page in read:
        if page.is_page and "<html" in page.text:
            lang = dict(Reading(page.text).elements).get("html", {}).get("lang", "")
            if lang.lower() != tag.lower():
                wrong.append(f"{page}: {lang}")
    assert not wrong, wrong
