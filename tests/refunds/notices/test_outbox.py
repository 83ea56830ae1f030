"""Mail: promised by a row, in the reader's language, sent once, lost never."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.utils.html import strip_tags
from pytest_django import Settings

from accounts.models import User
from refunds.clock.sweep import sweep
from refunds.models import Deadline, Notice
from refunds.notices.mail import compose
from refunds.notices.outbox import CUSTOMER_HEARS, send_due, write_notices
from refunds.states import State
from tests.people import Case

FILES = "django.core.mail.backends.filebased.EmailBackend"


@pytest.fixture
def mail(settings: Settings, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = FILES, tmp_path
    return tmp_path


def only_mail(folder: Path) -> EmailMessage:
    (path,) = folder.glob("*.log")
    content = path.read_bytes().split(b"\n" + b"-" * 79)[0]
    found = message_from_bytes(content, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_the_customer_reads_it_in_their_language_with_one_link(
    case: Case, mail: Path
) -> None:
    User.objects.filter(pk=case.people.owner.pk).update(language="zh-hans")
    case.submitted()
    assert send_due(at=case.at) == 1
    found = only_mail(mail)
    text = found.get_body(("plain",))
    html = found.get_body(("html",))
    assert text is not None
    assert html is not None
    assert str(case.request.number) in str(found["Subject"])
    assert "申请" in str(found["Subject"])
    assert text.get_content().count("http://") == 1
    assert f"/requests/{case.request.number}/" in text.get_content()
    assert 'lang="zh-Hans"' in html.get_content()
    assert found["Message-ID"] == f"<notice-{Notice.objects.get().pk}@127.0.0.1>"


def test_a_mail_names_the_day_that_stood_when_it_was_written(case: Case) -> None:
    case.offered()
    notice = Notice.objects.get(kind="customer_offered")
    by = "It stands until Mon 30 Nov 2026, 17:30; after that the request closes."
    assert by in str(compose(notice).body)
    type(case.request).objects.update(due_at=None)
    assert by in str(compose(Notice.objects.get(pk=notice.pk)).body)
    del notice.data["due_at"]
    assert "It stands until" not in str(compose(notice).body)


def test_what_is_sent_is_not_sent_again(case: Case, mail: Path) -> None:
    case.submitted()
    assert send_due(at=case.at) == 1
    assert send_due(at=case.at + timedelta(days=1)) == 0


@pytest.mark.database_rules
def test_a_notice_whose_key_stands_already_is_not_written_again(case: Case) -> None:
    case.submitted()
    notice = Notice.objects.get()
    notice.pk = None
    write_notices([notice])
    assert Notice.objects.count() == 1


def test_a_reminder_reaches_the_mail_file(case: Case, mail: Path) -> None:
    case.submitted()
    Notice.objects.update(next_try_at=None)
    due = Deadline.objects.get(closed_at=None).due_at
    sweep(at=due)
    assert send_due(at=due) == 1
    found = only_mail(mail)
    assert found["To"] == "lead@example.test"
    assert "Mon 23 Nov 2026, 17:30" in str(found["Subject"])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_html_says_the_same_in_words_and_both_have_the_one_link(
    case: Case, mail: Path, language: str
) -> None:
    User.objects.update(language=language)
    case.submitted()
    send_due(at=case.at)
    found = only_mail(mail)
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None
    assert html is not None
    link = f"{settings.SITE_URL}/requests/{case.request.number}/"
    assert re.findall(r"https?:[^\s\"]+", text.get_content()) == [link]
    assert re.findall(r"https?:[^\s\"]+", html.get_content()) == [link]
    body = html.get_content().partition("<body>")[2]
    shown = " ".join(strip_tags(body).split())
    button = {"en": "Open the request", "zh-hans": "查看申请"}[language]
    said = " ".join(text.get_content().split()).replace(link, button)
    assert unescape(shown) == said
    lang = {"en": "en", "zh-hans": "zh-Hans"}[language]
    assert f'<html lang="{lang}">' in html.get_content()


def test_what_people_write_is_no_markup_in_a_mail(case: Case) -> None:
    case.submitted()
    notice = Notice.objects.get()
    notice.kind = "customer_awaiting_information"
    notice.data = {"reason": "<b>The</b> log & the\nreport, please."}
    found = compose(notice)
    assert "<b>The</b> log & the\nreport" in str(found.body)
    (html,) = (content for content, kind in found.alternatives if kind == "text/html")
    assert "&lt;b&gt;The&lt;/b&gt; log &amp; the<br>report" in str(html)


@pytest.mark.parametrize("state", CUSTOMER_HEARS)
def test_every_state_the_customer_hears_of_has_its_words(state: State) -> None:
    assert get_template(f"notices/customer_{state}.txt")
