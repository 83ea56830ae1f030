"""What we send to Alipay: signed, timed and only where it can be taken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from refunds.gateways.alipay import Alipay
from refunds.gateways.base import Outcome, Parameters, Reason
from refunds.gateways.sandbox.keys import ensure_keys
from refunds.gateways.sandbox.server import Sandbox
from tests.refunds.gateways.alipay.merchant import (
    INSTRUCTION,
    REFUND,
    at,
    submit,
)


def test_a_foreign_signature_of_ours_is_a_fault_of_configuration(
    alipay: Alipay, gateway: Sandbox, parameters: Parameters, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    ensure_keys(other)
    pem = (other / "merchant_private.pem").read_text()
    stranger = at(alipay, alipay._access.address, private_key=pem)
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
    form = alipay._client.signed(REFUND, parameters, now=moment)
    assert form["timestamp"] == "2026-11-20 04:30:00"
    late = alipay.submit(parameters, now=now - timedelta(hours=8))
    assert (late.reason, late.code) == (Reason.CONFIG, "isv.invalid-timestamp")


@pytest.mark.parametrize(
    ("amount", "yuan"),
    [(1, "0.01"), (10, "0.10"), (19_99, "19.99"), (99_999_999_99, "99999999.99")],
)
def test_amounts_are_yuan_to_the_fen(amount: int, yuan: str, offline: Alipay) -> None:
    parameters = offline.parameters(replace(INSTRUCTION, amount=amount))
    assert parameters["refund_amount"] == yuan


@pytest.mark.parametrize(
    ("paid", "last"),
    [
        ("2025-11-20 08:00", "2026-11-20 08:00"),
        ("2025-03-01 00:30", "2026-03-01 00:30"),
        ("2024-02-29 23:00", "2025-02-28 23:00"),
        ("2027-06-01 12:00", "2028-06-01 12:00"),
    ],
)
def test_a_refund_can_be_sent_for_twelve_months_by_the_date_in_beijing(
    paid: str, last: str, offline: Alipay
) -> None:
    zone = timezone(timedelta(hours=8))
    paid_at, end = (datetime.fromisoformat(f"{text}+08:00") for text in (paid, last))
    for moment in (end, end.astimezone(UTC)):
        assert offline.check(INSTRUCTION, paid_at=paid_at, now=moment) == []
    late = end.astimezone(zone) + timedelta(seconds=1)
    found = offline.check(INSTRUCTION, paid_at=paid_at.astimezone(UTC), now=late)
    assert found == [Reason.ROUTE_CLOSED]


def test_only_yuan_go_back(offline: Alipay) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    dollars = replace(INSTRUCTION, currency="USD")
    assert offline.check(dollars, paid_at=now, now=now) == [Reason.DATA]


@pytest.mark.parametrize("address", ["", "ftp://127.0.0.1/x", "http://[::1", "here"])
def test_an_address_that_is_none_is_a_fault_of_configuration(
    address: str, offline: Alipay, parameters: Parameters
) -> None:
    result = submit(at(offline, address), parameters)
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.CONFIG)


@pytest.mark.parametrize("name", ["private_key", "public_key"])
def test_a_key_that_is_none_is_found_before_anything_is_sent(
    name: str, alipay: Alipay, gateway: Sandbox, parameters: Parameters
) -> None:
    keyless = at(alipay, alipay._access.address, **{name: "no key"})
    assert submit(keyless, parameters).reason is Reason.CONFIG
    assert gateway.ledger.calls() == []
