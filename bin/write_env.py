"""Writes .env with development settings and secrets of this machine's own; adds to
one that is there what it has not got yet."""

import base64
import secrets
from pathlib import Path

FILE = Path(".env")
WANTED = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "SEALING_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "DEBUG": "true",
    "DEMO_PASSWORD": secrets.token_urlsafe(9),
}
HEAD = "# Settings of this machine. Never committed; delete to start anew.\n"
text = FILE.read_text() if FILE.exists() else HEAD
there = {line.partition("=")[0] for line in text.splitlines()}
FILE.write_text(
    text + "".join(f"{n}={v}\n" for n, v in WANTED.items() if n not in there)
)
