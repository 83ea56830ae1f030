"""Typed readers of the environment. Each says what it saw and what it expected."""

import os
import re
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def env_str(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the environment or in .env "
            "(`make setup` writes one for development)."
        )
    if not value and default is None:
        raise ImproperlyConfigured(f"{name} is empty: expected a text.")
    return value


def env_bool(name: str, default: str) -> bool:
    value = env_str(name, default).lower()
    if value not in ("true", "false"):
        raise ImproperlyConfigured(f"{name}={value!r}: expected true or false.")
    return value == "true"


def env_int(name: str, default: str) -> int:
    value = env_str(name, default)
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name}={value!r}: expected a whole number.")
    return int(value)


def env_list(name: str, default: str) -> list[str]:
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def env_url(name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    """A URL with one of these schemes; an empty default means that it may be unset.
    What was seen is said without a password."""
    value = env_str(name, default)
    if value or default:
        _check_url(name, value, schemes)
    return value


def _check_url(name: str, value: str, schemes: tuple[str, ...]) -> None:
    expected = ", ".join(f"{scheme}://…" for scheme in schemes)
    seen = re.sub(r"(//[^:/@]*):[^@/]*@", r"\1:…@", value)
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in schemes or not (parts.netloc or parts.path.strip("/")):
        raise ImproperlyConfigured(f"{name}={seen!r}: expected {expected}.")
