"""Typed readers of the environment. Each says what it saw and what it expected."""

import os
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def env_str(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the environment or in .env "
            "(`make setup` writes one for development)."
        )
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
    """A URL with one of these schemes; an empty default means that it may be unset."""
    value = env_str(name, default)
    if value and urlsplit(value).scheme not in schemes:
        expected = ", ".join(f"{scheme}://…" for scheme in schemes)
        raise ImproperlyConfigured(f"{name}={value!r}: expected {expected}.")
    return value
