"""Signatures as WeChat Pay defines them: SHA256withRSA over lines, each with its end;
and its two ciphers: RSA-OAEP for fields, AES-256-GCM for notifications."""

import base64
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PART = re.compile(r'(mchid|serial_no|nonce_str|timestamp|signature)="([^"]*)"')


def lines(*parts: str) -> bytes:
    return "".join(f"{part}\n" for part in parts).encode()


def sign(text: bytes, key: RSAPrivateKey) -> str:
    raw = key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(raw).decode("ascii")


def verify(text: bytes, signature: str, key: RSAPublicKey) -> bool:
    try:
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def read_authorization(header: str) -> Mapping[str, str] | None:
    """Its five parts, each exactly once; None where it is anything else."""
    scheme, _, rest = header.partition(" ")
    parts = [PART.fullmatch(part.strip()) for part in rest.split(",")]
    found = {part[1]: part[2] for part in parts if part}
    if scheme != SCHEME or len(parts) != 5 or len(found) != 5:
        return None
    return found


def signed_headers(
    body: bytes, *, key: RSAPrivateKey, serial: str, at: datetime
) -> dict[str, str]:
    timestamp, nonce = str(int(at.timestamp())), secrets.token_hex(16)
    text = lines(timestamp, nonce) + body + b"\n"
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": sign(text, key),
        "Wechatpay-Signature-Type": SCHEME,
    }


def opened(ciphertext: object, key: RSAPrivateKey) -> str | None:
    """An encrypted field's content; None where it was not encrypted for this key."""
    oaep = padding.OAEP(
        mgf=padding.MGF1(algorithm=hashes.SHA1()), algorithm=hashes.SHA1(), label=None
    )
    try:
        raw = base64.b64decode(str(ciphertext), validate=True)
        return key.decrypt(raw, oaep).decode()
    except ValueError:
        return None


def sealed(plain: bytes, *, key: bytes, about: str) -> Mapping[str, str]:
    """A notification's `resource`."""
    nonce = secrets.token_hex(6)
    raw = AESGCM(key).encrypt(nonce.encode(), plain, about.encode())
    return {
        "original_type": about,
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(raw).decode("ascii"),
        "associated_data": about,
        "nonce": nonce,
    }


def is_about(timestamp: str, now: datetime, *, span: timedelta) -> bool:
    if not re.fullmatch(r"\d{1,11}", timestamp, re.ASCII):
        return False
    return abs(now.timestamp() - int(timestamp)) <= span.total_seconds()
