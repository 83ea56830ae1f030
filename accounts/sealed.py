"""Text and bytes that the database keeps encrypted: account numbers, keys, bank files.

Fernet (AES-128-CBC with HMAC-SHA256) under the first of `settings.SEALING_KEYS`; any
of them opens what was sealed earlier. Nothing can be looked up by a sealed column.
"""

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class SealBroken(Exception):
    """Sealed under a key that `SEALING_KEYS` has not got, or altered since."""


def seal(content: bytes) -> bytes:
    return _keys().encrypt(content)


def unseal(token: bytes) -> bytes:
    """Raises SealBroken."""
    try:
        return _keys().decrypt(token)
    except InvalidToken as fault:
        raise SealBroken("no key of SEALING_KEYS opens this value") from fault


def _keys() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.SEALING_KEYS])
    except ValueError as fault:
        raise ImproperlyConfigured(
            "SEALING_KEYS: expected one or more Fernet keys, separated by commas "
            "(32 bytes in URL-safe base64 each; `make setup` writes one to .env)."
        ) from fault


class SealedTextField(models.TextField):
    """A str to Python, a token to the database; empty stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return seal(text.encode()).decode() if text else text

    def from_db_value(self, value: str | None, *_rest: Any) -> str | None:
        return unseal(value.encode()).decode() if value else value


class SealedBinaryField(models.BinaryField):
    """bytes to Python, a token to the database."""

    def get_prep_value(self, value: Any) -> Any:
        content = super().get_prep_value(value)
        return None if content is None else seal(bytes(content))

    def from_db_value(self, value: Any, *_rest: Any) -> bytes | None:
        return None if value is None else unseal(bytes(value))
