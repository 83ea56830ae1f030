"""Every table that goes in and out as a file."""

from accounts.resources.clauses import ClauseResource
from accounts.resources.contracts import ContractResource
from accounts.resources.customers import CustomerResource
from accounts.resources.fees import FeeResource
from accounts.resources.invoices import InvoiceResource
from accounts.resources.items import ItemResource
from accounts.resources.outages import OutageResource
from accounts.resources.payments import PaymentResource
from accounts.resources.readings import ReadingsResource
from accounts.resources.resource import RecordsResource
from accounts.resources.services import ServiceResource
from accounts.resources.usage import UsageResource

RESOURCES: tuple[type[RecordsResource], ...] = (
    CustomerResource,
    ContractResource,
    ClauseResource,
    ServiceResource,
    ItemResource,
    FeeResource,
    PaymentResource,
    InvoiceResource,
    UsageResource,
    OutageResource,
    ReadingsResource,
)
BY_TABLE = {resource.table: resource for resource in RESOURCES}
