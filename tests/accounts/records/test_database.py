"""What the database refuses of the facts, whoever writes: so no page can stumble."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import TextChoices

from accounts.models import Customer, Outage, QualityReading, Service, Usage
from tests.accounts.records.desk import ON_THE_DAY, service_in
from tests.people import Case, People

pytestmark = pytest.mark.database_rules


@pytest.fixture
def facts(case: Case, people: People) -> Service:
    """A service with a row of everything."""
    service = case.service
    service.items.create(name="Region", value=1)
    service.readings.create(
        metric="availability",
        period_from=ON_THE_DAY,
        period_to=ON_THE_DAY,
        promised="99.95",
        measured="99.4",
        source="provider",
    )
    service.contract.invoices.create(
        number="I-1", kind="paper", issued_on=ON_THE_DAY.date(), amount=100
    )
    Usage.objects.create(
        service=service, lessons_total=20, lessons_used=1, ordered=5, delivered=0
    )
    return service


@pytest.mark.parametrize(
    "statement",
    [
        "contract SET currency = 'cny'",
        "contract SET currency = ''",
        "contract SET calendar = 'China'",
        "contract SET product_line = 'radio'",
        "contract SET minimum_commitment = -1",
        "contract SET refund_cap = -1",
        "contract SET signed_on = '0001-01-01'",
        "contract SET effective_on = '9999-12-31'",
        "customer SET kind = 'state'",
        "payment SET currency = 'C'",
        "payment SET route = 'cash'",
        "payment SET amount = 0",
        "payment SET paid_at = '1970-01-01 00:00:00+00'",
        "paymentallocation SET amount = 0",
        "invoice SET tax = -1",
        "invoice SET tax = amount + 1",
        "invoice SET reversed = amount + 1",
        "invoice SET amount = 0",
        "outage SET extent = 'half'",
        "outage SET cause = 'aliens'",
        "outage SET ended_at = '2020-01-01 00:00:00+00'",
        "qualityreading SET metric = 'uptime'",
        "qualityreading SET metric = 'latencyms'",
        "qualityreading SET promised = ''",
        "qualityreading SET promised = '1/0'",
        "qualityreading SET measured = 'nan'",
        "qualityreading SET measured = '99.95 '",
        "qualityreading SET period_to = '2020-01-01 00:00:00+00'",
        "service SET billing = 'gift'",
        "service SET promised = '[]'",
        "service SET promised = 'null'",
        "service SET promised = '{\"availability\": 99.9}'",
        'service SET promised = \'{"availability": "high"}\'',
        'service SET promised = \'{"uptime": "99.9"}\'',
        "service SET ends_on = '9999-12-31'",
        "service SET activated_at = '0001-01-01 00:00:00+00'",
        "serviceitem SET value = -1",
        "fee SET amount = -1",
        "fee SET refundable = 'half'",
        "fee SET refundable = '1.5'",
        "fee SET refundable = '0.5\n'",
        "usage SET share_used = '1.5'",
        "usage SET share_used = 'x'",
        "usage SET lessons_used = 21",
        "usage SET lessons_used = NULL",
        "usage SET delivered = NULL",
        "usage SET delivered = -1",
        "usage SET consumed = -1",
    ],
)
def test_the_database_refuses(facts: Service, statement: str) -> None:
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError),
        transaction.atomic(),
    ):
        cursor.execute(f"UPDATE accounts_{statement}")


@pytest.mark.parametrize(
    "promised", [{}, {"availability": "99.95"}, {"latency_ms": "80", "loss": "0.1"}]
)
def test_levels_that_make_sense_are_kept(db: None, promised: dict[str, str]) -> None:
    service = service_in("CNY")
    service.promised = promised
    service.full_clean()
    service.save()
    service.refresh_from_db()
    assert service.promised == promised


@pytest.mark.parametrize(
    ("model", "choices", "name"),
    [
        (Service, Service.Billing, "service_billing_known"),
        (Outage, Outage.Extent, "outage_extent_known"),
        (Outage, Outage.Cause, "outage_cause_known"),
        (Customer, Customer.Kind, "customer_kind_known"),
    ],
)
def test_the_database_knows_every_choice(
    model: type[Service | Outage | Customer], choices: type[TextChoices], name: str
) -> None:
    checks = {check.name: check for check in model._meta.constraints}
    ((_field, known),) = checks[name].condition.children  # type: ignore[attr-defined]
    assert set(known) == set(choices.values)


def test_a_reading_is_the_last_word_of_its_fields() -> None:
    reading = QualityReading(metric="availability", promised="x", measured="101")
    with pytest.raises(Exception, match="101 is more than 100"):
        reading.clean()
