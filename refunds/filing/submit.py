"""Sending a request: checked, numbered, frozen, assessed, in one transaction."""

from datetime import datetime

from django.db import IntegrityError
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from refunds.errors import AmountRefused, EvidenceMissing, RefundError
from refunds.filing.automatic import decides_itself
from refunds.filing.drafts import is_on_behalf, left_of, open_request_like
from refunds.filing.estimate import missing_evidence
from refunds.judging import Judgement, judge, keep
from refunds.models import Evidence, NumberSeries, RefundRequest
from refunds.nudge import nudge
from refunds.search import index
from refunds.step import step


def submit(request: RefundRequest, *, by: User, at: datetime) -> RefundRequest:
    """Raises RefundError naming the field at fault; then the draft stays as it was.

    The assessment of this moment is kept; evidence is frozen with its hash.
    """
    try:
        with step(request, "submit", by=by, at=at) as taken:
            draft = taken.request
            draft.submitted_at = at
            if refusal := open_request_like(draft):
                raise refusal
            judgement = check_complete(draft, at=at)
            draft.number = next_number(at)
            # Whom somebody else filed for may still withdraw, so a person decides.
            by_form = draft.channel == RefundRequest.Channel.FORM
            draft.decides_itself = by_form and decides_itself(draft, judgement)
            draft.save()
            index(draft)
            assessment = keep(draft, judgement, at=at)
            Evidence.objects.filter(request=draft).update(frozen_at=at)
            if draft.decides_itself:
                nudge("decide_waiting")
            taken.data |= {
                "assessment": assessment.pk,
                "channel": draft.channel,
                "amount_asked": draft.amount_asked,
                "currency": draft.currency,
                "ground": draft.ground,
                "evidence": [
                    {"name": name, "sha256": digest}
                    for name, digest in draft.evidence.values_list("name", "sha256")
                ],
            }
    except IntegrityError:
        # Two drafts for the same thing were sent at the same moment.
        refusal = open_request_like(request)
        if refusal is None:
            raise
        raise refusal from None
    return draft


def check_complete(draft: RefundRequest, *, at: datetime) -> Judgement:
    """What a last look checks: ground, amount, words, the evidence asked for, and how
    the customer asked."""
    settle_channel(draft)
    if not draft.ground:
        raise RefundError(_("Choose what went wrong."), field="ground")
    if not draft.description.strip():
        raise RefundError(_("Say in a few words what happened."), field="description")
    check_amount(draft)
    judgement = judge(draft, at=at)
    present = set(draft.evidence.values_list("kind", flat=True))
    for kind in missing_evidence(judgement, present):
        raise EvidenceMissing(field="evidence", kind=Evidence.Kind(kind).label)
    return judgement


def settle_channel(draft: RefundRequest) -> None:
    """Members file by the form; who files for them says how they asked."""
    if not is_on_behalf(draft):
        draft.channel = RefundRequest.Channel.FORM
    elif draft.channel == RefundRequest.Channel.FORM:
        raise RefundError(
            _("Say whether the customer called or wrote."), field="channel"
        )


def check_amount(draft: RefundRequest) -> None:
    if draft.amount_asked is None:
        raise AmountRefused(_("Say how much you ask for."), field="amount")
    if draft.amount_asked <= 0:
        raise AmountRefused(_("The amount has to be above zero."), field="amount")
    if draft.amount_asked > left_of(draft.service):
        raise AmountRefused(
            _(
                "This is more than what was paid for the service and has not gone "
                "back yet. Ask for that much or less."
            ),
            field="amount",
        )


def next_number(at: datetime) -> str:
    """RF-2026-000123: without gaps, because it is taken in the same transaction."""
    year = localtime(at).year
    NumberSeries.objects.get_or_create(year=year)
    series = NumberSeries.objects.select_for_update().get(year=year)
    series.last += 1
    series.save()
    return f"RF-{year}-{series.last:06d}"
