"""The suite is honest: an adapter that takes 429 for a refusal turns F6 red."""

from dataclasses import replace
from datetime import datetime

import pytest

from refunds.gateways.base import Outcome, Parameters, Reason, Result
from refunds.gateways.wechat_pay import WeChatPay
from refunds.models import RefundRequest
from tests.refunds.payouts.till import Till
from tests.refunds.payouts.wechat_pay import test_wechat_in_the_dark as dark


def test_429_taken_for_not_accepted_is_caught(
    released: RefundRequest, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = WeChatPay.submit

    def takes_it_for_no(
        self: WeChatPay, parameters: Parameters, *, now: datetime
    ) -> Result:
        result = submit(self, parameters, now=now)
        if result.http_status != 429:
            return result
        return replace(result, outcome=Outcome.REJECTED, reason=Reason.RATE)

    monkeypatch.setattr(WeChatPay, "submit", takes_it_for_no)
    with pytest.raises(AssertionError):
        dark.test_what_was_booked_in_the_dark_is_found_by_asking(
            "429_after", released, till
        )
