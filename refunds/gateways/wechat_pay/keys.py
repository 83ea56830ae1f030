"""The keys of one merchant: ours to sign with, the platform's to verify with and to
encrypt for, and the APIv3 key that notifications are encrypted under."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import load_pem_x509_certificate

from refunds.gateways.base import Access

# WeChat Pay defines the encrypted fields with SHA-1 for both hashes.
OAEP = padding.OAEP(mgf=padding.MGF1(algorithm=SHA1()), algorithm=SHA1(), label=None)
API_V3_KEY_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """`platform` by serial number or public key id; two of them while the platform
    changes its key, the first one is what we encrypt for."""

    private: rsa.RSAPrivateKey
    platform: Mapping[str, rsa.RSAPublicKey]

    @property
    def serial(self) -> str:
        return next(iter(self.platform))

    def sign(self, text: bytes) -> str:
        signature = self.private.sign(text, padding.PKCS1v15(), SHA256())
        return base64.b64encode(signature).decode()

    def verifies(self, text: bytes, signature: str, *, serial: str) -> bool:
        try:
            raw = base64.b64decode(signature, validate=True)
            self.platform[serial].verify(raw, text, padding.PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError, KeyError):
            return False
        return True

    def encrypt(self, text: str) -> str:
        sealed = self.platform[self.serial].encrypt(text.encode(), OAEP)
        return base64.b64encode(sealed).decode()


def keys_of(access: Access) -> Keys:
    """Raises ValueError or TypeError, saying which one is wrong."""
    given, secrets = access.settings, access.secrets
    platform = {_given(given, "platform_serial"): _public(secrets, "platform_key")}
    if next_serial := given.get("next_platform_serial", "").strip():
        platform[next_serial] = _public(secrets, "next_platform_key")
    return Keys(private=_private(secrets), platform=platform)


def decrypted(
    access: Access, *, ciphertext: str, nonce: str, associated_data: str
) -> bytes | None:
    """AES-256-GCM under the APIv3 key; None where it is not what was encrypted."""
    try:
        cipher = AESGCM(api_v3_key(access))
        raw = base64.b64decode(ciphertext, validate=True)
        return cipher.decrypt(nonce.encode(), raw, associated_data.encode())
    except (InvalidTag, ValueError):
        return None


def api_v3_key(access: Access) -> bytes:
    """Raises ValueError."""
    key = access.secrets.get("api_v3_key", "").strip().encode()
    if len(key) != API_V3_KEY_BYTES:
        raise ValueError(f"api_v3_key: expected 32 bytes, got {len(key)}")
    return key


def _given(values: Mapping[str, str], name: str) -> str:
    if not (value := values.get(name, "").strip()):
        raise ValueError(f"{name}: missing")
    return value


def _private(secrets: Mapping[str, str]) -> rsa.RSAPrivateKey:
    pem = _given(secrets, "private_key").encode()
    try:
        key = load_pem_private_key(pem, password=None)
    except ValueError:
        raise ValueError("private_key: not a private key in PEM") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("private_key: expected an RSA key")
    return key


def _public(secrets: Mapping[str, str], name: str) -> rsa.RSAPublicKey:
    """A public key, or the platform certificate that has it."""
    pem = _given(secrets, name).encode()
    try:
        is_certificate = b"BEGIN CERTIFICATE" in pem
        key: object = (
            load_pem_x509_certificate(pem).public_key()
            if is_certificate
            else load_pem_public_key(pem)
        )
    except ValueError:
        raise ValueError(f"{name}: not a public key or certificate in PEM") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError(f"{name}: expected an RSA key")
    return key
