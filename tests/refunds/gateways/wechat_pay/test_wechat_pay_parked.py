"""What WeChat Pay has parked, and the banks that it can be sent on to."""

from dataclasses import replace

import pytest

from refunds.gateways.base import Outcome, Payee, Reason
from refunds.gateways.wechat_pay import WeChatPay
from refunds.gateways.wechat_pay.banks import BANKS, bank_type_of
from tests.refunds.gateways.wechat_pay.platform import AT, FOUND, KEY, Said

PARAMETERS = {"out_refund_no": KEY}
PAYEE = Payee("王小明", "6222 0202 0011 2230", "ICBC", "102100099996")


def test_a_parked_refund_is_sent_on_once_and_nothing_of_the_account_in_the_clear(
    wechat: WeChatPay, said: Said
) -> None:
    said.says(200, FOUND | {"status": "PROCESSING"})
    result = wechat.redirect(PARAMETERS, "503", PAYEE, now=AT)
    assert result.outcome is Outcome.PROCESSING
    assert said.asked == ["POST /v3/refund/domestic/refunds/503/apply-abnormal-refund"]


@pytest.mark.parametrize(
    ("refund_id", "payee"), [("", PAYEE), ("503", replace(PAYEE, bank_code="999"))]
)
def test_what_can_t_be_sent_on_is_not_asked_for(
    refund_id: str, payee: Payee, wechat: WeChatPay, said: Said
) -> None:
    result = wechat.redirect(PARAMETERS, refund_id, payee, now=AT)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.NEEDS_PERSON)
    assert said.asked == []


def test_a_bank_is_known_by_its_branch_number_or_its_bic() -> None:
    for bank_type, branch, bic in BANKS:
        for code in (branch.ljust(12, "0"), f"{bic}CNBJ", f"{bic}CNBJ110"):
            assert bank_type_of(replace(PAYEE, bank_code=code)) == bank_type
    for code in ("", "102", "999000000000", "DEUTDEFF", "ICBKDEFF", "313100000013"):
        assert bank_type_of(replace(PAYEE, bank_code=code)) is None
