"""RSA2 as Alipay defines it: SHA256withRSA (PKCS#1 v1.5) over UTF-8 text, in base64."""

import base64
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey


def string_to_sign(parameters: Mapping[str, str]) -> str:
    """Un-encoded `name=value` pairs in order of name, without `sign` and empty ones."""
    return "&".join(
        f"{name}={value}"
        for name, value in sorted(parameters.items())
        if name != "sign" and value
    )


def sign(text: str, key: RSAPrivateKey) -> str:
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signature).decode("ascii")


def verify(text: str, signature: str, key: RSAPublicKey) -> bool:
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True
