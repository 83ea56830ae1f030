"""Alipay's codes: what a refusal is for, and that an unlisted one is never guessed."""

import pytest

from refunds.gateways.alipay import Alipay
from refunds.gateways.alipay.codes import REASON_OF
from refunds.gateways.base import Outcome, Parameters, Reason
from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.alipay.merchant import QUERY, REFUND, query, submit

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
