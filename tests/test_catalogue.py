"""The Chinese catalogue: complete, current, and nothing lost between the languages."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po
from django.utils import translation

from refunds.models import Ground
from refunds.policy import labels

ROOT = Path(__file__).resolve().parent.parent
PO = Path("zh_Hans", "LC_MESSAGES", "django.po")
OURS, VENDORS = "locale", "locale_vendor"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]")
NEVER = re.compile(r"[!！]|登陆|其它|请勿|绝不|温馨提示|亲[，,]")

every_catalogue = pytest.mark.parametrize("folder", [OURS, VENDORS])


def catalogue(folder: Path) -> Catalog:
    with (folder / PO).open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def entries(folder: str) -> list[Message]:
    return [entry for entry in catalogue(ROOT / folder) if entry.id]


def forms(text: str | Sequence[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or [""])


def key(entry: Message) -> tuple[str | None, str]:
    return entry.context, forms(entry.id)[0]


def current_keys(folder: Path) -> set[tuple[str | None, str]]:
    """What the catalogue holds once `make messages` ran, in a copy of the sources."""
    left_out = shutil.ignore_patterns(
        ".*", "__pycache__", "var", "tests", "node_modules"
    )
    copy = folder / "copy"
    shutil.copytree(ROOT, copy, ignore=left_out)
    make = ["manage.py", "makemessages", "--locale", "zh_Hans", "--no-location"]
    subprocess.run(
        [sys.executable, *make],
        cwd=copy,
        env=os.environ | {"VAR_DIR": str(folder / "var")},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return {key(entry) for entry in catalogue(copy / OURS) if entry.id}


@every_catalogue
def test_every_text_is_translated(folder: str) -> None:
    left = [key(e) for e in entries(folder) if not all(forms(e.string))]
    assert not left


@every_catalogue
def test_no_translation_is_a_guess(folder: str) -> None:
    assert not [key(entry) for entry in entries(folder) if entry.fuzzy]


@every_catalogue
def test_a_translation_fills_in_what_its_text_does(folder: str) -> None:
    for entry in entries(folder):
        # Chinese has one form for every number; it follows the English plural.
        filled_in = set(PLACEHOLDER.findall(forms(entry.id)[-1]))
        for words in forms(entry.string):
            assert set(PLACEHOLDER.findall(words)) == filled_in, key(entry)


@every_catalogue
def test_the_chinese_never_shouts_or_orders_about(folder: str) -> None:
    words = [words for entry in entries(folder) for words in forms(entry.string)]
    assert not [found for found in words if NEVER.search(found)]


@pytest.mark.skipif(
    shutil.which("xgettext") is None, reason="install gettext (apt install gettext)"
)
def test_no_text_of_the_sources_is_missing(tmp_path: Path) -> None:
    kept = {key(entry) for entry in entries(OURS)}
    missing = current_keys(tmp_path) - kept
    assert not missing, "run make messages, and translate what is new"


def test_a_ground_has_one_name_for_the_form_and_for_the_policy() -> None:
    with translation.override("en"):
        assert {g.value: str(g.label) for g in Ground} == labels.GROUNDS
