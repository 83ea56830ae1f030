"""The account's keys of both sides, made on first start, kept in the state folder."""

import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

FILE = "stripe.json"


@dataclass(frozen=True)
class Credentials:
    """`webhook_secrets`: more than one while the secret rotates, the newest first."""

    account: str
    secret_key: str
    webhook_secrets: tuple[str, ...]


def ensure_credentials(state_dir: Path) -> Credentials:
    """Raises ValueError for a live key: the sandbox never runs with one."""
    path = state_dir / FILE
    if not path.exists():
        return _write(
            path,
            Credentials(
                account=f"acct_{secrets.token_hex(8)}",
                secret_key=f"sk_test_{secrets.token_hex(24)}",
                webhook_secrets=(_new_secret(),),
            ),
        )
    kept = json.loads(path.read_text())
    if "_live_" in kept["secret_key"]:
        raise ValueError(f"{path} holds a live key; the sandbox never runs with one.")
    return Credentials(**{**kept, "webhook_secrets": tuple(kept["webhook_secrets"])})


def rotate(state_dir: Path) -> Credentials:
    """A new webhook secret; the old ones sign along until `forget_old`."""
    found = ensure_credentials(state_dir)
    both = (_new_secret(), *found.webhook_secrets)
    return _write(state_dir / FILE, Credentials(found.account, found.secret_key, both))


def forget_old(state_dir: Path) -> Credentials:
    found = ensure_credentials(state_dir)
    newest = found.webhook_secrets[:1]
    return _write(
        state_dir / FILE, Credentials(found.account, found.secret_key, newest)
    )


def signed_header(body: bytes, *, at: int, webhook_secrets: tuple[str, ...]) -> str:
    """`t=…,v1=…`, one `v1` for each secret."""
    parts = [f"t={at}"]
    for secret in webhook_secrets:
        mac = hmac.new(secret.encode("utf-8"), digestmod=sha256)
        mac.update(f"{at}.".encode("ascii"))
        mac.update(body)
        parts.append(f"v1={mac.hexdigest()}")
    return ",".join(parts)


def _new_secret() -> str:
    return f"whsec_{secrets.token_hex(24)}"


def _write(path: Path, credentials: Credentials) -> Credentials:
    """Whole or not at all: another process may be reading the folder."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(credentials), file)
    draft.replace(path)
    return credentials
