"""What a reviewer makes of files and of the customer's measurements, once for all."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from accounts.models import Membership, QualityReading, Service, User
from refunds.errors import NotAllowedAnyMore, NotPermitted, RefundError
from refunds.filing.measurements import add_measurement
from refunds.models import Evidence, Measurement, RefundRequest
from refunds.record.verify import find_breaks
from refunds.review.evidence import check_evidence, check_measurement
from refunds.review.hands import claim
from tests.people import Case, People, make_people
from tests.refunds.claims import Desk, again
from tests.refunds.pages import states
from tests.refunds.together import queued_behind

PROMISED = {"availability": "99.99"}


@pytest.fixture
def desk(people: People, now: datetime) -> Desk:
    return Desk(people, now)


def measured(desk: Desk, *, evaluated: bool = True) -> Measurement:
    """The records know of no breach; the customer's report says 98 % for ten days."""
    service = desk.service("conference_sdk", days=60, promised=PROMISED)
    request = desk.file(service, "quality")
    began = desk.at - timedelta(days=30)
    measurement = add_measurement(
        request,
        metric="availability",
        period_from=began,
        period_to=began + timedelta(days=10),
        measured="98",
        report=request.evidence.get(),
        by=desk.people.member,
        at=desk.at,
    )
    if evaluated:
        desk.evaluate(request)
    return measurement


def decides(
    desk: Desk,
    measurement: Measurement,
    *,
    accept: bool = True,
    reason: str = "",
    by: User | None = None,
) -> Measurement:
    who = by or desk.people.evaluator
    check_measurement(measurement, by=who, at=desk.at, accept=accept, reason=reason)
    return Measurement.objects.get(pk=measurement.pk)


def test_an_accepted_measurement_counts_and_the_case_is_assessed_anew(
    desk: Desk,
) -> None:
    measurement = measured(desk)
    request = measurement.request
    assert not desk.answer(request).amount
    decided = decides(desk, measurement)
    assert decided.verdict == "accepted"
    reading = QualityReading.objects.get()
    assert decided.reading == reading
    assert (reading.service, reading.metric) == (request.service, "availability")
    assert (reading.promised, reading.measured) == ("99.99", "98")
    assert (reading.source, reading.accepted) == ("customer", True)
    assert reading.period_from == measurement.period_from
    assert reading.period_to == measurement.period_to
    latest = again(request).assessments.latest("pk")
    assert latest.amount
    assert latest.amount == desk.answer(request).amount
    kinds = list(again(request).events.values_list("kind", flat=True))
    assert kinds[-2:] == ["measurement_checked", "assessed"]
    event = again(request).events.get(kind="measurement_checked")
    assert event.data == {
        "measurement": measurement.pk,
        "verdict": "accepted",
        "reading": reading.pk,
    }
    assert list(find_breaks()) == []


def test_a_dismissed_one_counts_for_nothing_and_says_why(desk: Desk) -> None:
    measurement = measured(desk)
    before = measurement.request.assessments.count()
    for reason in ("", "  "):
        with pytest.raises(RefundError, match="Say why") as refusal:
            decides(desk, measurement, accept=False, reason=reason)
        assert refusal.value.field == "reason"
    decided = decides(desk, measurement, accept=False, reason="Measured at home.")
    assert (decided.verdict, decided.reading) == ("dismissed", None)
    assert decided.verdict_reason == "Measured at home."
    assert not QualityReading.objects.exists()
    assert measurement.request.assessments.count() == before
    event = again(measurement.request).events.get(kind="measurement_checked")
    assert event.reason == "Measured at home."


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("then", [True, False])
def test_it_is_decided_once(desk: Desk, *, first: bool, then: bool) -> None:
    measurement = measured(desk)
    decided = decides(desk, measurement, accept=first, reason="So.")
    with pytest.raises(RefundError, match="decided on already"):
        decides(desk, measurement, accept=then, reason="Not so.")
    assert Measurement.objects.get(pk=measurement.pk).verdict == decided.verdict
    assert QualityReading.objects.count() == first


@pytest.mark.parametrize(
    "who", ["second_evaluator", "first_line", "approver", "superuser", "owner", "lead"]
)
def test_only_who_has_the_case_in_hand_decides(desk: Desk, who: str) -> None:
    measurement = measured(desk)
    with pytest.raises(NotPermitted):
        decides(desk, measurement, by=getattr(desk.people, who))
    assert not QualityReading.objects.exists()


def test_an_evaluator_who_belongs_to_the_customer_decides_nothing(desk: Desk) -> None:
    measurement, people = measured(desk), desk.people
    Membership.objects.create(customer=people.customer, user=people.evaluator)
    with pytest.raises(NotPermitted):
        decides(desk, measurement)


def test_before_evaluation_nobody_decides(desk: Desk) -> None:
    measurement = measured(desk, evaluated=False)
    claim(measurement.request, by=desk.people.first_line, at=desk.at)
    with pytest.raises(NotAllowedAnyMore):
        decides(desk, measurement, by=desk.people.first_line)


def test_what_is_promised_no_more_is_not_accepted(desk: Desk) -> None:
    measurement = measured(desk)
    Service.objects.update(promised={})
    with pytest.raises(RefundError, match="promises no level of this any more"):
        decides(desk, measurement)
    assert not Measurement.objects.get(pk=measurement.pk).verdict
    decides(desk, measurement, accept=False, reason="No level is promised.")


def test_the_records_own_reading_of_the_period_stands(desk: Desk) -> None:
    measurement = measured(desk)
    QualityReading.objects.create(
        service=measurement.request.service,
        metric=measurement.metric,
        period_from=measurement.period_from,
        period_to=measurement.period_to,
        promised="99.99",
        measured="99.99",
        source=QualityReading.Source.PROVIDER,
    )
    events = again(measurement.request).event_count
    with pytest.raises(RefundError, match="have a reading for this metric"):
        decides(desk, measurement)
    assert QualityReading.objects.count() == 1
    assert again(measurement.request).event_count == events


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_two_clicks_at_once_make_one_reading(now: datetime) -> None:
    desk = Desk(make_people(), now)
    measurement = measured(desk)
    click = partial(decides, desk, measurement)
    answers = queued_behind([measurement.request], click, click)
    assert sum(isinstance(answer, RefundError) for answer in answers) == 1
    assert QualityReading.objects.count() == 1
    assert list(find_breaks()) == []


def checks(
    case: Case, verdict: str, *, by: User, reason: str = "", later: int = 0
) -> Evidence:
    file = case.request.evidence.get()
    at = case.at + timedelta(minutes=later)
    check_evidence(file, by=by, at=at, verdict=verdict, reason=reason)
    return case.request.evidence.get()


@pytest.mark.parametrize(
    ("state", "who"),
    [("preliminary_review", "first_line"), ("evaluation", "evaluator")],
)
def test_who_has_the_case_verifies_a_file(case: Case, state: str, who: str) -> None:
    states.REACHES[state](case)
    checked = checks(case, "verified", by=getattr(case.people, who))
    assert checked.verdict == "verified"
    event = case.request.events.get(kind="evidence_checked")
    assert event.data == {"sha256": checked.sha256, "verdict": "verified"}
    for other in ("second_evaluator", "approver", "owner", "superuser", "auditor"):
        with pytest.raises(NotPermitted):
            checks(case, "dismissed", by=getattr(case.people, other), reason="No.")
    assert case.request.evidence.get() == checked
    assert list(find_breaks()) == []


def test_a_file_is_dismissed_for_a_reason(case: Case) -> None:
    case.in_evaluation()
    with pytest.raises(RefundError, match="Say why") as refusal:
        checks(case, "dismissed", by=case.people.evaluator, reason=" ")
    assert refusal.value.field == "reason"
    with pytest.raises(RefundError, match="Verify the file, or dismiss it"):
        checks(case, "", by=case.people.evaluator)
    dismissed = checks(
        case, "dismissed", by=case.people.evaluator, reason="Another service's log."
    )
    assert dismissed.verdict_reason == "Another service's log."
    event = case.request.events.get(kind="evidence_checked")
    assert event.reason == "Another service's log."


def test_a_second_click_changes_nothing_and_a_second_thought_does(case: Case) -> None:
    case.in_evaluation()
    for verdict in ("verified", "verified"):
        checks(case, verdict, by=case.people.evaluator)
    assert case.request.events.filter(kind="evidence_checked").count() == 1
    again_ = checks(case, "dismissed", by=case.people.evaluator, reason="Older.")
    assert again_.verdict == "dismissed"
    assert case.request.events.filter(kind="evidence_checked").count() == 2


def test_who_judges_an_appeal_sees_for_themselves(case: Case) -> None:
    states.in_the_judges_hands(case)
    judge = case.people.second_evaluator
    assert checks(case, "verified", by=judge, later=1).verdict == "verified"
    with pytest.raises(NotPermitted):
        checks(case, "dismissed", by=case.people.evaluator, reason="No.", later=2)


@pytest.mark.parametrize("state", ["submitted", "offered", "rejected", "agreed"])
def test_elsewhere_no_file_is_checked(case: Case, state: str) -> None:
    request: RefundRequest = states.REACHES[state](case)
    with pytest.raises(NotAllowedAnyMore):
        checks(case, "verified", by=case.people.evaluator)
    assert request.evidence.get().verdict == ""
