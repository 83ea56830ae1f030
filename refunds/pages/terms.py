"""The terms of one contract: its rules as they stand, clauses marked, fees, days."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.access import customers_of, customers_seen_by_staff
from accounts.models import Contract, Customer, Fee, Service, User
from refunds.clock.terms import TERMS
from refunds.errors import RefundError
from refunds.pages.people import signed_in
from refunds.pages.rule_words import RuleWords, exact, in_words
from refunds.policies.applying import clauses_of, rules_of, version_for
from refunds.policy import facts as policy_facts
from refunds.policy.clauses import Clause, apply_clauses
from refunds.policy.errors import PolicyError
from refunds.policy.money import round_half_up
from refunds.policy.rule import Rule
from refunds.states import State


@dataclass(frozen=True)
class Change:
    """Clauses that belong together: what they make of the rule, and the policy's."""

    wordings: list[str]
    now: list[str]
    otherwise: list[str]


@dataclass(frozen=True)
class Point:
    text: str
    changed: bool


@dataclass(frozen=True)
class RuleTerms:
    """`left_out`: the contract takes the rule away as a whole."""

    words: RuleWords
    when: list[Point]
    gives: list[Point]
    automatic: Point
    changes: list[Change]
    left_out: bool


@dataclass(frozen=True)
class FeeTerms:
    """Minor units; `back` is what would come back if one asked now."""

    service: Service
    fee: Fee
    rule: str
    back: int


@login_required
@require_safe
def terms(http: HttpRequest, number: str) -> HttpResponse:
    contract = _contract_or_404(signed_in(http), number)
    context = {
        "contract": contract,
        "is_individual": contract.customer.kind == Customer.Kind.INDIVIDUAL,
        "fees": _fees(contract, at=timezone.now()),
        "answer_days": _due(State.OFFERED),
        "appeal_days": _due(State.REJECTED),
        "information_days": _due(State.AWAITING_INFORMATION),
    }
    return render(http, "pages/terms.html", context | _rules(contract))


def _contract_or_404(user: User, number: str) -> Contract:
    """The customer's people, and staff who may see the customer."""
    if "\x00" in number:  # PostgreSQL takes none.
        raise Http404
    mine = Q(customer__in=customers_of(user))
    seen = Q(customer__in=customers_seen_by_staff(user))
    fees = Prefetch("fees", Fee.objects.order_by("pk"))
    services = Prefetch(
        "services", Service.objects.order_by("pk").prefetch_related(fees)
    )
    contracts = Contract.objects.select_related("customer").prefetch_related(services)
    found = contracts.filter(mine | seen, number=number).first()
    if found is None:
        raise Http404
    return found


def _rules(contract: Contract) -> dict[str, Any]:
    """The version that applies, and each of its rules as the contract has it."""
    try:
        version = version_for(contract)
    except RefundError as refusal:
        return {"refusal": refusal}
    said: dict[str, list[Clause]] = defaultdict(list)
    for clause in clauses_of(contract):
        said[clause.rule].append(clause)
    told = [_told(rule, said[rule.code], contract) for rule in rules_of(version)]
    return {"version": version, "rules": [rule for rule in told if rule]}


def _told(rule: Rule, clauses: list[Clause], contract: Contract) -> RuleTerms | None:
    """None where neither the policy nor the contract has the rule."""
    amended = _amended(rule, clauses, contract)
    if not (rule.enabled or amended.enabled):
        return None
    policy, words = in_words(rule), in_words(amended)
    return RuleTerms(
        words=words,
        when=_points(words.when, policy.when),
        gives=_points(words.gives, policy.gives),
        automatic=Point(words.automatic, words.automatic != policy.automatic),
        changes=[_change(rule, group, contract) for group in _together(clauses)],
        left_out=not amended.enabled,
    )


def _amended(rule: Rule, clauses: Iterable[Clause], contract: Contract) -> Rule:
    """As the policy has it where a clause makes no sense: its words still stand."""
    try:
        return apply_clauses([rule], clauses, currency=contract.currency)[0]
    except PolicyError:
        return rule


def _points(told: list[str], otherwise: list[str]) -> list[Point]:
    return [Point(text, text not in otherwise) for text in told]


def _together(clauses: Iterable[Clause]) -> list[list[Clause]]:
    """The parts of a window may only make sense together."""
    groups: dict[str, list[Clause]] = defaultdict(list)
    for clause in clauses:
        is_window = clause.field.startswith("window.")
        groups["window" if is_window else clause.field].append(clause)
    return list(groups.values())


def _change(rule: Rule, clauses: list[Clause], contract: Contract) -> Change:
    amended = _amended(rule, clauses, contract)
    before, after = _said(rule), _said(amended)
    return Change(
        wordings=[clause.wording for clause in clauses if clause.wording],
        now=[text for text in after if text not in before],
        otherwise=[text for text in before if text not in after],
    )


def _said(rule: Rule) -> list[str]:
    if not rule.enabled:
        return [_("This rule does not apply.")]
    words = in_words(rule)
    return [_("This rule applies."), *words.when, *words.gives, words.automatic]


def _fees(contract: Contract, *, at: datetime) -> list[FeeTerms]:
    return [
        _fee(service, fee, at=at)
        for service in contract.services.all()
        for fee in service.fees.all()
    ]


def _fee(service: Service, fee: Fee, *, at: datetime) -> FeeTerms:
    activated = service.activated_at is not None and service.activated_at <= at
    kept = policy_facts.Fee(fee.name, fee.amount, fee.refundable).kept(
        activated=activated
    )
    return FeeTerms(
        service, fee, _when_it_comes_back(fee), round_half_up(fee.amount - kept)
    )


def _when_it_comes_back(fee: Fee) -> str:
    match fee.refundable:
        case "never":
            return pgettext("fee comes back", "Never")
        case "before_activation":
            return pgettext("fee comes back", "Before activation")
        case "always":
            return pgettext("fee comes back", "Always")
    return _("%(share)s of it") % {"share": f"{exact(Fraction(fee.refundable) * 100)}%"}


def _due(state: State) -> int:
    """Working days that the customer has."""
    [term] = TERMS[state]
    assert term.days is not None
    return term.days[1]
