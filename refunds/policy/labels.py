"""What the policy's codes are called. English, marked for the catalogues."""

from refunds.policy.sentence import gettext_noop

PRODUCT_LINES = {
    "live_streaming": gettext_noop("Live streaming"),
    "dedicated_line": gettext_noop("Dedicated line"),
    "online_course": gettext_noop("Online course"),
    "quantity_package": gettext_noop("Quantity package"),
    "conference_sdk": gettext_noop("Conferencing SDK"),
}
GROUNDS = {
    "change_of_mind": gettext_noop("I no longer want it"),
    "unavailable": gettext_noop("It could not be used after it was set up"),
    "outage": gettext_noop("It was down"),
    "quality": gettext_noop("The quality was below what was promised"),
    "not_delivered": gettext_noop("Something promised was not delivered"),
    "content_mismatch": gettext_noop("It is not what was described"),
    "content_defect": gettext_noop("The content is defective"),
    "mistake": gettext_noop("It was bought by mistake"),
    "shortfall": gettext_noop("Less came than was ordered"),
    "account_risk": gettext_noop("An account was restricted or at risk"),
}
FORMULAS = {
    "full": gettext_noop("Everything paid, less kept fees"),
    "unused_share": gettext_noop("The unused part of the term"),
    "outage_share": gettext_noop("The time of the outage"),
    "breach_share": gettext_noop("The time below the promised level"),
    "remaining_lessons": gettext_noop("The lessons that are left"),
    "shortfall_share": gettext_noop("The part that was not delivered"),
    "undelivered_items": gettext_noop("The value of what was not delivered"),
    "service_credit": gettext_noop("A share of the price of each month in breach"),
    "negotiated": gettext_noop("Agreed between both sides"),
}
EVIDENCE_KINDS = {
    "payment_record": gettext_noop("Payment record"),
    "agreement_page": gettext_noop("Page of the agreement"),
    "monitoring_report": gettext_noop("Monitoring report"),
    "fault_log": gettext_noop("Fault log"),
    "progress_screenshot": gettext_noop("Screenshot of progress"),
    "communication": gettext_noop("Communication"),
    "third_party_data": gettext_noop("Third-party data"),
    "notarised_record": gettext_noop("Notarised record"),
    "other": gettext_noop("Other"),
}
ANCHORS = {
    "contract_signed": gettext_noop("the day the contract was signed"),
    "paid": gettext_noop("the first payment"),
    "activated": gettext_noop("activation"),
    "contract_effective": gettext_noop("the day the contract took effect"),
    "course_started": gettext_noop("the start of the course"),
    "delivery_due": gettext_noop("the delivery date"),
    "breach_month_end": gettext_noop("the last day of the month in breach"),
}
METRICS = {
    "availability": gettext_noop("Availability"),
    "bandwidth": gettext_noop("Bandwidth"),
    "latency": gettext_noop("Latency"),
    "jitter": gettext_noop("Jitter"),
    "loss": gettext_noop("Packet loss"),
}
