"""Which evidence would help: what could show that an unmet condition is met."""

from collections.abc import Mapping

from refunds.policy.assessment import Assessment

SHOWS: Mapping[str, tuple[str, ...]] = {
    "outage_longer_than": ("monitoring_report", "fault_log"),
    "outage_at_least": ("monitoring_report", "fault_log"),
    "unresolved_longer_than": ("communication",),
    "level_breached": ("monitoring_report", "third_party_data"),
    "gap_confirmed_by_both": ("monitoring_report", "communication"),
    "defect_verified": ("progress_screenshot",),
    "item_undelivered": ("agreement_page", "communication"),
    "delivery_due_passed": ("agreement_page",),
    "used_less_than": ("progress_screenshot",),
    "unused": ("progress_screenshot",),
}


def would_help(assessment: Assessment) -> tuple[str, ...]:
    """Kinds of evidence, in the order of the conditions of the rule that speaks, or
    where none does, of every rule that answers the ground."""
    speaking = assessment.speaking
    results = (speaking,) if speaking else assessment.results
    kinds = [
        kind
        for result in results
        if result.answers_ground
        for condition in result.conditions
        if not condition.met
        for kind in SHOWS.get(condition.name, ())
    ]
    return tuple(dict.fromkeys(kinds))
