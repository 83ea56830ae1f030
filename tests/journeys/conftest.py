"""The whole of Makegood, as `make run` starts it, on ports and data of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from playwright.sync_api import (
    Browser,
    Page,
    StorageState,
    ViewportSize,
    sync_playwright,
)
from psycopg.sql import SQL, Identifier

from refunds.demo.people import code_for
from tests.ports import free_port

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "journey-only"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1400, "height": 900}
CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
# A browser that keeps to this machine.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass(frozen=True)
class Stack:
    url: str
    control_url: str
    mail: Path
    environment: dict[str, str]
    signed_in: dict[str, StorageState] = field(default_factory=dict)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def mails(self) -> list[EmailMessage]:
        """Development's mail goes to files, several to a file."""
        texts = (path.read_text() for path in sorted(self.mail.glob("*.log")))
        return [
            message_from_string(part.strip(), policy=default)
            for text in texts
            for part in text.split("\n" + "-" * 79)
            if part.strip()
        ]


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Shared by the journeys: each has a service of its own."""
    with running(tmp_path_factory.mktemp("stack")) as started:
        yield started


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[Stack]:
    """For who counts on the demo as it was made."""
    with running(tmp_path) as started:
        yield started


@contextmanager
def running(tmp_path: Path) -> Iterator[Stack]:
    """Demo data and every process; stopped as Ctrl-C stops them."""
    web, sandbox, control = free_port(), free_port(), free_port()
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "VAR_DIR": str(tmp_path),
        "DEBUG": "true",
        "SECRET_KEY": "only-for-the-journey",
        "DEMO_PASSWORD": PASSWORD,
        "WEB_PORT": str(web),
        "SANDBOX_PORT": str(sandbox),
        "SANDBOX_CONTROL_PORT": str(control),
        "DATABASE_URL": database_of_its_own(tmp_path),
        "REDIS_URL": broker_of_its_own(),
    }
    stack = Stack(
        url=f"http://127.0.0.1:{web}",
        control_url=f"http://127.0.0.1:{control}",
        mail=tmp_path / "mail",
        environment=environment,
    )
    seeded = stack.manage("demo")
    assert seeded.returncode == 0, seeded.stderr
    with (tmp_path / "processes.log").open("w") as log:
        processes = subprocess.Popen(
            # Without this machine's .env, which would win over what is set here.
            [sys.executable, "-m", "honcho", "start", "--env", "none"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(stack.url + "/account/login/")
        wait_for(stack.control_url + "/health")
        yield stack
    finally:
        processes.send_signal(signal.SIGINT)
        processes.wait(timeout=30)


def database_of_its_own(folder: Path) -> str:
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        return f"sqlite:///{folder / 'journey.sqlite3'}"
    name = f"journey_{os.getpid()}_{folder.name}"[:60]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def broker_of_its_own() -> str:
    url = os.environ.get("REDIS_URL", "")
    return url.rsplit("/", 1)[0] + "/7" if url else ""


def wait_for(url: str) -> None:
    for _attempt in range(200):
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    pytest.fail(f"{url} did not answer within 20 seconds")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed with its package: its event loop must not run beside Django's tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium found: apt install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(SWITCHES)
        )
        yield launched
        launched.close()


def plain_text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    text: str = part.get_content()
    return text


@dataclass
class Person:
    """Somebody signed in, in a browser window of their own."""

    page: Page
    stack: Stack
    faults: list[str]

    def goes_to(self, path: str) -> None:
        self.page.goto(self.stack.url + path)

    def sees(self, *words: str) -> None:
        shown = (
            self.page.locator("body").inner_text().replace("\N{NO-BREAK SPACE}", " ")
        )
        for word in words:
            assert word in shown, f"{word!r} is not on {self.page.url}:\n{shown}"

    def presses(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()


def sign_in(
    browser: Browser, stack: Stack, email: str, *, language: str, phone: bool = False
) -> Person:
    """Through the page once; later windows of theirs share that session."""
    if email not in stack.signed_in:
        person = visit(browser, stack, language=language)
        goes_through_the_door(person, email)
        stack.signed_in[email] = person.page.context.storage_state()
        person.page.context.close()
    found = stack.signed_in[email]
    person = visit(browser, stack, language=language, phone=phone, signed_in=found)
    person.goes_to("/admin/" if email.endswith("@makegood.example") else "/services/")
    return person


def visit(
    browser: Browser,
    stack: Stack,
    *,
    language: str = "en-GB",
    phone: bool = False,
    script: bool = True,
    signed_in: StorageState | None = None,
) -> Person:
    """A window of its own, for a visitor or for who is signed in already."""
    context = browser.new_context(
        viewport=PHONE if phone else DESKTOP,
        locale=language,
        java_script_enabled=script,
        storage_state=signed_in,
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    faults: list[str] = []
    # Among them every breach of the content security policy.
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    return Person(page, stack, faults)


def goes_through_the_door(person: Person, email: str) -> None:
    """Staff are asked for six digits; each code works once, so a second sign-in in the
    same half-minute takes the next one."""
    person.goes_to("/account/login/")
    person.page.fill("input[name=login]", email)
    person.page.fill("input[name=password]", PASSWORD)
    person.presses("main form button[type=submit]")
    for ahead in (0, 1):
        if "/2fa/authenticate/" not in person.page.url:
            break
        code = code_for(email, PASSWORD, ahead=ahead)
        person.page.fill("input[name=code]", code)
        person.presses("main form button[type=submit]")
    assert "/account/" not in person.page.url, person.page.locator("main").inner_text()
