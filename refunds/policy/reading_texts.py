"""The texts that `reading.py` puts a rule into words with, for the catalogues."""

from collections.abc import Mapping

from refunds.policy.sentence import gettext_noop

Numbered = tuple[str, str]
"""For exactly one, for any other number."""

SIMPLE = {
    "no_customer_fault": gettext_noop("You did not cause it by a breach of terms."),
    "not_activated": gettext_noop(
        "The service has not been activated when you ask for the refund."
    ),
    "unused": gettext_noop("Nothing has been used when you ask for the refund."),
    "used_less_than": gettext_noop(
        "Less than %(share)s has been used when you ask for the refund."
    ),
    "gap_confirmed_by_both": gettext_noop(
        "You and we have both confirmed that the service falls short of the contract."
    ),
    "defect_verified": gettext_noop("We have verified a defect in the content."),
    "item_undelivered": gettext_noop(
        "We have found that a promised item was not delivered."
    ),
    "delivery_due_passed": gettext_noop(
        "The delivery date has passed, and less was delivered than ordered."
    ),
}
OUTAGE: Mapping[str, Numbered] = {
    "outage_longer_than": (
        gettext_noop("We caused an outage of more than 1 hour without a break."),
        gettext_noop(
            "We caused an outage of more than %(hours)s hours without a break."
        ),
    ),
    "outage_at_least": (
        gettext_noop("We caused an outage of 1 hour or more without a break."),
        gettext_noop("We caused an outage of %(hours)s hours or more without a break."),
    ),
}
ANY_OUTAGE = gettext_noop("We caused an outage, however short.")
EXTENT = {
    "total": gettext_noop("Only time in which nothing worked at all counts."),
    "total_or_degraded": gettext_noop(
        "Time in which the service ran worse than promised counts too, where it hurt "
        "your business."
    ),
}
UNRESOLVED: Numbered = (
    gettext_noop("A ticket about it stayed unresolved for more than 1 hour."),
    gettext_noop("A ticket about it stayed unresolved for more than %(hours)s hours."),
)
ANY_TICKET = gettext_noop("There was an unresolved ticket about it.")
LEVEL = gettext_noop("An accepted reading is worse than promised.")
LEVEL_OF = gettext_noop("An accepted reading is worse than promised: %(metric)s.")
LEVEL_DEFAULT = gettext_noop("Where nothing else is promised, %(level)s is.")
LEVEL_AGREED = gettext_noop("Your contract promises %(agreed)s.")

ASKED: Mapping[str, Numbered] = {
    "hours": (
        gettext_noop("You ask within 1 hour of %(anchor)s."),
        gettext_noop("You ask within %(amount)s hours of %(anchor)s."),
    ),
    "calendar_days": (
        gettext_noop("You ask within 1 calendar day of %(anchor)s."),
        gettext_noop("You ask within %(amount)s calendar days of %(anchor)s."),
    ),
    "working_days": (
        gettext_noop("You ask within 1 working day of %(anchor)s."),
        gettext_noop("You ask within %(amount)s working days of %(anchor)s."),
    ),
}
BEGAN: Mapping[str, Numbered] = {
    "hours": (
        gettext_noop("The outage began within 1 hour of %(anchor)s."),
        gettext_noop("The outage began within %(amount)s hours of %(anchor)s."),
    ),
    "calendar_days": (
        gettext_noop("The outage began within 1 calendar day of %(anchor)s."),
        gettext_noop("The outage began within %(amount)s calendar days of %(anchor)s."),
    ),
    "working_days": (
        gettext_noop("The outage began within 1 working day of %(anchor)s."),
        gettext_noop("The outage began within %(amount)s working days of %(anchor)s."),
    ),
}
CLAIMED: Numbered = (
    gettext_noop("You ask within 1 calendar day of the end of the outage."),
    gettext_noop("You ask within %(days)s calendar days of the end of the outage."),
)
NO_WINDOW = gettext_noop("There is no time limit for asking.")

GIVES = {
    "full": (gettext_noop("Everything paid comes back, less the fees that are kept."),),
    "unused_share": (
        gettext_noop(
            "The price of the time that is left comes back, and of the time before "
            "in which nothing worked at all through our fault."
        ),
        gettext_noop(
            "If you keep the service, only the price of that lost time comes back."
        ),
        gettext_noop(
            "Of a prepaid balance, what you have not consumed comes back, unless you "
            "keep the service."
        ),
    ),
    "outage_share": (
        gettext_noop(
            "The price of the time of the outage comes back, from its first minute."
        ),
    ),
    "breach_share": (
        gettext_noop(
            "The price of the periods whose readings are worse than promised comes "
            "back."
        ),
    ),
    "remaining_lessons": (
        gettext_noop("The price of the lessons that are left comes back."),
    ),
    "shortfall_share": (
        gettext_noop("The price of the part that was not delivered comes back."),
    ),
    "undelivered_items": (
        gettext_noop("The value of each item that was not delivered comes back."),
        gettext_noop("Where such an item has no value of its own, we agree on a sum."),
    ),
    "service_credit": (
        gettext_noop(
            "Part of the price of each month that you ask for in time comes back."
        ),
        gettext_noop("You choose between a lower fee and a longer service."),
    ),
    "negotiated": (
        gettext_noop(
            "You and we agree on the sum, at most what was paid less the fees that "
            "are kept."
        ),
    ),
}
HAS_NO_PRICE = ("outage_share", "breach_share", "service_credit")
ON_A_BALANCE = gettext_noop("On a prepaid balance, you and we agree on the sum.")
TIER = gettext_noop("Below %(below)s: %(share)s of that month's price.")
SHARE = gettext_noop("Of that, %(share)s is paid out.")
OUR_FAULT = gettext_noop("A minimum that you committed to does not reduce it.")
NO_FAULT = gettext_noop(
    "A minimum that you committed to stays with us, where your contract has one."
)

# One day; any number; one day, and more at the latest; any number, and more.
TIMES: Mapping[str, tuple[str, str, str, str]] = {
    "review": (
        gettext_noop("First check: within 1 working day."),
        gettext_noop("First check: within %(due)s working days."),
        gettext_noop("First check: within 1 working day, %(due)s at the latest."),
        gettext_noop(
            "First check: within %(warn)s working days, %(due)s at the latest."
        ),
    ),
    "evaluation": (
        gettext_noop("Evaluation: within 1 working day."),
        gettext_noop("Evaluation: within %(due)s working days."),
        gettext_noop("Evaluation: within 1 working day, %(due)s at the latest."),
        gettext_noop(
            "Evaluation: within %(warn)s working days, %(due)s at the latest."
        ),
    ),
    "payout": (
        gettext_noop("Money back: within 1 working day of our agreement."),
        gettext_noop("Money back: within %(due)s working days of our agreement."),
        gettext_noop(
            "Money back: within 1 working day of our agreement, %(due)s at the latest."
        ),
        gettext_noop(
            "Money back: within %(warn)s working days of our agreement, %(due)s at "
            "the latest."
        ),
    ),
}
AT_ONCE = gettext_noop(
    "Up to %(limit)s we decide at once, where our records show all that is needed."
)
BY_PEOPLE = gettext_noop("A person looks at every request.")
