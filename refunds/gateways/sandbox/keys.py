"""The key pairs of both sides, made on first start and kept under the state folder."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)


@dataclass(frozen=True)
class Keys:
    """What the gateway's side of the wire needs."""

    merchant_public: RSAPublicKey
    gateway_private: RSAPrivateKey


def ensure_keys(state_dir: Path) -> Keys:
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Keys(
        merchant_public=ensure_pair(state_dir, "merchant").public_key(),
        gateway_private=ensure_pair(state_dir, "gateway"),
    )


@cache
def strangers_key() -> RSAPrivateKey:
    """Somebody else's, for signatures that must not be believed. Made once: that takes
    longer than tests wait for an answer."""
    return new_key()


def new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def ensure_pair(state_dir: Path, owner: str) -> RSAPrivateKey:
    private_path = state_dir / f"{owner}_private.pem"
    if not private_path.exists():
        _write(private_path, _private_pem(new_key()))
    key = _load(private_path.read_bytes())
    _write(state_dir / f"{owner}_public.pem", _public_pem(key))
    return key


@cache
def _load(pem: bytes) -> RSAPrivateKey:
    """Cached: checking a key costs 40 ms, and tests start many sandboxes."""
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("The sandbox's keys are RSA keys. Delete *.pem and start anew.")
    return key


def _private_pem(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public_pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: another process may be reading the folder."""
    draft = path.with_suffix(f".{os.getpid()}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
