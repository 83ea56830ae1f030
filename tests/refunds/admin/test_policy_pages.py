"""The policy pages: what holds, what is coming, the draft; who reads and who writes."""

from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import ProductLine, User
from refunds.admin.policy_sheet import COMING, DRAFT, IN_FORCE, SUPERSEDED, standing
from refunds.models import Policy, PolicyVersion
from refunds.policies.applying import rules_of
from refunds.policies.files import as_bytes
from refunds.policies.history import fingerprint_of
from refunds.policies.versions import publish, switch
from tests.conftest import NOW
from tests.people import People
from tests.refunds.pages.visits import queries, reads, text_of, told, visitor
from tests.refunds.policies.desk import (
    another_rule,
    codes,
    draft_of,
    first_version,
    make_editor,
    policy_of,
)

POLICIES = "/admin/refunds/policy/"
JANUARY = date(2027, 1, 1)


@pytest.fixture
def editor(db: None) -> User:
    return make_editor()


@pytest.fixture
def live(db: None) -> PolicyVersion:
    return first_version("live_streaming")


@pytest.fixture
def client(editor: User) -> Client:
    return visitor(editor)


def policy_path(policy: Policy, *parts: str) -> str:
    return f"{POLICIES}{policy.pk}/" + "".join(f"{part}/" for part in parts)


def version_path(version: PolicyVersion, *parts: str) -> str:
    path = f"/admin/refunds/policyversion/{version.pk}/"
    return path + "".join(f"{part}/" for part in parts)


def coming_in_january(live: PolicyVersion, editor: User, at: datetime) -> PolicyVersion:
    draft = draft_of(live, editor)
    publish(draft, by=editor, at=at, in_force_from=JANUARY)
    return draft


def test_the_list_says_what_holds_what_comes_and_the_draft(
    client: Client, live: PolicyVersion, editor: User, now: datetime
) -> None:
    coming = coming_in_january(live, editor, now)
    draft_of(coming, editor)
    words = reads(client, POLICIES)
    for line in ProductLine.labels:
        assert str(line) in words
    assert (
        "Live streaming Version 1 since Wed 1 Jan 2020 Version 2 from Fri 1 Jan 2027 "
        "Version 3" in words
    )


def test_a_version_is_draft_coming_in_force_or_superseded(
    live: PolicyVersion, editor: User, now: datetime
) -> None:
    overtaken = coming_in_january(live, editor, now)
    coming = coming_in_january(overtaken, editor, now)
    draft_of(coming, editor)

    def stands(day: date) -> list[object]:
        [row] = standing([live.policy], today=day)
        return [each.stand for each in reversed(row.versions)]

    assert stands(date(2026, 12, 31)) == [IN_FORCE, SUPERSEDED, COMING, DRAFT]
    assert stands(JANUARY) == [SUPERSEDED, SUPERSEDED, IN_FORCE, DRAFT]


def test_a_policys_page_names_each_version_and_who_published_it(
    client: Client, live: PolicyVersion, editor: User, now: datetime
) -> None:
    coming_in_january(live, editor, now)
    words = reads(client, policy_path(live.policy, "change"))
    assert (
        "Version 2 Coming from Fri 1 Jan 2027 2026-11-16 10:00 Editor Download" in words
    )
    assert "Version 1 In force from Wed 1 Jan 2020" in words
    assert "with the installation Download" in words


def test_a_draft_begins_from_what_will_hold(
    client: Client, live: PolicyVersion, editor: User, now: datetime
) -> None:
    coming = draft_of(live, editor)
    switch(coming, codes(coming)[0], by=editor, at=NOW, enabled=False)
    publish(coming, by=editor, at=now, in_force_from=JANUARY)
    answer = client.post(policy_path(live.policy, "draft"))
    draft = PolicyVersion.objects.get(published_at=None)
    assert answer["Location"] == version_path(draft, "change")
    assert rules_of(draft) == rules_of(coming)
    again = client.post(policy_path(live.policy, "draft"))
    assert "There is a draft of this policy already." in told(again)


def upload(client: Client, policy: Policy, content: bytes) -> object:
    file = SimpleUploadedFile("policy.json", content)
    return client.post(policy_path(policy, "upload"), {"file": file})


def test_a_file_is_downloaded_and_uploaded_as_a_draft(
    client: Client, live: PolicyVersion
) -> None:
    answer = client.get(version_path(live, "file"))
    assert answer["Content-Disposition"] == (
        'attachment; filename="live_streaming-1.json"'
    )
    assert answer.content == as_bytes(live)
    upload(client, live.policy, answer.content)
    draft = PolicyVersion.objects.get(published_at=None)
    assert rules_of(draft) == rules_of(live)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{}", "This is no policy file"),
        (b" " * 10_000_000, "The file is larger than 1 MB"),
        (b"", "The submitted file is empty."),
    ],
)
def test_a_bad_file_is_refused_where_it_was_chosen(
    client: Client, live: PolicyVersion, content: bytes, words: str
) -> None:
    answer = upload(client, live.policy, content)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert text_of(answer).count(words) == 2
    assert live.policy.versions.count() == 1


def test_a_file_of_another_line_is_refused(client: Client, live: PolicyVersion) -> None:
    answer = upload(client, policy_of("online_course"), as_bytes(live))
    assert "These rules are for another product line" in text_of(answer)


def test_a_versions_page_reads_every_rule_in_both_languages(
    client: Client, live: PolicyVersion
) -> None:
    words = reads(client, version_path(live, "change"))
    for rule in rules_of(live):
        for text in (rule.code, *rule.title.values(), *rule.text.values()):
            assert text in words
    assert "Switch off" not in words


def test_a_draft_is_moved_switched_and_shortened_by_buttons(
    client: Client, live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    words = reads(client, version_path(draft, "change"))
    for label in ("Edit", "Up", "Down", "Switch off", "Remove", "Add a rule"):
        assert label in words
    first, second, *_rest = codes(draft)
    client.post(version_path(draft, "rules", second, "move"), {"to": "up"})
    assert codes(draft)[:2] == [second, first]
    client.post(version_path(draft, "rules", first, "switch"), {"enabled": "no"})
    assert "Off" in reads(client, version_path(draft, "change"))
    path = version_path(draft, "rules", first, "remove")
    assert "Remove this rule from the draft?" in reads(client, path)
    assert first in codes(draft)
    seen = client.get(path).context["seen"]
    assert "is removed" in told(client.post(path, {"seen": seen}))
    assert first not in codes(draft)
    assert "Nothing was changed" in told(client.post(path, {"seen": seen}))


def test_publishing_takes_a_date_and_says_what_it_means(
    client: Client, live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    path = version_path(draft, "publish")
    assert "Contracts signed before keep the version" in reads(client, path)
    seen = fingerprint_of(draft)
    for day, words in (
        ("", "This field is required."),
        ("2026-11-16", "or a later day: contracts that are signed"),
        ("tomorrow", "Enter a valid date."),
    ):
        answer = client.post(path, {"in_force_from": day, "seen": seen})
        assert answer.status_code == 422
        assert words in text_of(answer)
    answer = client.post(path, {"in_force_from": "2027-01-01", "seen": seen})
    assert told(answer) == (
        "Version 2 is published. It is in force from Fri 1 Jan 2027."
    )
    draft.refresh_from_db()
    assert (draft.in_force_from, draft.published_by) == (JANUARY, editor)
    assert "is published already" in told(client.post(path, {"seen": seen}))


def test_a_draft_changed_meanwhile_is_not_published_unread(
    client: Client, live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    typed = {"in_force_from": "2027-01-01", "seen": fingerprint_of(draft)}
    switch(draft, codes(draft)[0], by=editor, at=NOW, enabled=False)
    answer = client.post(version_path(draft, "publish"), typed)
    assert "Somebody changed this meanwhile" in text_of(answer)
    draft.refresh_from_db()
    assert draft.is_draft


def test_nonsense_says_why_it_can_not_be_published(
    client: Client, live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    for code in codes(draft):
        switch(draft, code, by=editor, at=NOW, enabled=False)
    path = version_path(draft, "publish")
    words = reads(client, path)
    assert "No rule is in use, so every request would be declined." in words
    typed = {"in_force_from": "2027-01-01", "seen": fingerprint_of(draft)}
    assert client.post(path, typed).status_code == 422


def test_a_draft_is_discarded_after_a_second_look(
    client: Client, live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    path = version_path(draft, "discard")
    assert "Discard this draft?" in reads(client, path)
    answer = client.post(path)
    assert answer["Location"] == policy_path(live.policy, "change")
    assert not live.policy.versions.filter(published_at=None).exists()
    client.post(version_path(live, "discard"))
    assert live.policy.versions.count() == 1


def test_the_public_page_as_it_will_look(
    client: Client, live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    first, *rest = rules_of(draft)
    switch(draft, first.code, by=editor, at=NOW, enabled=False)
    words = reads(client, version_path(draft, "public"))
    assert "A draft: customers can't see it." in words
    assert first.title["en"] not in words
    assert all(rule.title["en"] in words for rule in rest)


READ = ("change", "file", "public")
WRITE = (
    ("add",),
    ("publish",),
    ("discard",),
    ("reading",),
    ("rules", "live.long_outage"),
    ("rules", "live.long_outage", "remove"),
    ("rules", "live.long_outage", "move"),
    ("rules", "live.long_outage", "switch"),
)


def test_who_may_read_policies_reads_and_writes_nothing(
    people: People, live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    said = fingerprint_of(draft)
    for person in (people.auditor, people.superuser, people.evaluator):
        client = visitor(person)
        assert "Begin a draft" not in reads(client, policy_path(live.policy, "change"))
        for page in READ:
            assert client.get(version_path(draft, page)).status_code == 200, page
        words = reads(client, version_path(draft, "change"))
        assert not {"Publish…", "Edit", "Remove"} & set(words.split())
        for parts in WRITE:
            path = version_path(draft, *parts)
            assert client.get(path).status_code in (403, 405), path
            assert client.post(path, {"to": "up"}).status_code == 403, path
        for verb in ("draft", "upload"):
            assert client.post(policy_path(live.policy, verb)).status_code == 403
    assert fingerprint_of(draft) == said


def test_nobody_else_reads(people: People, live: PolicyVersion) -> None:
    paths = [POLICIES, policy_path(live.policy, "change")]
    paths += [version_path(live, page) for page in READ]
    for path in paths:
        assert visitor(people.lead).get(path).status_code == 403, path
        for person in (people.owner, None):
            assert visitor(person).get(path).status_code == 302, path


@pytest.mark.parametrize("model", ["policy", "policyversion"])
def test_no_stock_form_writes(client: Client, live: PolicyVersion, model: str) -> None:
    pk = live.policy.pk if model == "policy" else live.pk
    start = f"/admin/refunds/{model}/"
    before = list(PolicyVersion.objects.order_by("pk").values())
    everything = {"product_line": "x", "version": "9", "policy": "1", "post": "yes"}
    for path in (f"{start}add/", f"{start}{pk}/delete/", f"{start}{pk}/change/"):
        assert client.post(path, everything).status_code == 403, path
    chosen = {"action": "delete_selected", "_selected_action": [str(pk)], "post": "yes"}
    client.post(start, chosen)
    assert list(PolicyVersion.objects.order_by("pk").values()) == before
    assert client.get(f"{start}{pk}/history/").status_code == 200
    assert client.get(f"{start}nonsense/change/").status_code == 404
    assert client.get(f"{start}99999/change/").status_code == 404


def test_pages_take_as_many_queries_whatever_there_is(
    client: Client, live: PolicyVersion, editor: User, now: datetime
) -> None:
    draft = draft_of(live, editor)
    paths = [POLICIES, policy_path(live.policy, "change")]
    paths += [version_path(draft, page) for page in ("change", "public", "publish")]
    few = [queries(client, path) for path in paths]
    another = another_rule(draft)
    draft.rules.create(code=another.code, position=9, body=another.as_dict())
    assert [queries(client, path) for path in paths] == few
    draft.rules.filter(code=another.code).delete()
    publish(draft, by=editor, at=now, in_force_from=JANUARY)
    draft_of(live, editor)
    assert [queries(client, path) for path in paths[:2]] == few[:2]
    assert max(few) <= 12


def test_no_button_changes_a_published_version(
    client: Client, live: PolicyVersion
) -> None:
    row = PolicyVersion.objects.filter(pk=live.pk)
    before, said = row.values().get(), fingerprint_of(live)
    typed = {"to": "up", "enabled": "no", "in_force_from": "2027-01-01", "seen": said}
    for parts in WRITE:
        answer = client.post(version_path(live, *parts), typed)
        assert answer.status_code in (200, 302, 422), parts
    assert row.values().get() == before
    assert fingerprint_of(live) == said


def test_a_policys_page_tells_its_history(
    people: People, client: Client, live: PolicyVersion, editor: User
) -> None:
    draft = draft_of(live, editor)
    client.post(version_path(draft, "discard"))
    for reader in (client, visitor(people.auditor)):
        words = reads(reader, policy_path(live.policy, "change"))
        assert "Draft of version 2 discarded 2026-11-16 10:00 · Editor" in words
        assert "Version 1 came with the installation" in words
