"""Writes .env with development settings and a secret of this machine's own."""

import secrets
from pathlib import Path

Path(".env").write_text(
    "# Development settings of this machine. Never committed; delete to start anew.\n"
    f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
    "DEBUG=true\n"
    f"DEMO_PASSWORD={secrets.token_urlsafe(9)}\n"
)
