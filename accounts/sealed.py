"""Text and bytes that the database keeps encrypted: account numbers, keys, bank files.

Fernet (AES-128-CBC with HMAC-SHA256) under the first of `settings.SEALING_KEYS`; any
of them opens what was sealed earlier. Nothing can be looked up by a sealed column.
"""

from base64 import b64encode
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


def opened_if_ours(content: bytes) -> bytes:
    try:
        return unseal(content)
    except SealBroken:
        return content


class SealedTextField(models.TextField):
    """A str to Python, a token to the database; empty stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return seal(text.encode()).decode() if text else text

    def from_db_value(self, value: str | None, *_rest: Any) -> str | None:
        return unseal(value.encode()).decode() if value else value

    def value_to_string(self, obj: models.Model) -> str:
        """What a dump of the rows has: the token."""
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def to_python(self, value: Any) -> Any:
        """From a dump: its token is opened again."""
        text = super().to_python(value)
        return opened_if_ours(text.encode()).decode() if text else text


class SealedBinaryField(models.BinaryField):
    """bytes to Python, a token to the database."""

    def get_prep_value(self, value: Any) -> Any:
        content = super().get_prep_value(value)
        return None if content is None else seal(bytes(content))

    def from_db_value(self, value: Any, *_rest: Any) -> bytes | None:
        return None if value is None else unseal(bytes(value))

    def value_to_string(self, obj: models.Model) -> str:
        """What a dump of the rows has: the token."""
        token = self.get_prep_value(self.value_from_object(obj))
        return b64encode(token or b"").decode()

    def to_python(self, value: Any) -> Any:
        """From a dump: its token is opened again."""
        content = super().to_python(value)
        return opened_if_ours(bytes(content)) if isinstance(value, str) else content
