"""What is English of ours, what is Chinese, what people wrote in the marked world."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

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
    return "\n".join(page.reading.words)


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


@cache
def ours() -> re.Pattern[str]:
    texts = sorted(map(re.escape, set(in_english())), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(texts)})\b")


def english_in(text: str) -> list[str]:
    """Texts of ours, and whatever runs on for four words."""
    told = DATA.sub("", text)
    return [*ours().findall(told), *RUN.findall(told)]


def chinese_in(text: str) -> list[str]:
    lines = CHINESE_DATA.sub("", text).splitlines()
    return [line.strip() for line in lines if HAN.search(line)]
