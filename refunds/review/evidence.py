"""What a reviewer makes of a file, and of a measurement of the customer's own."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import customers_seen_by_staff
from accounts.models import QualityReading, User
from refunds.errors import NotPermitted, RefundError, Words
from refunds.guards import BY_APPEAL_JUDGE, BY_EVALUATOR, BY_FIRST_LINE, Permission
from refunds.models import Evidence, Measurement, RefundRequest
from refunds.record.events import record
from refunds.review.findings import assess_anew
from refunds.states import State
from refunds.step import lock, lock_contract, moved_on

# Of one hash; a common file may have been sent a thousand times.
SHOWN_ELSEWHERE = 20
CHECKS_EVIDENCE: dict[str, Permission] = {
    State.PRELIMINARY_REVIEW: BY_FIRST_LINE,
    State.EVALUATION: BY_EVALUATOR,
    State.APPEALED: BY_APPEAL_JUDGE,
}
CHECKS_MEASUREMENT: dict[str, Permission] = {State.EVALUATION: BY_EVALUATOR}


def sent_elsewhere(
    request: RefundRequest, hashes: Iterable[str], *, to: User
) -> QuerySet[Evidence]:
    """The same files with other requests that were sent, the newest first. That they
    were is for everybody who decides; `readable` says whether this person may read of
    that customer, so that its number may be shown."""
    seen = customers_seen_by_staff(to).filter(pk=OuterRef("request__customer"))
    found = Evidence.objects.filter(sha256__in=list(hashes))
    others = found.exclude(request=request).exclude(request__state=State.DRAFT)
    rows = others.select_related("request").annotate(readable=Exists(seen))
    return rows.order_by("-pk")[:SHOWN_ELSEWHERE]


def check_evidence(
    evidence: Evidence, *, by: User, at: datetime, verdict: str, reason: str = ""
) -> None:
    """Verified, or dismissed for a reason that the customer reads; who has the case in
    hand later may see it otherwise."""
    with transaction.atomic():
        locked = _locked(evidence.request, CHECKS_EVIDENCE, by=by)
        found = locked.evidence.get(pk=evidence.pk)
        if verdict not in (Evidence.Verdict.VERIFIED, Evidence.Verdict.DISMISSED):
            raise RefundError(_("Verify the file, or dismiss it."), field="verdict")
        reason = _reason(reason, needed=verdict == Evidence.Verdict.DISMISSED)
        if (found.verdict, found.verdict_reason) == (verdict, reason):
            return
        found.verdict, found.verdict_reason = verdict, reason
        found.save(update_fields=["verdict", "verdict_reason"])
        data = {"sha256": found.sha256, "verdict": verdict}
        record(locked, "evidence_checked", by=by, at=at, reason=reason, data=data)


def check_measurement(
    measurement: Measurement,
    *,
    by: User,
    at: datetime,
    accept: bool,
    reason: str = "",
) -> None:
    """Once: accepted, it is a reading of the service and the request is assessed anew;
    dismissed, for a reason that the customer reads."""
    with transaction.atomic():
        locked = _locked(measurement.request, CHECKS_MEASUREMENT, by=by)
        found = locked.measurements.get(pk=measurement.pk)
        if found.verdict:
            raise RefundError(
                _("This measurement was decided on already: %(verdict)s."),
                verdict=found.get_verdict_display(),
            )
        found.verdict_reason = _reason(reason, needed=not accept)
        verdicts = Measurement.Verdict
        found.verdict = verdicts.ACCEPTED if accept else verdicts.DISMISSED
        data: dict[str, int | str] = {"measurement": found.pk, "verdict": found.verdict}
        if accept:
            found.reading = reading = _reading_from(found, locked)
            data["reading"] = reading.pk
        found.save(update_fields=["verdict", "verdict_reason", "reading"])
        reason = found.verdict_reason
        record(locked, "measurement_checked", by=by, at=at, reason=reason, data=data)
        if accept:
            assess_anew(locked, by=by, at=at)


def why_not_check_evidence(request: RefundRequest, user: User) -> Words | None:
    return _forbidden(request, CHECKS_EVIDENCE, user)


def why_not_check_measurement(request: RefundRequest, user: User) -> Words | None:
    return _forbidden(request, CHECKS_MEASUREMENT, user)


def _forbidden(
    request: RefundRequest, who: dict[str, Permission], user: User
) -> Words | None:
    if request.state not in who:
        return _("This is decided while the case is being checked.")
    unmet = who[request.state].unmet(request, user)
    return unmet.words if unmet else None


def _locked(
    request: RefundRequest, who: dict[str, Permission], *, by: User
) -> RefundRequest:
    """The request under lock, where this person may decide on what was added to it."""
    locked = lock(request)
    if locked.state not in who:
        raise moved_on(locked)
    if words := _forbidden(locked, who, by):
        raise NotPermitted(words)
    return locked


def _reason(reason: str, *, needed: bool) -> str:
    reason = reason.strip()
    if needed and not reason:
        raise RefundError(_("Say why; the customer reads it."), field="reason")
    return reason


def _reading_from(measurement: Measurement, request: RefundRequest) -> QualityReading:
    """Under the contract's lock, because other requests share the service's records."""
    lock_contract(request)
    service = request.service
    promised = service.promised.get(measurement.metric)
    if promised is None:
        raise RefundError(
            _(
                "The service promises no level of this any more. Dismiss the "
                "measurement and say so."
            )
        )
    period = {
        "metric": measurement.metric,
        "period_from": measurement.period_from,
        "period_to": measurement.period_to,
    }
    if service.readings.filter(**period).exists():
        raise RefundError(
            _(
                "The records have a reading for this metric and period already. Go by "
                "that one, and dismiss this measurement."
            )
        )
    return service.readings.create(
        **period,
        promised=promised,
        measured=measurement.measured,
        source=QualityReading.Source.CUSTOMER,
        accepted=True,
    )
