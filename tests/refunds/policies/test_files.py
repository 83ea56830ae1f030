"""A policy as a file: out, in as a draft, and nothing changed on the way."""

import json
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ProductLine, User
from refunds.models import PolicyRule, PolicyVersion
from refunds.policies.applying import rules_of
from refunds.policies.files import (
    LARGEST,
    FileRefused,
    as_bytes,
    export_version,
    import_file,
    read_file,
)
from refunds.policies.versions import DraftExists, WrongLine
from tests.conftest import NOW
from tests.people import People
from tests.refunds.policies.desk import codes, first_version, policy_of

Written = dict[str, Any]


def file_of(written: Written) -> bytes:
    return json.dumps(written, ensure_ascii=False).encode()


@pytest.mark.parametrize("line", ProductLine.values)
def test_out_and_in_again_changes_nothing(editor: User, line: str) -> None:
    published = first_version(line)
    draft = import_file(as_bytes(published), by=editor, at=NOW)
    assert (draft.version, draft.is_draft) == (2, True)
    assert rules_of(draft) == rules_of(published)
    before, after = export_version(published), export_version(draft)
    assert json.dumps(before["rules"]) == json.dumps(after["rules"])


def test_the_file_says_what_it_is(live: PolicyVersion) -> None:
    written = json.loads(as_bytes(live))
    assert written["makegood_policy"] == 1
    assert written["product_line"] == "live_streaming"
    assert (written["version"], written["in_force_from"]) == (1, "2020-01-01")
    assert [rule["code"] for rule in written["rules"]] == codes(live)
    assert "开通前退款" in as_bytes(live).decode(), "people read it too"


def test_decimals_may_be_written_as_numbers(live: PolicyVersion) -> None:
    content = as_bytes(live).replace(b'"share": "1"', b'"share": 0.8', 1)
    assert {str(rule.share) for rule in read_file(content).rules} == {"4/5", "1"}


def changed(change: Callable[[Written], object]) -> Callable[[Written], bytes]:
    def content(written: Written) -> bytes:
        change(written)
        return file_of(written)

    return content


def in_first_rule(**fields: Any) -> Callable[[Written], bytes]:
    return changed(lambda written: written["rules"][0].update(fields))


WINDOW = {"anchor": "paid", "amount": -7, "unit": "hours"}
CREDIT_OF_NOTHING = {"formula": "service_credit", "tiers": []}
BAD: dict[str, tuple[Callable[[Written], bytes], str]] = {
    "nothing": (lambda w: b"", "not JSON"),
    "no JSON": (lambda w: b"PK\x03\x04", "not JSON"),
    "a number too long": (lambda w: b"1" * 5000, "not JSON"),
    "too deep": (lambda w: b"[" * 200_000, "not JSON"),
    "GBK": (lambda w: "开通".encode("gbk"), "not in UTF-8"),
    "10 MB": (lambda w: b" " * 10_000_000, "larger than 1 MB"),
    "a list": (lambda w: b"[]", "no policy file"),
    "another format": (changed(lambda w: w.update(makegood_policy=2)), "no policy"),
    "no rules": (changed(lambda w: w.pop("rules")), "lacks rules"),
    "rules are none": (changed(lambda w: w.update(rules=7)), "a list of rules"),
    "empty": (changed(lambda w: w.update(rules=[])), "every request would be declined"),
    "an unknown line": (changed(lambda w: w.update(product_line="tea")), "is none"),
    "a line that is no text": (changed(lambda w: w.update(product_line=[])), "is none"),
    "an unknown field": (changed(lambda w: w.update(colour="red")), "none: colour"),
    "a name twice": (
        lambda w: file_of(w).replace(b'"version": 1', b'"rules": [], "version": 1'),
        "“rules” is there twice",
    ),
    "a rule twice": (
        changed(lambda w: w["rules"].append(w["rules"][0])),
        "live.before_activation is in the file twice",
    ),
    "one position twice": (in_first_rule(position=2), "have position 2"),
    "a rule that is none": (
        changed(lambda w: w["rules"].append("x")),
        "Rule 5, \\?: ",
    ),
    "a rule's unknown field": (in_first_rule(colour="red"), "unknown: colour"),
    "a rule's own line": (in_first_rule(product_line="online_course"), "only the file"),
    "no formula": (changed(lambda w: w["rules"][0].pop("formula")), "missing: formula"),
    "a negative window": (in_first_rule(window=WINDOW), "Rule 1, live.before_act"),
    "no tiers": (in_first_rule(**CREDIT_OF_NOTHING), "Rule 1, live.before_act"),
    "lessons on a stream": (
        in_first_rule(formula="remaining_lessons"),
        "not sold in lessons",
    ),
    "an unknown condition": (
        in_first_rule(conditions=[{"name": "full_moon"}]),
        "full_moon",
    ),
    "a code that breaks addresses": (in_first_rule(code="a/../b"), "like live.long"),
    "a code too long": (in_first_rule(code="live." + "x" * 60), "like live.long"),
    "a character that is none": (
        in_first_rule(title={"en": "a\x00b", "zh": "b"}),
        "not JSON",
    ),
    "half a character": (
        lambda w: as_json_text(w, title={"en": "\\ud800", "zh": "b"}),
        "not JSON",
    ),
}


def as_json_text(written: Written, **fields: Any) -> bytes:
    written["rules"][0].update(fields)
    return json.dumps(written).replace("\\\\ud800", "\\ud800").encode()


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_the_reason_and_nothing_is_kept(
    live: PolicyVersion,
    editor: User,
    content: Callable[[Written], bytes],
    words: str,
) -> None:
    before = PolicyRule.objects.count()
    bad = content(export_version(live))
    with pytest.raises(FileRefused, match=words):
        import_file(bad, by=editor, at=NOW, policy=live.policy)
    assert live.policy.versions.count() == 1
    assert PolicyRule.objects.count() == before


def test_a_byte_order_mark_does_no_harm(live: PolicyVersion) -> None:
    assert read_file(b"\xef\xbb\xbf" + as_bytes(live)).rules == rules_of(live)


def test_a_file_of_another_line_is_refused(live: PolicyVersion, editor: User) -> None:
    with pytest.raises(WrongLine, match="another product line: Live streaming"):
        import_file(
            as_bytes(live), by=editor, at=NOW, policy=policy_of("online_course")
        )


def test_a_draft_is_not_written_over(live: PolicyVersion, editor: User) -> None:
    import_file(as_bytes(live), by=editor, at=NOW)
    with pytest.raises(DraftExists):
        import_file(as_bytes(live), by=editor, at=NOW)


def exported(*arguments: str) -> str:
    out = StringIO()
    call_command("export_policy", *arguments, stdout=out)
    return out.getvalue()


def test_the_commands_go_around(
    live: PolicyVersion, editor: User, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "live.json"
    exported("live_streaming", str(path))
    assert path.read_bytes() == as_bytes(live)
    call_command("import_policy", str(path), "--by", editor.email, stdout=StringIO())
    draft = live.policy.versions.get(version=2)
    assert draft.is_draft
    assert exported("live_streaming") == as_bytes(live).decode()
    assert exported("live_streaming", "--version", "2") == as_bytes(draft).decode()


def test_the_commands_say_what_is_wrong(
    people: People, live: PolicyVersion, tmp_path: Path
) -> None:
    path = tmp_path / "live.json"
    path.write_bytes(as_bytes(live))
    with pytest.raises(CommandError, match=r"no such version.*Known: 1\."):
        exported("live_streaming", "--version", "7")
    with pytest.raises(CommandError, match="Nothing was written"):
        exported("live_streaming", str(tmp_path / "no" / "folder"))
    for file, by, words in (
        (path, "nobody@example.test", "Nobody signs in as nobody@example.test"),
        (path, people.superuser.email, "Only a policy editor may change policies"),
        (tmp_path / "missing.json", people.auditor.email, "No such file"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("import_policy", str(file), "--by", by)
    assert live.policy.versions.count() == 1


def test_a_large_file_is_not_read_to_its_end(editor: User, tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(b" " * (LARGEST * 10))
    with pytest.raises(CommandError, match="larger than 1 MB"):
        call_command("import_policy", str(path), "--by", editor.email)
