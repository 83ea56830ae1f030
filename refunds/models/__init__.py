"""What is kept of a refund."""

from refunds.models.account import PayoutAccount
from refunds.models.backtest import Backtest, BacktestChange
from refunds.models.balance import (
    AllocationBalance,
    Dispute,
    OutsideRefund,
    PaymentBalance,
)
from refunds.models.clock import CalendarOverride, Deadline
from refunds.models.compensation import Compensation
from refunds.models.evidence import Evidence, Finding, Measurement
from refunds.models.invoice import InvoiceReversal
from refunds.models.leg import LegFinding, PayoutCall, PayoutLeg
from refunds.models.leg_state import IN_FLIGHT, LEG_MOVES, LegState
from refunds.models.merchant import Merchant, PayoutStop
from refunds.models.notice import Notice
from refunds.models.offer import Assessment, Offer
from refunds.models.payout import Payout, PayoutBatch
from refunds.models.policy import Policy, PolicyRule, PolicyVersion
from refunds.models.presence import LEASE, Presence
from refunds.models.reconciliation import (
    Discrepancy,
    Notification,
    ReceivedFile,
    StatementLine,
)
from refunds.models.record import Event, Message, PolicyEvent
from refunds.models.request import Ground, NumberSeries, ReasonTag, RefundRequest
from refunds.models.threshold import Threshold
from refunds.models.ticket import Ticket
from refunds.models.words import CannedReply, RequestWords, SavedFilter

__all__ = [
    "IN_FLIGHT",
    "LEASE",
    "LEG_MOVES",
    "AllocationBalance",
    "Assessment",
    "Backtest",
    "BacktestChange",
    "CalendarOverride",
    "CannedReply",
    "Compensation",
    "Deadline",
    "Discrepancy",
    "Dispute",
    "Event",
    "Evidence",
    "Finding",
    "Ground",
    "InvoiceReversal",
    "LegFinding",
    "LegState",
    "Measurement",
    "Merchant",
    "Message",
    "Notice",
    "Notification",
    "NumberSeries",
    "Offer",
    "OutsideRefund",
    "PaymentBalance",
    "Payout",
    "PayoutAccount",
    "PayoutBatch",
    "PayoutCall",
    "PayoutLeg",
    "PayoutStop",
    "Policy",
    "PolicyEvent",
    "PolicyRule",
    "PolicyVersion",
    "Presence",
    "ReasonTag",
    "ReceivedFile",
    "RefundRequest",
    "RequestWords",
    "SavedFilter",
    "StatementLine",
    "Threshold",
    "Ticket",
]
