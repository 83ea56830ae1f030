"""The sandbox's signatures against those that the openssl command made."""

import json
from pathlib import Path
from shutil import copy

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from refunds.gateways.sandbox.alipay.route import write
from refunds.gateways.sandbox.alipay.rsa2 import sign, string_to_sign, verify
from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.sandbox.merchant import NOW, ORDER, TRADE

VECTORS = Path(__file__).parent.parent / "vectors"


def vector(name: str) -> str:
    return (VECTORS / name).read_text()


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    key = load_pem_private_key((VECTORS / "private.pem").read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def test_the_string_to_sign_is_the_one_written_by_hand() -> None:
    parameters = json.loads(vector("request_parameters.json"))
    assert string_to_sign(parameters | {"sign": "x"}) == vector("request_text.txt")


@pytest.mark.parametrize("side", ["request", "response"])
def test_openssl_signs_the_same(side: str, key: RSAPrivateKey) -> None:
    text, signature = vector(f"{side}_text.txt"), vector(f"{side}_signature.txt")
    assert sign(text, key) == signature
    assert verify(text, signature, key.public_key())


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64!", "ÄÖ"])
def test_another_signature_is_not_verified(signature: str, key: RSAPrivateKey) -> None:
    assert not verify(vector("request_text.txt"), signature, key.public_key())


def test_an_answer_is_written_as_by_hand() -> None:
    fields = json.loads(vector("response_text.txt"))
    assert write(fields, turn=1) == vector("response_text.txt")


def test_a_request_signed_by_openssl_moves_money_and_is_answered_as_expected(
    state_dir: Path, frozen: None
) -> None:
    for name in ("merchant_private.pem", "gateway_private.pem"):
        copy(VECTORS / "private.pem", state_dir / name)
    form = json.loads(vector("request_parameters.json"))
    form["sign"] = vector("request_signature.txt")
    with Sandbox(state_dir) as sandbox, httpx.Client(trust_env=False) as http:
        sandbox.ledger.put_trade(
            trade_no=TRADE,
            out_trade_no=ORDER,
            total_minor=10_000,
            paid_at=NOW,
            buyer_logon_id='王}"{***',
        )
        http.get(f"{sandbox.url}/gateway.do")
        answer = http.post(f"{sandbox.url}/gateway.do", data=form)
        assert sandbox.ledger.moved_minor() == 19_99
    assert answer.text == vector("response_body.txt")
