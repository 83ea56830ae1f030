"""What the customer measured: said with its report, and nothing that can't be."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Service
from refunds.errors import NotAllowedAnyMore, NotPermitted, RefundError
from refunds.filing.evidence import look_at
from refunds.filing.measurements import MOST_MEASUREMENTS, add_measurement
from refunds.models import Measurement, RefundRequest
from refunds.record.verify import find_breaks
from refunds.review.answers import withdraw
from tests.people import People
from tests.refunds.claims import Desk, again
from tests.refunds.filing import papers
from tests.refunds.pages.visits import Disk


@pytest.fixture
def desk(people: People, now: datetime) -> Desk:
    return Desk(people, now)


@pytest.fixture
def sent(desk: Desk) -> RefundRequest:
    promised = {"availability": "99.99", "latency_ms": "80"}
    service = desk.service("conference_sdk", days=60, promised=promised)
    return desk.file(service, "quality")


def measures(desk: Desk, request: RefundRequest, **told: Any) -> Measurement:
    began = desk.at - timedelta(days=30)
    said = {
        "metric": "availability",
        "period_from": began,
        "period_to": began + timedelta(days=20),
        "measured": "98.5",
        "report": request.evidence.first(),
        "by": desk.people.member,
        "at": desk.at,
        **told,
    }
    return add_measurement(request, **said)


def test_a_measurement_rests_on_a_report_and_is_on_record(
    desk: Desk, sent: RefundRequest
) -> None:
    measurement = measures(desk, sent)
    assert measurement.verdict == ""
    assert measurement.evidence == sent.evidence.get()
    event = again(sent).events.get(kind="measurement_added")
    assert event.actor == desk.people.member
    assert event.data == {
        "measurement": measurement.pk,
        "metric": "availability",
        "measured": "98.5",
        "from": measurement.period_from.isoformat(),
        "to": measurement.period_to.isoformat(),
        "sha256": measurement.evidence.sha256,
    }
    assert not Service.objects.filter(readings__isnull=False).exists()
    assert list(find_breaks()) == []


def test_the_report_may_come_with_it(desk: Desk, sent: RefundRequest) -> None:
    report = look_at(papers.pdf(), name="monitor.pdf")
    measurement = measures(desk, sent, report=report)
    assert measurement.evidence.name == "monitor.pdf"
    assert measurement.evidence.kind == "monitoring_report"
    assert measurement.evidence.frozen_at == desk.at
    kinds = list(again(sent).events.values_list("kind", flat=True))
    assert kinds[-2:] == ["evidence_added", "measurement_added"]


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"metric": "loss"}, "metric", "promises no level of this"),
        ({"measured": "100.5"}, "measured", "more than 100"),
        ({"measured": "ninety"}, "measured", "no plain number"),
        ({"measured": "-1"}, "measured", "no plain number"),
        ({"period_to": timedelta(minutes=1)}, "period_to", "ends in the future"),
        ({"period_to": timedelta(days=-31)}, "period_to", "ends before it begins"),
        ({"period_from": timedelta(days=-61)}, "period_from", "not activated yet"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    desk: Desk,
    sent: RefundRequest,
    disk: Disk,
    told: dict[str, Any],
    field: str,
    words: str,
) -> None:
    before, events = disk(), again(sent).event_count
    moments = {
        name: desk.at + value if isinstance(value, timedelta) else value
        for name, value in told.items()
    }
    report = look_at(papers.pdf(), name="monitor.pdf")
    with pytest.raises(RefundError, match=words) as refusal:
        measures(desk, sent, report=report, **moments)
    assert refusal.value.field == field
    assert not Measurement.objects.exists()
    assert disk() == before, "the report went with it"
    assert again(sent).event_count == events


def test_another_requests_file_is_no_report(desk: Desk, sent: RefundRequest) -> None:
    other = desk.file(desk.service("conference_sdk"), "quality")
    with pytest.raises(RefundError, match="a file of this request") as refusal:
        measures(desk, sent, report=other.evidence.get())
    assert refusal.value.field == "report"


def test_the_same_is_taken_once(desk: Desk, sent: RefundRequest) -> None:
    measures(desk, sent)
    with pytest.raises(RefundError, match="there already"):
        measures(desk, sent)
    measures(desk, sent, measured="98.4")
    assert sent.measurements.count() == 2


def test_so_many_and_no_more(desk: Desk, sent: RefundRequest) -> None:
    for number in range(MOST_MEASUREMENTS):
        measures(desk, sent, measured=str(number))
    with pytest.raises(RefundError, match="takes 40 measurements"):
        measures(desk, sent)


@pytest.mark.parametrize("who", ["stranger", "evaluator", "account_manager", "auditor"])
def test_only_the_customer_measures(desk: Desk, sent: RefundRequest, who: str) -> None:
    with pytest.raises(NotPermitted):
        measures(desk, sent, by=getattr(desk.people, who))


def test_nothing_is_measured_once_it_has_ended(desk: Desk, sent: RefundRequest) -> None:
    withdraw(sent, by=desk.people.owner, at=desk.at)
    with pytest.raises(NotAllowedAnyMore):
        measures(desk, sent)


def test_a_draft_takes_none(desk: Desk, sent: RefundRequest) -> None:
    draft = RefundRequest.objects.create(
        customer=sent.customer,
        contract=sent.contract,
        service=sent.service,
        currency="CNY",
        filed_by=desk.people.owner,
    )
    with pytest.raises(RefundError):
        measures(desk, draft, report=sent.evidence.get())
