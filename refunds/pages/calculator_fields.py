"""Which facts the rules for a reason look at: the calculator asks for no other."""

from collections.abc import Iterable
from dataclasses import dataclass

from refunds.policy.rule import Rule

BILLINGS = {"online_course": ("lessons",), "quantity_package": ("quantity",)}
TIME_OR_BALANCE = ("term", "metered")
USAGE = {
    "term": {"share_used"},
    "metered": {"consumed"},
    "lessons": {"lessons_total", "lessons_used"},
    "quantity": {"ordered", "delivered"},
}
OUTAGE = {"outage_began_at", "outage_ended_at", "outage_extent", "outage_cause"}
READING = {"metric", "promised", "measured", "reading_from", "reading_to"}
TERM = {"activated_at", "ends_on"}
BY_ANCHOR = {
    "contract_signed": set[str](),
    "paid": {"paid_at"},
    "activated": {"activated_at"},
    "contract_effective": {"effective_on"},
    "course_started": {"course_started_at"},
    "delivery_due": {"delivery_due_on"},
    "breach_month_end": READING,
}
BY_CONDITION = {
    "no_customer_fault": {"customer_fault"},
    "not_activated": {"activated_at"},
    "outage_longer_than": OUTAGE,
    "outage_at_least": OUTAGE,
    "unresolved_longer_than": {"ticket_opened_at", "ticket_resolved_at"},
    "gap_confirmed_by_both": {"gap_confirmed"},
    "level_breached": READING,
    "defect_verified": {"defect_verified"},
    "item_undelivered": {"item_undelivered", "item_value"},
    "delivery_due_passed": {"delivery_due_on", "ordered", "delivered"},
}
LOOK_AT_USAGE = ("unused", "used_less_than")
OF_TIME = ("unused_share", "outage_share", "breach_share", "service_credit")
BY_FORMULA = {
    "remaining_lessons": USAGE["lessons"],
    "shortfall_share": USAGE["quantity"],
    "undelivered_items": {"item_value"},
}
ALWAYS = {"signed_on", "asked_at", "paid", "fees_kept", "gone"}


def billings_of(line: str) -> tuple[str, ...]:
    return BILLINGS.get(line, TIME_OR_BALANCE)


def asked_for(rules: Iterable[Rule], *, billing: str) -> set[str]:
    """The fields that these rules look at."""
    wanted = set(ALWAYS)
    for rule in rules:
        wanted |= _by_conditions(rule, billing) | _by_formula(rule, billing)
        wanted |= BY_ANCHOR[rule.window.anchor] if rule.window else set()
        wanted |= set() if rule.provider_at_fault else {"minimum_commitment"}
    return wanted


def _by_conditions(rule: Rule, billing: str) -> set[str]:
    wanted: set[str] = set()
    for condition in rule.conditions:
        looks_at_usage = condition.name in LOOK_AT_USAGE
        wanted |= USAGE[billing] if looks_at_usage else BY_CONDITION[condition.name]
    return wanted


def _by_formula(rule: Rule, billing: str) -> set[str]:
    wanted = set(BY_FORMULA.get(rule.formula, ()))
    if rule.formula == "unused_share":
        wanted |= {"keep_service"}
        wanted |= USAGE["metered"] if billing == "metered" else OUTAGE
    if rule.formula in OF_TIME and billing != "metered":
        wanted |= TERM
    return wanted


@dataclass(frozen=True)
class Question:
    """What is asked about; `rules` are the version's that the day of signing has."""

    line: str = ""
    ground: str = ""
    billing: str = ""
    version: str = ""
    rules: tuple[Rule, ...] = ()

    @property
    def grounds(self) -> set[str]:
        return {ground for rule in self.rules for ground in rule.grounds}

    @property
    def about(self) -> str:
        """What the facts on the page belong to."""
        return f"{self.line}/{self.ground}/{self.billing}"

    @property
    def wanted(self) -> set[str]:
        answering = [rule for rule in self.rules if self.ground in rule.grounds]
        return asked_for(answering, billing=self.billing)
