"""The sandbox never runs beside a real gateway: signs of one stop it at the start."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from refunds.gateways.sandbox.alipay.route import LIVE_HOSTS

MARK = re.compile(r"(?<![a-z])(live|prod|production)(?![a-z])", re.IGNORECASE)


def live_signs(settings: Mapping[str, str], *, state_dir: Path) -> list[str]:
    """Sentences that each name one sign. `settings` are the routes' settings by name;
    a key file is marked live by its name, or by a line before the key itself."""
    return [*_addresses(settings), *_key_files(settings, state_dir)]


def _addresses(settings: Mapping[str, str]) -> Iterator[str]:
    for name, value in settings.items():
        for host in LIVE_HOSTS:
            if host in value.lower():
                yield f"{name} names the live host {host}."


def _key_files(settings: Mapping[str, str], state_dir: Path) -> Iterator[str]:
    named = {Path(v) for name, v in settings.items() if v and name.endswith("_FILE")}
    for path in sorted(named | set(state_dir.glob("*.pem"))):
        if _is_marked(path):
            yield f"The key file {path} is marked live."


def _is_marked(path: Path) -> bool:
    if MARK.search(path.name):
        return True
    if not path.is_file():
        return False
    before_key = path.read_text(errors="replace").partition("-----BEGIN")[0]
    return bool(MARK.search(before_key))
