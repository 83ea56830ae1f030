"""What the tests of the adapter send, and from where."""

from dataclasses import replace
from datetime import UTC, datetime

from refunds.gateways.alipay import Alipay
from refunds.gateways.base import Instruction, Parameters, Result

REFUND = "alipay.trade.refund"
QUERY = "alipay.trade.fastpay.refund.query"
BILL = "alipay.data.dataservice.bill.downloadurl.query"
TRADE = "2026112022001400001"
KEY = "RF1L1A1"
INSTRUCTION = Instruction(
    key=KEY,
    trade_number=TRADE,
    amount=19_99,
    currency="CNY",
    reason="RF-2026-1",
    paid=100_00,
)


def at(alipay: Alipay, address: str, **secrets: str) -> Alipay:
    """The same merchant, whose gateway is there."""
    access = alipay._access
    known = {**access.secrets, **secrets}
    return Alipay(replace(access, address=address, secrets=known))


def submit(alipay: Alipay, parameters: Parameters) -> Result:
    return alipay.submit(parameters, now=datetime.now(UTC))


def query(alipay: Alipay, parameters: Parameters) -> Result:
    return alipay.query(parameters, now=datetime.now(UTC))
