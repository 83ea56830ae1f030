"""The suite is honest: an adapter that is broken on purpose turns one of it red.

Each runs a test of the faults as it stands, with the adapter broken, and must fail.
The fifth, which takes 429 for a refusal, is in `wechat_pay/test_broken_adapter.py`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from refunds.gateways.alipay import Alipay
from refunds.gateways.base import Hint, Outcome, Parameters, Result
from refunds.models import PayoutLeg, RefundRequest
from tests.refunds.pages.visits import plain_static_files as plain_static_files
from tests.refunds.payouts import test_faults as faults
from tests.refunds.payouts.notifications import test_alipay_heard as heard
from tests.refunds.payouts.notifications.conftest import alipay as alipay
from tests.refunds.payouts.notifications.conftest import sent as sent
from tests.refunds.payouts.notifications.telling import Alipay as Teller
from tests.refunds.payouts.till import Till

submit, parse = Alipay.submit, Alipay.parse_notification


def test_a_new_key_on_every_sending_is_caught(
    released: RefundRequest, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    sendings: list[Parameters] = []

    def with_another_key(
        self: Alipay, parameters: Parameters, *, now: datetime
    ) -> Result:
        sendings.append(parameters)
        key = f"{parameters['out_request_no']}N{len(sendings)}"
        return submit(self, {**parameters, "out_request_no": key}, now=now)

    monkeypatch.setattr(Alipay, "submit", with_another_key)
    with pytest.raises(AssertionError):
        faults.test_what_was_never_booked_is_sent_again_under_the_same_key(
            "timeout_before_commit", released, till
        )


def test_a_time_out_taken_for_a_failure_is_caught(
    released: RefundRequest, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gives_up(self: Alipay, parameters: Parameters, *, now: datetime) -> Result:
        result = submit(self, parameters, now=now)
        lost = result.outcome is Outcome.UNKNOWN
        return replace(result, outcome=Outcome.FAILED) if lost else result

    monkeypatch.setattr(Alipay, "submit", gives_up)
    with pytest.raises(AssertionError):
        faults.test_what_was_booked_in_the_dark_is_found_by_asking(
            "timeout_after_commit", released, till
        )


def test_accepted_taken_for_paid_is_caught(
    released: RefundRequest, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believes(self: Alipay, parameters: Parameters, *, now: datetime) -> Result:
        result = submit(self, parameters, now=now)
        if result.outcome is not Outcome.PROCESSING:
            return result
        return replace(
            result,
            outcome=Outcome.SUCCEEDED,
            amount=leg.amount,
            currency=leg.currency,
            key=leg.key,
        )

    leg = PayoutLeg.objects.get(payout__request=released)
    monkeypatch.setattr(Alipay, "submit", believes)
    with pytest.raises(AssertionError):
        faults.test_a_delayed_success_stays_under_way_and_is_sent_once(released, till)


def test_a_notification_taken_for_the_truth_is_caught(
    sent: RefundRequest,
    alipay: Teller,
    till: Till,
    plain_static_files: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Hint] = []

    def listens(
        self: Alipay, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Hint | None:
        hint = parse(self, headers, body, now=now)
        told.extend([hint] if hint else [])
        return hint

    def repeats(self: Alipay, parameters: Parameters, *, now: datetime) -> Result:
        return Result(
            Outcome.SUCCEEDED,
            amount=told[0].amount,
            currency="CNY",
            key=told[0].key,
            trade_number=parameters["trade_no"],
        )

    monkeypatch.setattr(Alipay, "parse_notification", listens)
    monkeypatch.setattr(Alipay, "query", repeats)
    with pytest.raises(AssertionError):
        heard.test_success_that_the_query_does_not_know_is_not_paid(sent, alipay, till)
