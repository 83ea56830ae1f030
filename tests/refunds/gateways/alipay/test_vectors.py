"""The adapter's signatures against those that the openssl command made."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from refunds.gateways.alipay import Alipay
from refunds.gateways.alipay.signing import (
    cut_answer,
    public_key,
    signed_text,
    verifies,
)
from refunds.gateways.base import Access, Outcome
from tests.refunds.answering import answering
from tests.refunds.gateways.alipay.merchant import at

VECTORS = Path(__file__).parent.parent / "vectors"
METHOD = "alipay.trade.refund"


def vector(name: str) -> str:
    return (VECTORS / name).read_text()


@pytest.fixture
def alipay() -> Alipay:
    secrets = {name: vector(f"{name}.pem") for name in ("private", "public")}
    return Alipay(
        Access(
            number="2021000000000001",
            address="http://127.0.0.1:9/gateway.do",
            settings={},
            secrets={f"{name}_key": pem for name, pem in secrets.items()},
            timeout=1,
        )
    )


@pytest.fixture(scope="module")
def key() -> RSAPublicKey:
    return public_key(vector("public.pem"))


def test_the_text_to_sign_is_the_one_written_by_hand() -> None:
    parameters = json.loads(vector("request_parameters.json"))
    assert signed_text(parameters | {"sign": "x"}) == vector("request_text.txt")


def test_openssl_signs_the_same_request(
    alipay: Alipay, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = json.loads(vector("request_parameters.json"))
    monkeypatch.setattr(
        "refunds.gateways.alipay.client.json.dumps",
        lambda *a, **k: written["biz_content"],
    )
    form = alipay._client.signed(METHOD, {}, now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert form.pop("sign") == vector("request_signature.txt")
    assert form == {name: value for name, value in written.items() if value}


def test_an_answer_is_cut_exactly_as_it_came() -> None:
    cut = cut_answer(vector("response_body.txt"), METHOD)
    assert cut == (vector("response_text.txt"), vector("response_signature.txt"))


@pytest.mark.parametrize(
    "body",
    [
        ' {{ "alipay_trade_refund_response" : {text} , "sign" : "{sign}" }} ',
        '{{"sign":"{sign}","alipay_trade_refund_response":{text}}}',
        '{{"a":"}}{{","b":[{{"sign":1}}],"alipay_trade_refund_response":{text},'
        '"alipay_cert_sn":"x","sign":"{sign}"}}',
        '\n{{"alipay_trade_refund_response":\t{text}\n,\r\n"sign":"{sign}"}}',
    ],
)
def test_wherever_it_stands(body: str) -> None:
    text, sign = vector("response_text.txt"), vector("response_signature.txt")
    assert cut_answer(body.format(text=text, sign=sign), METHOD) == (text, sign)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"sign":"x"}',
        '{"alipay_trade_refund_response":{}}',
        '{"alipay_trade_refund_response":"{}","sign":"x"}',
        '{"alipay_trade_refund_response":{},"sign":null}',
        '{"alipay_trade_refund_response":{},"sign":"x"',
        '{"other_response":{},"sign":"x"}',
        "<html>",
    ],
)
def test_what_is_no_answer_is_not_cut(body: str) -> None:
    assert cut_answer(body, METHOD) is None


def test_an_answer_signed_by_openssl_is_verified(alipay: Alipay) -> None:
    with answering(vector("response_body.txt").encode()) as url:
        result = at(alipay, url).submit({}, now=datetime.now(UTC))
    assert (result.outcome, result.signature_ok) == (Outcome.PROCESSING, True)


@pytest.mark.parametrize("place", [0, 40, 120, -1])
def test_one_letter_changed_is_not_verified(place: int, key: RSAPublicKey) -> None:
    text, signature = vector("response_text.txt"), vector("response_signature.txt")
    assert verifies(text, signature, key)
    letters = list(text)
    letters[place] = "~"
    assert not verifies("".join(letters), signature, key)


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64!", "ÄÖ", " "])
def test_another_signature_is_not_verified(signature: str, key: RSAPublicKey) -> None:
    assert not verifies(vector("response_text.txt"), signature, key)


def test_a_signature_is_taken_as_base64_only(key: RSAPublicKey) -> None:
    raw = base64.b64decode(vector("response_signature.txt"))
    assert not verifies(vector("response_text.txt"), raw.hex(), key)
