"""The whole of Makegood, as `make run` starts it, on ports and data of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from psycopg.sql import SQL, Identifier

from tests.ports import free_port

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "journey-only"
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


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
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
    running = Stack(
        url=f"http://127.0.0.1:{web}",
        control_url=f"http://127.0.0.1:{control}",
        mail=tmp_path / "mail",
        environment=environment,
    )
    seeded = running.manage("demo")
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
        wait_for(running.url + "/account/login/")
        wait_for(running.control_url + "/health")
        yield running
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: its event loop must not run beside Django's tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium found: apt install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(SWITCHES)
        )
        yield launched
        launched.close()


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
    size = {"width": 390, "height": 844} if phone else {"width": 1400, "height": 900}
    context = browser.new_context(viewport=size, locale=language)  # type: ignore[arg-type]
    page = context.new_page()
    faults: list[str] = []
    # Among them every breach of the content security policy.
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.goto(stack.url + "/account/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    return Person(page, stack, faults)
