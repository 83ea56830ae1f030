"""What a merchant is given, checked before it is kept: addresses, keys, secrets."""

import ipaddress
import os
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import load_pem_x509_certificate
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from refunds.gateways.base import Gateway, Setting
from refunds.models.merchant import LOOPBACK

FROM_ENVIRONMENT = "env:"
ENVIRONMENT_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
# Our own secrets are no merchant's: a route would be told them.
OUR_OWN = {
    "SECRET_KEY",
    "SEALING_KEYS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_HOST_PASSWORD",
    "DEMO_PASSWORD",
}
SHORTEST_RSA = 2048
HOST = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*", re.IGNORECASE)


def check_address(text: str) -> None:
    """https for real ones; this machine only where payments go to the sandbox, and
    then no other. Raises ValidationError."""
    parts = _split(text)
    if parts.username is not None or parts.password is not None:
        raise ValidationError(
            _("Leave user and password out of the address; secrets have own fields.")
        )
    if parts.query or parts.fragment:
        raise ValidationError(_("The address has no ? and no #."))
    here = parts.hostname in LOOPBACK
    if here != settings.PAYS_INTO_SANDBOX:
        raise ValidationError(_of_the_other_world(here=here))
    if not here and parts.scheme != "https":
        raise ValidationError(_("The address has to begin with https://."))
    if not here and not _is_public(parts.hostname or ""):
        raise ValidationError(_("This is not the name of a provider's server."))


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  Read, because only reading it finds a bad one.
    except ValueError:
        raise ValidationError(_("This is no address.")) from None
    strange = any(c.isspace() or not c.isprintable() for c in text) or "\\" in text
    if parts.scheme not in ("https", "http") or not parts.hostname or strange:
        raise ValidationError(
            _("Enter a whole address, such as https://gateway.example.com/api.")
        )
    return parts


def _of_the_other_world(*, here: bool) -> str:
    if here:
        return _(
            "An address on this machine is the sandbox's. Real payments are never "
            "mixed with it; PAYS_INTO_SANDBOX is off here."
        )
    return _(
        "Payments go to the sandbox here, so only an address on this machine is taken. "
        "Turn PAYS_INTO_SANDBOX off to set up real merchants."
    )


def _is_public(host: str) -> bool:
    """A name with a dot, or a public number; 127.1 and 2130706433 are neither."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return HOST.fullmatch(host) is not None


def secret_fault(setting: Setting, text: str) -> ValidationError | None:
    """What is wrong with a secret as it was typed, in words that don't repeat it."""
    try:
        _check_secret(setting, text)
    except ValidationError as fault:
        return fault
    return None


def _check_secret(setting: Setting, text: str) -> None:
    """A key, or where it stands."""
    if text.startswith(FROM_ENVIRONMENT):
        text = _from_environment(text.removeprefix(FROM_ENVIRONMENT))
    if setting.lines:
        _check_pem(setting.name, text)
    elif not (text.isascii() and text.isprintable()) or " " in text:
        raise ValidationError(
            _("A key has no blanks, line breaks or special characters.")
        )


def _from_environment(name: str) -> str:
    if not ENVIRONMENT_NAME.fullmatch(name) or name in OUR_OWN:
        raise ValidationError(
            _(
                "After env: comes the name of a variable in capital letters, made for "
                "this key."
            )
        )
    value = os.environ.get(name, "")
    if not value:
        raise ValidationError(
            _("%(name)s is not set in the environment of this server."),
            params={"name": name},
        )
    return value


def _check_pem(name: str, text: str) -> None:
    if "-----BEGIN" not in text:
        raise ValidationError(
            _(
                "This is no PEM text. Paste the whole of it, from -----BEGIN … to "
                "-----END …."
            )
        )
    key = _read_pem(text)
    if "private" in name and not isinstance(key, RSAPrivateKey):
        raise ValidationError(_("This is a public key; here goes the private one."))
    if "private" not in name and isinstance(key, RSAPrivateKey):
        raise ValidationError(_("This is a private key; here goes the public one."))
    if isinstance(key, (RSAPrivateKey, RSAPublicKey)) and key.key_size < SHORTEST_RSA:
        raise ValidationError(
            _("This key is too short; it needs 2048 bits or more."),
        )


def _read_pem(text: str) -> object:
    content = text.encode()
    try:
        if "PRIVATE KEY-----" in text:
            return load_pem_private_key(content, password=None)
        if "CERTIFICATE-----" in text:
            return load_pem_x509_certificate(content).public_key()
        return load_pem_public_key(content)
    except (ValueError, TypeError) as fault:
        locked = "password" in str(fault).lower()
        raise ValidationError(
            _("The key has a password; take it off first.")
            if locked
            else _("The PEM text can't be read; perhaps a part of it is missing.")
        ) from None


def fault_of(make: Callable[[], Gateway], secrets: Iterable[str]) -> str | None:
    """What an adapter says of what it was given, once it and its keys are made, as
    “name: what is wrong”; None if all could be made. An adapter's words are its own:
    where they hold a secret, nothing of them is told."""
    try:
        gateway = make()
        for name, member in vars(type(gateway)).items():
            if isinstance(member, cached_property):
                getattr(gateway, name)
    except Exception as fault:
        words = str(fault)
        told = any(secret and secret in words for secret in secrets)
        return "" if told or ": " not in words else words
    return None
