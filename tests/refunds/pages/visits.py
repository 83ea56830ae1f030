"""A visit to the pages: who is at the door, what they read, what stands on the disk.

The doors read the clock themselves, so it stands still; static files go by their plain
names, because nothing collected them.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags
from pytest_django import Settings

from accounts.models import User
from accounts.second_factor import HAS_IT
from refunds.models import Evidence
from tests.conftest import NOW

Disk = Callable[[], set[str]]


@pytest.fixture(autouse=True)
def clock_stands_still() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings, tmp_path: Path) -> None:
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}


@pytest.fixture
def disk() -> Iterator[Disk]:
    """What evidence stands on the disk since the test began."""
    storage = Evidence._meta.get_field("file").storage
    assert isinstance(storage, FileSystemStorage)
    folder = Path(storage.location)

    def files() -> set[str]:
        return {str(path) for path in folder.rglob("*") if path.is_file()}

    before = files()
    yield lambda: files() - before
    for path in files() - before:
        Path(path).unlink()


def visitor(user: User | None) -> Client:
    """Signed in; staff with their second factor."""
    client = Client()
    if user is not None:
        sign_in(client, user)
    return client


def sign_in(client: Client, user: User) -> None:
    client.force_login(user)
    if user.is_staff:
        session = client.session
        session[HAS_IT] = True
        session.save()


def text_of(response: Any) -> str:
    """What a person reads on the page, in one line."""
    html = response.content.decode()
    body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", html)
    text = unescape(strip_tags(re.sub(r"<", " <", body)))
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def reads(client: Client, path: str, *, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, f"{path}: {response.status_code}"
    return text_of(response)


def downloads(client: Client, path: str) -> Any:
    """The answer with its whole content as `body`, which closes the file behind it."""
    answer: Any = client.get(path)
    if answer.streaming:
        answer.body = b"".join(answer)
    return answer


def told(response: Any) -> str:
    """The messages that the answer leaves for the next page."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def queries(client: Client, path: str) -> int:
    """How many the page takes, once what is remembered for ever was remembered."""
    assert client.get(path).status_code == 200, path
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)
