"""The sandbox never runs beside a real gateway: signs of one stop it at the start."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

LIVE_HOSTS = (
    "openapi.alipay.com",
    "globalopenapi.alipay.com",
    "mapi.alipay.com",
    "mch.weixin.qq.com",
    "api.stripe.com",
)
LIVE_KEYS = ("sk_live_", "rk_live_")
LOCAL = ("127.0.0.1", "localhost", "::1")
MARK = re.compile(r"(?<![a-z])(live|prod|production)(?![a-z])", re.IGNORECASE)
PEM = "-----BEGIN"


@dataclass(frozen=True, kw_only=True)
class Known:
    """A merchant in use as our side has it; an empty address, a bank's, is none."""

    name: str
    address: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def live_signs(
    *, environment: Mapping[str, str], merchants: Iterable[Known], state_dir: Path
) -> list[str]:
    """Sentences that each name one sign, and no secret. A key in PEM is marked live by
    its file's name, or by a line before the key itself."""
    return [
        *_environment(environment),
        *(sign for known in merchants for sign in _merchant(known)),
        *_key_files(state_dir),
    ]


def _environment(environment: Mapping[str, str]) -> Iterator[str]:
    for name, value in environment.items():
        if host := _live_host(value):
            yield f"{name} names the live host {host}."
        if value.startswith(LIVE_KEYS):
            yield f"{name} is a live key."


def _merchant(known: Known) -> Iterator[str]:
    if host := _live_host(known.address):
        yield f"The merchant {known.name} is at the live host {host}."
    elif known.address and not _is_local(known.address):
        yield f"The merchant {known.name} is not on this machine: {known.address}."
    for name, value in known.secrets.items():
        if value.startswith(LIVE_KEYS) or _is_marked(value):
            yield f"The {name} of the merchant {known.name} is marked live."


def _key_files(state_dir: Path) -> Iterator[str]:
    for path in sorted(state_dir.glob("*.pem")):
        if MARK.search(path.name) or _is_marked(path.read_text(errors="replace")):
            yield f"The key file {path} is marked live."


def _live_host(text: str) -> str:
    """Standby hosts, as api2.mch.weixin.qq.com, end like the usual ones."""
    return next((host for host in LIVE_HOSTS if host in text.lower()), "")


def _is_local(address: str) -> bool:
    try:
        return urlsplit(address).hostname in LOCAL
    except ValueError:
        return False


def _is_marked(text: str) -> bool:
    before_key, begin, _key = text.partition(PEM)
    return bool(begin and MARK.search(before_key))
