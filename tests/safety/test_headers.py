"""What comes with every answer: a strict policy for the browser, nothing inline, files
as attachments, and under https cookies that stay there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.safety.verdicts import verdict
from tests.safety.walk import Answer

ROOT = Path(__file__).resolve().parents[2]
POLICY = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LEADS = ("href", "src", "action", "formaction", "srcset", "poster", "data")
CODE = ("", "text/javascript", "module", "application/javascript")
# A file in its own right, opened by who may: each says so itself.
FILES = ("evidence", "export_file", "_file", "mfa_download_recovery_codes")
SHOWN = "evidence_view"


def policy_of(answer: Answer) -> dict[str, str]:
    told = answer.headers.get("Content-Security-Policy", "")
    parts = [part.strip().partition(" ") for part in told.split(";") if part.strip()]
    return {name: value for name, _space, value in parts}


def is_file(answer: Answer) -> bool:
    return answer.status == 200 and not answer.is_page


def test_every_page_has_the_strict_policy(pages: list[Answer]) -> None:
    assert len([page for page in pages if page.is_page]) > 150
    assert not [
        f"{page}: {policy_of(page)}"
        for page in pages
        if page.is_page and policy_of(page) != POLICY
    ]


@pytest.mark.parametrize("header", ALWAYS)
def test_every_answer_has_the_header(pages: list[Answer], header: str) -> None:
    assert not [
        f"{page}: {page.headers.get(header)}"
        for page in pages
        if page.headers.get(header) != ALWAYS[header]
    ]


def test_no_page_is_framed_by_others(pages: list[Answer]) -> None:
    for page in pages:
        own = SHOWN in page.address.name
        told = page.headers.get("X-Frame-Options")
        assert told == ("SAMEORIGIN" if own and page.status == 200 else "DENY"), page


def inline(page: Answer) -> list[str]:
    """Whatever a strict policy would stop."""
    found: list[str] = []
    for tag, carried in page.reading.elements:
        found += [f"{tag} {n}=" for n in carried if n == "style" or n.startswith("on")]
        for name in LEADS:
            start = carried.get(name, "").strip().lower()
            if start.startswith(("javascript:", "data:", "vbscript:", "blob:")):
                found.append(f"{tag} {name}={start[:40]}")
        code = tag == "script" and carried.get("type", "") in CODE
        if tag == "style" or (code and not carried.get("src")):
            found.append(f"inline {tag}")
    return found


def test_nothing_on_a_page_is_inline(pages: list[Answer]) -> None:
    told = [
        f"{page}: {inline(page)}" for page in pages if page.is_page and inline(page)
    ]
    assert not told


def test_files_are_attachments_and_kept_nowhere(pages: list[Answer]) -> None:
    seen = set()
    for page in pages:
        if not is_file(page) or verdict(page.address.name) == "public":
            continue
        if not page.address.name.endswith(FILES) and SHOWN not in page.address.name:
            continue
        seen.add(page.address.name)
        kept = page.headers.get("Cache-Control", "")
        assert "no-store" in kept, f"{page}: {kept}"
        placed = page.headers.get("Content-Disposition", "")
        assert placed.startswith(
            "inline" if SHOWN in page.path + page.address.name else "attachment"
        ), page
    assert {"evidence", "evidence_view", "admin:accounts_payment_export_file"} <= seen


def test_what_belongs_to_somebody_stays_in_no_shared_cache(pages: list[Answer]) -> None:
    loose = [
        f"{page}: {page.headers.get('Cache-Control')}"
        for page in pages
        if page.status == 200
        and verdict(page.address.name) in ("own", "theirs", "staff")
        and not {"private", "no-store"}
        & {part.strip() for part in page.headers.get("Cache-Control", "").split(",")}
    ]
    assert not loose


UNDER_HTTPS = """
from django.test import Client
answer = Client().get("/account/login/", secure=True, HTTP_HOST="refunds.example")
print(answer.headers["Strict-Transport-Security"])
print(answer.cookies.output())
plain = Client().get("/account/login/", HTTP_HOST="refunds.example")
print(plain.status_code, plain.headers["Location"])
"""


def test_under_https_nothing_goes_without(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", UNDER_HTTPS],
        cwd=ROOT,
        env=os.environ
        | {
            "VAR_DIR": str(tmp_path),
            "SITE_URL": "https://refunds.example",
            "ALLOWED_HOSTS": "refunds.example",
            "DEBUG": "true",
            "PAYS_INTO_SANDBOX": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    hsts, cookie, redirected, *_rest = [*done.stdout.splitlines(), "", "", ""]
    assert hsts == "max-age=31536000; includeSubDomains; preload", done.stderr
    assert {"HttpOnly", "Secure", "SameSite=Lax"} <= set(cookie.split("; "))
    assert redirected == "301 https://refunds.example/account/login/"
