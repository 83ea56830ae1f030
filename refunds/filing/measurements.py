"""What the customer measured, with the report that says so; a reviewer decides later
whether it counts."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import validators
from accounts.models import User
from refunds.errors import NotPermitted, RefundError
from refunds.filing.additions import add_to, all_or_nothing, check_may_add
from refunds.filing.evidence import Paper
from refunds.models import Evidence, Measurement, RefundRequest
from refunds.record.events import record
from refunds.step import lock

MOST_MEASUREMENTS = 40


def add_measurement(
    request: RefundRequest,
    *,
    metric: str,
    period_from: datetime,
    period_to: datetime,
    measured: str,
    report: Evidence | Paper,
    by: User,
    at: datetime,
) -> Measurement:
    """`report`: evidence of this request, or a file that comes with it. Raises
    RefundError naming the field at fault; then nothing is kept."""
    with all_or_nothing() as kept:
        locked = lock(request)
        if not locked.is_member(by):
            raise NotPermitted(_("Only the customer adds measurements of their own."))
        check_may_add(locked, by=by)
        if isinstance(report, Paper):
            kind = Evidence.Kind.MONITORING_REPORT
            kept += add_to(locked, [report], kind=kind, by=by, at=at)
        evidence = kept[0] if isinstance(report, Paper) else report
        measurement = Measurement(
            request=locked,
            evidence=evidence,
            metric=metric,
            period_from=period_from,
            period_to=period_to,
            measured=measured,
            added_by=by,
            added_at=at,
        )
        _check(measurement, at=at)
        measurement.save(force_insert=True)
        _record(measurement, by=by, at=at)
    return measurement


def _check(measurement: Measurement, *, at: datetime) -> None:
    request, report = measurement.request, measurement.evidence
    if report.request_id != request.pk or report.frozen_at is None:
        raise RefundError(_("Choose a file of this request."), field="report")
    if measurement.metric not in request.service.promised:
        raise RefundError(
            _("The service promises no level of this, so nothing can be below it."),
            field="metric",
        )
    _check_value(measurement)
    _check_period(measurement, at=at)
    _check_new(measurement)


def _check_value(measurement: Measurement) -> None:
    try:
        validators.exact_decimal(measurement.measured)
        validators.possible_level(measurement.measured, metric=measurement.metric)
    except ValidationError as error:
        raise RefundError(" ".join(error.messages), field="measured") from None


def _check_period(measurement: Measurement, *, at: datetime) -> None:
    began, ended = measurement.period_from, measurement.period_to
    if ended < began:
        raise RefundError(_("It ends before it begins."), field="period_to")
    if ended > at:
        raise RefundError(
            _("It ends in the future; measure to its end first."), field="period_to"
        )
    activated = measurement.request.service.activated_at
    if began < (activated or validators.FIRST_MOMENT):
        raise RefundError(
            _("The service was not activated yet at this moment."), field="period_from"
        )


def _check_new(measurement: Measurement) -> None:
    others = measurement.request.measurements
    if others.filter(
        metric=measurement.metric,
        period_from=measurement.period_from,
        period_to=measurement.period_to,
        measured=measurement.measured,
    ).exists():
        raise RefundError(_("This measurement is there already."), field="measured")
    if others.count() >= MOST_MEASUREMENTS:
        raise RefundError(
            _(
                "A request takes %(most)s measurements. Send the rest as a file among "
                "the evidence."
            ),
            most=MOST_MEASUREMENTS,
        )


def _record(measurement: Measurement, *, by: User, at: datetime) -> None:
    data = {
        "measurement": measurement.pk,
        "metric": measurement.metric,
        "measured": measurement.measured,
        "from": measurement.period_from.isoformat(),
        "to": measurement.period_to.isoformat(),
        "sha256": measurement.evidence.sha256,
    }
    record(measurement.request, "measurement_added", by=by, at=at, data=data)
