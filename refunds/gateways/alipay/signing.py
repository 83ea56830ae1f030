"""RSA2 from our side: what a signature covers, our own, and whether theirs holds."""

import base64
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)


def private_key(pem: str) -> rsa.RSAPrivateKey:
    """Raises ValueError or TypeError."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("private_key: expected an RSA private key")
    return key


def public_key(pem: str) -> rsa.RSAPublicKey:
    """Raises ValueError or TypeError."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("public_key: expected an RSA public key")
    return key


def signed_text(form: Mapping[str, str]) -> str:
    """What a request's signature covers: sorted, un-encoded, without empty values."""
    pairs = sorted((k, v) for k, v in form.items() if v and k != "sign")
    return "&".join(f"{name}={value}" for name, value in pairs)


def notified_text(form: Mapping[str, str]) -> str:
    """What a notification's covers: all that came, empty or not, but these two."""
    pairs = sorted((k, v) for k, v in form.items() if k not in ("sign", "sign_type"))
    return "&".join(f"{name}={value}" for name, value in pairs)


def sign(text: str, key: rsa.RSAPrivateKey) -> str:
    raw = key.sign(text.encode(), padding.PKCS1v15(), SHA256())
    return base64.b64encode(raw).decode()


def verifies(text: str, signature: str, key: rsa.RSAPublicKey) -> bool:
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, text.encode(), padding.PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def cut_answer(body: str, method: str) -> tuple[str, str] | None:
    """The inner object exactly as it came, and the signature over it.

    Cut from the raw text, never serialised again; None where the body is neither.
    """
    try:
        envelope = json.loads(body)
        signature = envelope["sign"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    for name in (method.replace(".", "_") + "_response", "error_response"):
        if isinstance(envelope.get(name), dict) and isinstance(signature, str):
            return _raw_member(body, name), signature
    return None


def _raw_member(body: str, name: str) -> str:
    """The text of a top-level member of an object that is known to parse."""
    decoder, position = json.JSONDecoder(), body.index("{") + 1
    while True:
        position = _skip(body, position, " \t\r\n,")
        member, position = decoder.raw_decode(body, position)
        start = _skip(body, position, " \t\r\n:")
        _value, position = decoder.raw_decode(body, start)
        if member == name:
            return body[start:position]


def _skip(body: str, position: int, characters: str) -> int:
    while body[position] in characters:
        position += 1
    return position
