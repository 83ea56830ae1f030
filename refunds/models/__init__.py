"""What is kept of a refund."""

from refunds.models.backtest import Backtest, BacktestChange
from refunds.models.clock import CalendarOverride, Deadline
from refunds.models.compensation import Compensation
from refunds.models.evidence import Evidence, Finding, Measurement
from refunds.models.notice import Notice
from refunds.models.offer import Assessment, Offer
from refunds.models.payout import (
    IN_FLIGHT,
    AllocationBalance,
    LegState,
    PaymentBalance,
    Payout,
    PayoutCall,
    PayoutLeg,
)
from refunds.models.policy import Policy, PolicyRule, PolicyVersion
from refunds.models.presence import LEASE, Presence
from refunds.models.record import Event, Message, PolicyEvent
from refunds.models.request import Ground, NumberSeries, ReasonTag, RefundRequest
from refunds.models.threshold import Threshold
from refunds.models.ticket import Ticket

__all__ = [
    "IN_FLIGHT",
    "LEASE",
    "AllocationBalance",
    "Assessment",
    "Backtest",
    "BacktestChange",
    "CalendarOverride",
    "Compensation",
    "Deadline",
    "Event",
    "Evidence",
    "Finding",
    "Ground",
    "LegState",
    "Measurement",
    "Message",
    "Notice",
    "NumberSeries",
    "Offer",
    "PaymentBalance",
    "Payout",
    "PayoutCall",
    "PayoutLeg",
    "Policy",
    "PolicyEvent",
    "PolicyRule",
    "PolicyVersion",
    "Presence",
    "ReasonTag",
    "RefundRequest",
    "Threshold",
    "Ticket",
]
