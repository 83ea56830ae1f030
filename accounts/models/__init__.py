"""The facts: people, customers, contracts, services, money, quality."""

from accounts.models.contract import Contract, ContractClause, ProductLine
from accounts.models.customer import Customer, Membership
from accounts.models.imports import RecordsImport
from accounts.models.invitation import Invitation, MembershipEvent
from accounts.models.money import Invoice, Payment, PaymentAllocation, Route
from accounts.models.quality import Outage, QualityReading
from accounts.models.service import Fee, Service, ServiceItem, Usage
from accounts.models.user import Absence, Lead, Role, User

__all__ = [
    "Absence",
    "Contract",
    "ContractClause",
    "Customer",
    "Fee",
    "Invitation",
    "Invoice",
    "Lead",
    "Membership",
    "MembershipEvent",
    "Outage",
    "Payment",
    "PaymentAllocation",
    "ProductLine",
    "QualityReading",
    "RecordsImport",
    "Role",
    "Route",
    "Service",
    "ServiceItem",
    "Usage",
    "User",
]
