"""Every mail about a case, in the language of who reads it and in no other."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from accounts.models import User
from refunds.models import Deadline, Notice
from refunds.notices.mail import compose
from tests.conftest import NOW
from tests.safety.reading import Reading
from tests.safety.words import ROOT, chinese_in, english_in
from tests.safety.world import World

KINDS = sorted(
    path.stem
    for path in Path(ROOT, "templates/notices").glob("*.txt")
    if path.stem != "mail"
)
# All that an event may leave for its mail; and the least.
TOLD = {
    "amount": 100,
    "key": "zqxmark-leg",
    "masked": "zqxmark****8802",
    "reason": "Zqxmark reason.",
    "words": "Zqxmark words.",
    "account_needed": True,
}
LEAST = {"amount": 100}


def texts(
    world: World, kind: str, language: str, data: Mapping[str, object]
) -> list[str]:
    """Subject, plain text and what is read of the HTML."""
    staff = kind.startswith("staff_")
    reader: User = world.people.evaluator if staff else world.people.owner
    reader.language = language
    refund = world.paid if "refunded" in kind else world.offered
    deadline = Deadline.objects.filter(request=world.offered).latest("pk")
    notice = Notice(
        pk=1,
        kind=kind,
        request=refund,
        deadline=deadline,
        recipient=reader,
        data=dict(data),
        written_at=NOW,
    )
    mail = compose(notice)
    html = str(mail.alternatives[0][0])
    return [str(mail.subject), str(mail.body), "\n".join(Reading(html).words)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_in_its_readers_language_alone(world: World, kind: str) -> None:
    for data in (TOLD, LEAST):
        for text in texts(world, kind, "zh-hans", data):
            assert not english_in(text), text
        for text in texts(world, kind, "en", data):
            assert not chinese_in(text), text
        chinese = "".join(texts(world, kind, "zh-hans", data))
        assert chinese_in(chinese), "it says something"


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_tells_no_secret(world: World, kind: str) -> None:
    """One link, and no account but its last digits."""
    for language in ("en", "zh-hans"):
        _subject, plain, _html = texts(world, kind, language, TOLD)
        assert plain.count("http") == 1
        assert "6222" not in plain
