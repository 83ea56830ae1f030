"""An assessment in words: what each condition asks and found, why a request is denied.

Whole English sentences with named placeholders, marked for the catalogues. Values stay
raw (int, Fraction, datetime, date, codes of `labels.py`): pages translate, then format.
"""

from dataclasses import dataclass

from refunds.policy.assessment import Ledger
from refunds.policy.conditions import ConditionResult
from refunds.policy.facts import Compensated
from refunds.policy.refusals import denial
from refunds.policy.sentence import Sentence, gettext_noop
from refunds.policy.windows import WindowResult

__all__ = ["Sentence", "Words", "condition", "denial", "formula", "window"]


@dataclass(frozen=True)
class Words:
    """One line of the condition list."""

    asks: Sentence
    needed: Sentence
    found: Sentence


ASKS = {
    "no_customer_fault": gettext_noop("The customer did not cause it."),
    "not_activated": gettext_noop("The service has not been activated."),
    "unused": gettext_noop("Nothing has been used."),
    "used_less_than": gettext_noop("Only a small part has been used."),
    "outage_longer_than": gettext_noop("One outage, caused by us, lasted long enough."),
    "outage_at_least": gettext_noop("One outage, caused by us, lasted long enough."),
    "unresolved_longer_than": gettext_noop("A ticket for it stayed unresolved."),
    "gap_confirmed_by_both": gettext_noop("Both sides confirmed the gap."),
    "level_breached": gettext_noop("An accepted reading is worse than promised."),
    "defect_verified": gettext_noop("We verified the defect."),
    "item_undelivered": gettext_noop("A promised item was not delivered."),
    "delivery_due_passed": gettext_noop(
        "The delivery date has passed and something is missing."
    ),
}
NEEDED = {
    "no_customer_fault": gettext_noop("No finding that the customer caused it."),
    "not_activated": gettext_noop("No activation before the request."),
    "unused": gettext_noop("No usage at all."),
    "used_less_than": gettext_noop("Less than %(share)s used."),
    "outage_longer_than": gettext_noop("More than %(hours)s hours without a break."),
    "outage_at_least": gettext_noop("At least %(hours)s hours without a break."),
    "unresolved_longer_than": gettext_noop("More than %(hours)s hours unresolved."),
    "gap_confirmed_by_both": gettext_noop("A finding that both sides confirmed it."),
    "level_breached": gettext_noop("A reading worse than the level promised for it."),
    "defect_verified": gettext_noop("A finding that the content has a defect."),
    "item_undelivered": gettext_noop("A finding that names the missing item."),
    "delivery_due_passed": gettext_noop(
        "A delivery date in the past, and less delivered than ordered."
    ),
}
FOUND = {
    ("no_customer_fault", True): gettext_noop("Nothing says so."),
    ("no_customer_fault", False): gettext_noop("A finding says that they did."),
    ("not_activated", True): gettext_noop("Not activated."),
    ("not_activated", False): gettext_noop("Activated on %(activated_at)s."),
    ("unused", True): gettext_noop("Nothing was used."),
    ("unused", False): gettext_noop("%(share)s was used."),
    ("gap_confirmed_by_both", True): gettext_noop("Both sides confirmed it."),
    ("gap_confirmed_by_both", False): gettext_noop("Not confirmed by both sides yet."),
    ("defect_verified", True): gettext_noop("We verified it."),
    ("defect_verified", False): gettext_noop("Not verified yet."),
    ("item_undelivered", True): gettext_noop("Not delivered: %(items)s."),
    ("item_undelivered", False): gettext_noop("No missing item has been found yet."),
}
USED = gettext_noop("%(share)s was used.")
LASTED = gettext_noop("The longest one lasted %(hours)s hours.")
NO_OUTAGE = gettext_noop("No verified outage of this kind.")
WAITED = gettext_noop("The longest wait was %(hours)s hours.")
NO_TICKET = gettext_noop("No ticket.")
MEASURED = gettext_noop("%(metric)s: %(measured)s measured, %(promised)s promised.")
NO_READING = gettext_noop("No accepted reading.")
DELIVERED = gettext_noop("%(delivered)s of %(ordered)s delivered, due on %(due_on)s.")
NO_DUE_DATE = gettext_noop("%(delivered)s of %(ordered)s delivered, no delivery date.")

WINDOW_ASKS = gettext_noop("The request came in time.")
WINDOW_ASKS_OUTAGE = gettext_noop("The outage began in time and was claimed in time.")
WINDOW_NEEDED = {
    "hours": gettext_noop("Within %(amount)s hours of %(anchor)s."),
    "calendar_days": gettext_noop("Within %(amount)s calendar days of %(anchor)s."),
    "working_days": gettext_noop("Within %(amount)s working days of %(anchor)s."),
}
WINDOW_FOUND = {
    "hours": gettext_noop("%(judged_at)s; the window ends on %(ends_at)s."),
    "calendar_days": gettext_noop(
        "%(judged_at)s; the window ends on %(last_day)s at midnight."
    ),
    "working_days": gettext_noop(
        "%(judged_at)s; the window ends on %(last_day)s at close of business."
    ),
}
NO_ANCHOR = gettext_noop("The window has not begun yet.")
CLAIM_FOUND = gettext_noop(
    "The outage began on %(judged_at)s and could be claimed until %(claim_until)s."
)

FORMULAS = {
    "full": gettext_noop("All of the value comes back."),
    "unused_share": gettext_noop(
        "%(minutes_left)s minutes left and %(minutes_out)s minutes of outage, "
        "of a term of %(minutes_of_term)s minutes."
    ),
    "outage_share": gettext_noop(
        "%(minutes_out)s minutes of outage, of a term of %(minutes_of_term)s minutes."
    ),
    "breach_share": gettext_noop(
        "%(minutes_in_breach)s minutes below the promised level, of a term of "
        "%(minutes_of_term)s minutes."
    ),
    "remaining_lessons": gettext_noop("%(lessons_left)s of %(lessons_total)s lessons."),
    "shortfall_share": gettext_noop("%(missing)s of %(ordered)s are missing."),
    "undelivered_items": gettext_noop("Not delivered: %(items)s."),
    "service_credit": gettext_noop(
        "A share of the price of each of these months: %(months)s."
    ),
    "negotiated": gettext_noop("The amount is agreed between both sides."),
}
CONSUMED = gettext_noop("The balance that was not consumed: %(consumed)s was.")
NO_TERM_ALL = gettext_noop("No term has begun, so all of the value is unused.")
NO_TERM_NOTHING = gettext_noop("No term has begun, so no time counts.")
GIVEN_SPAN = gettext_noop(
    "Compensated before, so it does not count again: %(began_at)s to %(ended_at)s."
)
GIVEN_MONTHS = gettext_noop(
    "Compensated before, so they do not count again: the months %(months)s."
)
GIVEN_ITEMS = gettext_noop("Compensated before, so they do not count again: %(items)s.")
GIVEN_UNITS = gettext_noop(
    "Compensated before, so they do not count again: %(units)s of the ordered quantity."
)
GIVEN_LESSONS = gettext_noop(
    "Compensated before, so they do not count again: %(lessons)s lessons."
)
GIVEN_REST = gettext_noop(
    "The unused rest of the service was given back before, so it does not count again."
)
GIVEN_WHOLE = gettext_noop(
    "A full refund was agreed on before, so it does not count again."
)


def compensated(given: Compensated) -> list[Sentence]:
    """What was given before and therefore does not count again."""
    said = [
        Sentence(GIVEN_SPAN, {"began_at": span.began_at, "ended_at": span.ended_at})
        for span in given.spans
    ]
    if given.months:
        said.append(Sentence(GIVEN_MONTHS, {"months": given.months}))
    if given.items:
        said.append(Sentence(GIVEN_ITEMS, {"items": given.items}))
    if given.units:
        said.append(Sentence(GIVEN_UNITS, {"units": given.units}))
    if given.lessons:
        said.append(Sentence(GIVEN_LESSONS, {"lessons": given.lessons}))
    if given.rest:
        said.append(Sentence(GIVEN_REST, {}))
    if given.whole:
        said.append(Sentence(GIVEN_WHOLE, {}))
    return said


def condition(result: ConditionResult) -> Words:
    """What one condition asks, needed and found."""
    return Words(
        Sentence(ASKS[result.name], {}),
        Sentence(NEEDED[result.name], result.needed),
        Sentence(_found(result), result.found),
    )


def _found(result: ConditionResult) -> str:
    known = bool(result.found) and result.found.get("hours", 0) is not None
    match result.name:
        case "used_less_than":
            return USED
        case "outage_longer_than" | "outage_at_least":
            return LASTED if known else NO_OUTAGE
        case "unresolved_longer_than":
            return WAITED if known else NO_TICKET
        case "level_breached":
            return MEASURED if known else NO_READING
        case "delivery_due_passed":
            return DELIVERED if result.found["due_on"] else NO_DUE_DATE
    return FOUND[result.name, result.met]


def window(result: WindowResult) -> Words:
    """What a window asks, needed and found; moments in UTC."""
    asks = WINDOW_ASKS if result.claim_until is None else WINDOW_ASKS_OUTAGE
    values = result.values
    found = WINDOW_FOUND[result.unit]
    if result.claim_until is not None:
        found = CLAIM_FOUND
    elif result.anchored_at is None or result.judged_at < result.anchored_at:
        found = NO_ANCHOR
    return Words(
        Sentence(asks, {}),
        Sentence(WINDOW_NEEDED[result.unit], values),
        Sentence(found, values),
    )


def formula(ledger: Ledger) -> Sentence | None:
    """What the share is made of; None for a denial."""
    if ledger.formula is None:
        return None
    workings = ledger.workings
    if ledger.computed is None:
        return Sentence(FORMULAS["negotiated"], {})
    if "consumed" in workings:
        return Sentence(CONSUMED, workings)
    if ledger.formula.endswith("_share") and not workings:
        return Sentence(NO_TERM_ALL if ledger.share else NO_TERM_NOTHING, {})
    return Sentence(FORMULAS[ledger.formula], workings)
