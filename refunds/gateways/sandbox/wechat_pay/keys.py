"""Both sides' keys, in files of their own in the state folder: the merchant's, two of
the platform's (it changes from a certificate to a public key), and the APIv3 key."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from refunds.gateways.sandbox.keys import ensure_pair

MCHID = "1900000001"
MERCHANT_SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
SERIAL = "7132D72A03E93CDDF8C03BBD1F37EEDF5D7A2B11"
NEXT_SERIAL = "PUB_KEY_ID_0119000000012026112000291900001"
API_V3_FILE = "wechat_pay_api_v3.txt"


@dataclass(frozen=True)
class Keys:
    """`platform` by serial; answers are signed with SERIAL's unless told otherwise."""

    merchant_public: RSAPublicKey
    platform: Mapping[str, RSAPrivateKey]
    api_v3: bytes


def ensure_wechat_keys(state_dir: Path) -> Keys:
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Keys(
        merchant_public=ensure_pair(state_dir, "wechat_pay_merchant").public_key(),
        platform={
            SERIAL: ensure_pair(state_dir, "wechat_pay_platform"),
            NEXT_SERIAL: ensure_pair(state_dir, "wechat_pay_next_platform"),
        },
        api_v3=_ensure_api_v3(state_dir / API_V3_FILE),
    )


def merchant_settings() -> dict[str, str]:
    """What our side is told, as its adapter names it."""
    return {
        "serial_no": MERCHANT_SERIAL,
        "platform_serial": SERIAL,
        "next_platform_serial": NEXT_SERIAL,
    }


def merchant_secrets(state_dir: Path) -> dict[str, str]:
    ensure_wechat_keys(state_dir)
    return {
        "private_key": (state_dir / "wechat_pay_merchant_private.pem").read_text(),
        "platform_key": (state_dir / "wechat_pay_platform_public.pem").read_text(),
        "next_platform_key": (
            state_dir / "wechat_pay_next_platform_public.pem"
        ).read_text(),
        "api_v3_key": (state_dir / API_V3_FILE).read_text(),
    }


def _ensure_api_v3(path: Path) -> bytes:
    if not path.exists():
        draft = path.with_suffix(f".{secrets.token_hex(4)}.draft")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(16))
        draft.replace(path)
    return path.read_bytes()
