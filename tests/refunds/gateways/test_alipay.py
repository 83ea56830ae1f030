"""The Alipay adapter over real HTTP: what each answer proves, and what none does."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from shutil import copytree

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from refunds.gateways.alipay import REASON_OF, Alipay
from refunds.gateways.base import Instruction, Outcome, Parameters, Reason, Result
from refunds.gateways.sandbox.keys import Keys, ensure_keys
from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.answering import (
    QUERY_RESPONSE,
    REFUND_RESPONSE,
    answering,
    envelope,
    found,
)

REFUND = "alipay.trade.refund"
QUERY = "alipay.trade.fastpay.refund.query"
TRADE = "2026112022001400001"
KEY = "RF1L1A1"
INSTRUCTION = Instruction(
    key=KEY, trade_number=TRADE, amount=19_99, currency="CNY", reason="RF-2026-1"
)


@pytest.fixture(scope="session")
def key_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    ensure_keys(folder)
    return folder


@pytest.fixture
def keys(key_dir: Path) -> Keys:
    return ensure_keys(key_dir)


@pytest.fixture
def gateway(key_dir: Path, tmp_path: Path) -> Iterator[Sandbox]:
    """With one trade of 100.00, paid ten days ago."""
    copytree(key_dir, tmp_path, dirs_exist_ok=True)
    with Sandbox(tmp_path) as sandbox:
        sandbox.ledger.put_trade(
            trade_no=TRADE,
            out_trade_no="P-1",
            total_minor=100_00,
            paid_at=datetime.now(UTC) - timedelta(days=10),
            buyer_logon_id='王}"{***',
        )
        yield sandbox


@pytest.fixture
def offline(key_dir: Path) -> Alipay:
    """Knows both keys; nothing listens at its address."""
    return Alipay(
        url="http://127.0.0.1:9/gateway.do",
        app_id="2021000000000001",
        private_key_file=key_dir / "merchant_private.pem",
        public_key_file=key_dir / "gateway_public.pem",
        timeout=0.3,
    )


@pytest.fixture
def alipay(offline: Alipay, gateway: Sandbox) -> Alipay:
    return replace(offline, url=f"{gateway.url}/gateway.do")


@pytest.fixture
def parameters(offline: Alipay) -> Parameters:
    return offline.parameters(INSTRUCTION)


def submit(alipay: Alipay, parameters: Parameters) -> Result:
    return alipay.submit(parameters, now=datetime.now(UTC))


def query(alipay: Alipay, parameters: Parameters) -> Result:
    return alipay.query(parameters, now=datetime.now(UTC))


def test_a_refund_is_under_way_and_then_found(
    alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    sent = submit(alipay, parameters)
    assert (sent.outcome, sent.signature_ok, sent.amount) == (
        Outcome.PROCESSING,
        True,
        None,
    )
    assert query(alipay, parameters).outcome is Outcome.NOT_SEEN
    gateway.clock.advance(11)
    seen = query(alipay, parameters)
    assert seen.outcome is Outcome.SUCCEEDED
    assert (seen.amount, seen.currency) == (19_99, "CNY")
    assert (seen.key, seen.trade_number) == (KEY, TRADE)
    assert gateway.ledger.moved_minor() == 19_99


def test_the_same_key_again_is_under_way_and_moves_nothing(
    alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    assert [submit(alipay, parameters).outcome for _again in range(3)] == [
        Outcome.PROCESSING
    ] * 3
    assert gateway.ledger.moved_minor() == 19_99


def test_a_query_changes_nothing(
    alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    for _again in range(3):
        assert query(alipay, parameters).outcome is Outcome.NOT_SEEN
    assert gateway.ledger.refunds() == []


@pytest.mark.parametrize("turn", range(3))
def test_every_spelling_of_an_answer_is_verified(
    turn: int, alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    """F19: plain; Chinese, braces, quotes, escaped slashes; everything escaped."""
    for _earlier in range(turn):
        query(alipay, parameters)
    assert submit(alipay, parameters).signature_ok
    gateway.clock.advance(11)
    spellings = {query(alipay, parameters).answer for _again in range(3)}
    assert len(spellings) == 3
    assert {query(alipay, parameters).signature_ok for _again in range(3)} == {True}


@pytest.mark.parametrize(
    ("fault", "status", "signature_ok"),
    [
        ("bad_signature", 200, False),
        ("wrong_key_signature", 200, False),
        ("missing_signature", 200, None),
        ("truncated_json", 200, None),
        ("html_error_page", 200, None),
        ("http_502_after", 502, None),
        ("http_500_before", 500, None),
        ("reset_mid_answer", None, None),
        ("timeout_after_commit", None, None),
        ("timeout_before_commit", None, None),
        ("system_error_after", 200, True),
        ("code_20000_after", 200, True),
    ],
)
@pytest.mark.parametrize("method", [REFUND, QUERY])
def test_what_proves_nothing_is_unknown(
    method: str,
    fault: str,
    status: int | None,
    signature_ok: bool | None,  # noqa: FBT001
    alipay: Alipay,
    gateway: Sandbox,
    parameters: Parameters,
) -> None:
    gateway.faults.add(fault, method=method)
    act = submit if method == REFUND else query
    result = act(alipay, parameters)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, None)
    assert (result.http_status, result.signature_ok) == (status, signature_ok)


def test_where_nothing_listens_nothing_was_sent(
    offline: Alipay, parameters: Parameters
) -> None:
    sent = submit(offline, parameters)
    assert (sent.outcome, sent.reason) == (Outcome.REJECTED, Reason.NOT_SENT)
    assert query(offline, parameters).outcome is Outcome.UNKNOWN


TABLE = {
    Reason.BALANCE: [
        "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        "ACQ.REFUND_CHARGE_ERROR",
        "ACQ.ENTERPRISE_PAY_BIZ_ERROR",
    ],
    Reason.DATA: [
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        "ACQ.REASON_TRADE_REFUND_FEE_ERR",
        "ACQ.REFUND_FEE_ERROR",
        "ACQ.INVALID_PARAMETER",
        "ACQ.CURRENCY_NOT_SUPPORT",
        "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR",
        "ACQ.USER_NOT_MATCH_ERR",
        "ACQ.TRADE_NOT_EXIST",
        "ACQ.TRADE_STATUS_ERROR",
        "ACQ.REASON_TRADE_STATUS_INVALID",
    ],
    Reason.ROUTE_CLOSED: [
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.BUYER_ERROR",
        "ACQ.BUYER_ENABLE_STATUS_FORBID",
        "ACQ.BUYER_NOT_EXIST",
        "ACQ.CUSTOMER_VALIDATE_ERROR",
    ],
    Reason.ALREADY_DONE: ["ACQ.TRADE_HAS_CLOSE", "ACQ.DISCORDANT_REPEAT_REQUEST"],
    Reason.NEEDS_PERSON: [
        "ACQ.TRADE_NOT_ALLOW_REFUND",
        "ACQ.NOT_ALLOW_PARTIAL_REFUND",
        "ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND",
        "ACQ.REASON_TRADE_BEEN_FREEZEN",
        "ACQ.TRADE_SETTLE_ERROR",
        "ACQ.REFUNDALLOC_UNAUTH_LIMIT",
        "ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST",
        "ACQ.REFUND_ACCOUNT_NOT_EXIST",
    ],
    Reason.CONFIG: [
        "isv.invalid-signature",
        "isv.invalid-app-id",
        "isv.invalid-timestamp",
        "isv.missing-method",
        "isv.insufficient-isv-permissions",
        "aop.invalid-auth-token",
    ],
    Reason.RATE: ["isv.app-call-limited", "isv.method-call-limited"],
    Reason.UNLISTED: [
        "ACQ.NEVER_HEARD_OF",
        "acq.buyer_error",
        "ACQ.BUYER_ERROR_",
        "ACQ.OVERDRAFT_AGREEMENT_NOT_MATCH",
    ],
}
CODES = [(code, reason) for reason, codes in TABLE.items() for code in codes]


def test_the_table_above_is_all_that_the_adapter_knows() -> None:
    assert {code: why for code, why in CODES if code in REASON_OF} == REASON_OF


@pytest.mark.parametrize("reason", TABLE)
def test_a_code_is_rejected_for_its_reason(
    reason: Reason, alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    for code in TABLE[reason]:
        gateway.faults.add(f"sub_code:{code}", method=REFUND)
        result = submit(alipay, parameters)
        assert (result.outcome, result.reason) == (Outcome.REJECTED, reason), code
        assert (result.code, result.signature_ok) == (code, True)
    assert gateway.ledger.moved_minor() == 0


@pytest.mark.parametrize(
    "code",
    ["ACQ.TRADE_NOT_EXIST", "ACQ.BUYER_NOT_EXIST", "ACQ.X", "isv.invalid-signature"],
)
def test_a_query_that_fails_says_nothing_of_the_refund(
    code: str, alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    gateway.faults.add(f"sub_code:{code}", method=QUERY)
    assert query(alipay, parameters).outcome is Outcome.UNKNOWN


def test_a_foreign_signature_of_ours_is_a_fault_of_configuration(
    alipay: Alipay, gateway: Sandbox, parameters: Parameters, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    ensure_keys(other)
    stranger = replace(alipay, private_key_file=other / "merchant_private.pem")
    result = submit(stranger, parameters)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.CONFIG)
    assert gateway.ledger.moved_minor() == 0


@pytest.mark.parametrize("hours", [-8, 0, 5])
def test_the_timestamp_is_beijing_time(
    hours: int, alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    """Whatever the zone of the moment; the sandbox refuses what is 15 minutes off."""
    now = datetime.now(UTC).astimezone(timezone(timedelta(hours=hours)))
    assert alipay.submit(parameters, now=now).outcome is Outcome.PROCESSING
    moment = datetime(2026, 11, 19, 20, 30, tzinfo=UTC)
    form = alipay._signed(REFUND, parameters, now=moment)
    assert form["timestamp"] == "2026-11-20 04:30:00"
    late = alipay.submit(parameters, now=now - timedelta(hours=8))
    assert (late.reason, late.code) == (Reason.CONFIG, "isv.invalid-timestamp")


@pytest.mark.parametrize(
    ("fields", "outcome", "amount"),
    [
        ({}, Outcome.SUCCEEDED, 19_99),
        ({"refund_amount": "20.00"}, Outcome.SUCCEEDED, 20_00),
        ({"refund_amount": "19.9"}, Outcome.SUCCEEDED, 19_90),
        ({"refund_amount": "nothing"}, Outcome.SUCCEEDED, None),
        ({"refund_amount": "NaN"}, Outcome.SUCCEEDED, None),
        ({"refund_amount": ""}, Outcome.SUCCEEDED, None),
        ({"refund_status": "REFUND_PROCESSING"}, Outcome.NOT_SEEN, None),
        ({"refund_status": ""}, Outcome.NOT_SEEN, None),
        ({"code": "50000"}, Outcome.UNKNOWN, None),
        ({"refund_amount": "19.999"}, Outcome.SUCCEEDED, None),
        ({"refund_amount": "Infinity"}, Outcome.SUCCEEDED, None),
    ],
)
def test_what_a_signed_query_proves(
    fields: dict[str, str],
    outcome: Outcome,
    amount: int | None,
    offline: Alipay,
    keys: Keys,
    parameters: Parameters,
) -> None:
    body = envelope(QUERY_RESPONSE, found(**fields), keys.gateway_private)
    with answering(body) as url:
        result = query(replace(offline, url=url), parameters)
    assert (result.outcome, result.amount) == (outcome, amount)


def test_a_genuine_answer_to_something_else_is_no_answer(
    offline: Alipay, keys: Keys, parameters: Parameters
) -> None:
    """A recorded answer of one method, played back to another."""
    body = envelope(REFUND_RESPONSE, found(), keys.gateway_private)
    with answering(body) as url:
        assert query(replace(offline, url=url), parameters).outcome is Outcome.UNKNOWN


def test_only_the_signed_object_is_read(
    offline: Alipay, keys: Keys, parameters: Parameters
) -> None:
    """The name twice: a signed refusal, and success that nobody signed."""
    refused = json.dumps({"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"})
    signed = envelope(QUERY_RESPONSE, refused, keys.gateway_private).decode()
    for forged in (
        f'{{"{QUERY_RESPONSE}":{found()},{signed[1:]}',
        f'{signed[:-1]},"{QUERY_RESPONSE}":{found()}}}',
    ):
        with answering(forged.encode()) as url:
            result = query(replace(offline, url=url), parameters)
        assert result.outcome is Outcome.UNKNOWN


def test_a_key_of_somebody_else_is_never_believed(
    offline: Alipay, parameters: Parameters
) -> None:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    for name in (QUERY_RESPONSE, "error_response"):
        with answering(envelope(name, found(), key)) as url:
            result = query(replace(offline, url=url), parameters)
        assert (result.outcome, result.signature_ok) == (Outcome.UNKNOWN, False)


@pytest.mark.parametrize("status", [201, 204, 302, 403, 429, 503])
def test_another_status_than_200_is_unknown_whatever_it_says(
    status: int, offline: Alipay, keys: Keys, parameters: Parameters
) -> None:
    body = envelope(REFUND_RESPONSE, '{"code":"40004"}', keys.gateway_private)
    with answering(b"" if status == 204 else body, status=status) as url:
        result = submit(replace(offline, url=url), parameters)
    assert (result.outcome, result.http_status) == (Outcome.UNKNOWN, status)


@pytest.mark.parametrize(
    ("amount", "yuan"),
    [(1, "0.01"), (10, "0.10"), (19_99, "19.99"), (99_999_999_99, "99999999.99")],
)
def test_amounts_are_yuan_to_the_fen(amount: int, yuan: str, offline: Alipay) -> None:
    parameters = offline.parameters(replace(INSTRUCTION, amount=amount))
    assert parameters["refund_amount"] == yuan


def test_what_can_not_be_sent_is_known_beforehand(offline: Alipay) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    window = timedelta(days=365)
    check = offline.check
    assert check(INSTRUCTION, paid_at=now - window, now=now) == []
    late = check(INSTRUCTION, paid_at=now - window - timedelta(seconds=1), now=now)
    assert late == [Reason.ROUTE_CLOSED]
    dollars = replace(INSTRUCTION, currency="USD")
    assert check(dollars, paid_at=now, now=now) == [Reason.DATA]
