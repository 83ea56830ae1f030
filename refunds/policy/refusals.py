"""A denial in words that a customer understands, each with a way out."""

from collections.abc import Mapping

from refunds.policy.assessment import Assessment
from refunds.policy.conditions import ConditionResult
from refunds.policy.plain import Value
from refunds.policy.sentence import Sentence, gettext_noop
from refunds.policy.windows import WindowResult

APPEAL = gettext_noop("If you see it differently, you can appeal.")
WHY = {
    "nothing_left": gettext_noop(
        "Everything paid for this service has gone back already or is on its way."
    ),
    "customer_fault": gettext_noop(
        "Our records trace this to your side, so the contract refunds nothing for it."
    ),
    "third_party_fault": gettext_noop(
        "The break came from outside our service: a network, a device or another "
        "provider."
    ),
    "service_normal": gettext_noop(
        "The service is active and works as agreed, so there is nothing to refund "
        "for this reason."
    ),
    "already_used": gettext_noop(
        "We can't refund this: part of it has been used, more than the policy allows."
    ),
    "below_threshold": gettext_noop(
        "What happened was real, but it stayed within the limits of your contract, "
        "so nothing is due this time."
    ),
    "not_proven": gettext_noop("Our records don't show this yet."),
    "out_of_time": gettext_noop("We can't refund this: the time to ask has ended."),
}
WHY_IN_DETAIL = {
    ("customer_fault", "no_customer_fault"): gettext_noop(
        "We found that this was caused on your side, by a breach of terms, so it "
        "can't be refunded."
    ),
    ("service_normal", "delivery_due_passed"): gettext_noop(
        "Delivery is not due yet, or everything ordered has been delivered: "
        "%(delivered)s of %(ordered)s."
    ),
    ("service_normal", "not_activated"): gettext_noop(
        "The service has been active since %(activated_at)s and works as agreed, so "
        "it can't be given back for this reason."
    ),
    ("already_used", "unused"): gettext_noop(
        "We can't refund this: it can be given back while nothing is used, and "
        "%(share)s has been used."
    ),
    ("already_used", "used_less_than"): gettext_noop(
        "We can't refund this: it can be given back with less than %(needed_share)s "
        "used, and %(share)s has been used."
    ),
    ("below_threshold", "outage_longer_than"): gettext_noop(
        "The outage was real and it was ours: %(hours)s hours. Your contract refunds "
        "outages longer than %(needed_hours)s hours, so nothing is due this time."
    ),
    ("below_threshold", "outage_at_least"): gettext_noop(
        "The outage was real and it was ours: %(hours)s hours. Your contract refunds "
        "outages of %(needed_hours)s hours or more, so nothing is due this time."
    ),
    ("below_threshold", "unresolved_longer_than"): gettext_noop(
        "Your ticket waited %(hours)s hours. Your contract gives a refund where one "
        "waits longer than %(needed_hours)s hours, so nothing is due this time."
    ),
    ("below_threshold", "level_breached"): gettext_noop(
        "We looked at the readings: %(measured)s was measured and %(promised)s is "
        "promised, so the level was kept."
    ),
    ("not_proven", "outage_longer_than"): gettext_noop(
        "Our records don't show this outage."
    ),
    ("not_proven", "outage_at_least"): gettext_noop(
        "Our records don't show this outage."
    ),
    ("not_proven", "unresolved_longer_than"): gettext_noop(
        "Our records show no ticket about this."
    ),
    ("not_proven", "level_breached"): gettext_noop(
        "There is no accepted reading of the quality for this time yet."
    ),
    ("not_proven", "gap_confirmed_by_both"): gettext_noop(
        "Both sides have yet to confirm that the service falls short of the contract."
    ),
    ("not_proven", "defect_verified"): gettext_noop(
        "We have not been able to verify a defect in the content yet."
    ),
    ("not_proven", "item_undelivered"): gettext_noop(
        "Our records don't show a promised item that was not delivered."
    ),
}
OUT_OF_TIME = {
    "hours": gettext_noop(
        "We can't refund this: the %(amount)s hours to ask ended on %(ends_at)s, and "
        "your request came on %(judged_at)s."
    ),
    "calendar_days": gettext_noop(
        "We can't refund this: the %(amount)s calendar days to ask ended on "
        "%(last_day)s at midnight, and your request came on %(judged_at)s."
    ),
    "working_days": gettext_noop(
        "We can't refund this: the %(amount)s working days to ask ended on "
        "%(last_day)s at close of business, and your request came on %(judged_at)s."
    ),
}
OUTAGE_TOO_LATE = gettext_noop(
    "We can't refund this: the outage began on %(judged_at)s and could be claimed "
    "until %(claim_until)s, where it began by %(last_day)s."
)
WAY_OUT = {
    "nothing_left": gettext_noop(
        "If one of these refunds has not reached you, tell us and we will trace it."
    ),
    "customer_fault": gettext_noop(
        "If something shows that it began on our side, send it and we will check "
        "again. You can also appeal."
    ),
    "third_party_fault": gettext_noop(
        "If something shows that it began on our side, send it and we will check again."
    ),
    "service_normal": gettext_noop(
        "If something does not work, open a ticket and we will look at it. You can "
        "also appeal."
    ),
    "already_used": APPEAL,
    "below_threshold": gettext_noop(
        "You can appeal, or open a ticket if it happens again."
    ),
    "not_proven": gettext_noop("Add what shows it, and we will look again."),
    "out_of_time": APPEAL,
}
PROOF = {
    "outage_longer_than": gettext_noop(
        "A monitoring report or a fault log for that time would let us look again."
    ),
    "outage_at_least": gettext_noop(
        "A monitoring report or a fault log for that time would let us look again."
    ),
    "unresolved_longer_than": gettext_noop(
        "Open a ticket, or send the messages in which you reported it."
    ),
    "level_breached": gettext_noop(
        "A monitoring report or third-party data for that time would let us look again."
    ),
    "gap_confirmed_by_both": gettext_noop(
        "A monitoring report, or messages in which we agreed on the gap, would let us "
        "look again."
    ),
    "defect_verified": gettext_noop(
        "A screenshot that shows the defect would let us look again."
    ),
    "item_undelivered": gettext_noop(
        "The page of the agreement that promises it would let us look again."
    ),
}


def denial(assessment: Assessment) -> tuple[Sentence, Sentence] | None:
    """Why a request is denied, and the way out; None where it is not."""
    code = assessment.denied
    if code is None:
        return None
    decisive = assessment.speaking.decisive if assessment.speaking else None
    if isinstance(decisive, WindowResult):
        return _out_of_time(decisive), Sentence(WAY_OUT[code], {})
    if decisive is None:
        return Sentence(WHY[code], {}), Sentence(WAY_OUT[code], {})
    why = WHY_IN_DETAIL.get((code, decisive.name), WHY[code])
    way_out = WAY_OUT[code]
    if code == "not_proven":
        way_out = PROOF.get(decisive.name, way_out)
    return Sentence(why, _values(decisive)), Sentence(way_out, {})


def _out_of_time(result: WindowResult) -> Sentence:
    late_claim = result.claim_until is not None
    text = OUTAGE_TOO_LATE if late_claim else OUT_OF_TIME[result.unit]
    return Sentence(text, result.values)


def _values(result: ConditionResult) -> Mapping[str, Value]:
    needed = {f"needed_{name}": value for name, value in result.needed.items()}
    return {**needed, **result.found}
