"""The calculator: what the policy would say to what a visitor tells; keeps nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from accounts.models import ProductLine, Service
from refunds.clock.calendars import working_days
from refunds.judging import Judgement
from refunds.models import Ground, PolicyVersion
from refunds.pages.calculator_facts import CURRENCY, facts_of
from refunds.pages.calculator_fields import Question, billings_of
from refunds.pages.calculator_form import CalculatorForm
from refunds.pages.rule_words import in_words
from refunds.pages.verdict import explain
from refunds.policies.applying import rules_of
from refunds.policy.assess import assess


@require_safe
def calculator(http: HttpRequest) -> HttpResponse:
    """One address per answer, so that it can be sent to somebody."""
    question = _question(http.GET)
    form = _form(question, http.GET) if question.ground else None
    return render(http, "pages/calculator.html", _context(question, form, form))


@require_safe
def parts(http: HttpRequest) -> HttpResponse:
    """The page's parts while somebody is still typing: nothing is called wrong yet."""
    question = _question(http.GET)
    form = _form(question, http.GET) if question.ground else None
    shown = _blank(question, http.GET) if form else None
    return render(http, "pages/_calculator.html", _context(question, form, shown))


def _question(data: QueryDict) -> Question:
    line = data.get("line", "")
    if line not in ProductLine.values:
        return Question()
    version = _version(line, signed_on=_day(data.get("signed_on", "")))
    if version is None:
        return Question()
    billing, billings = data.get("billing", ""), billings_of(line)
    question = Question(
        line=line,
        billing=billing if billing in billings else billings[0],
        version=str(version),
        rules=tuple(rule for rule in rules_of(version) if rule.enabled),
    )
    ground = data.get("ground", "")
    return replace(question, ground=ground) if ground in question.grounds else question


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _version(line: str, *, signed_on: date | None) -> PolicyVersion | None:
    """The one in force that day (None: today); before every policy, the first."""
    day = signed_on or timezone.localdate()
    published = list(
        PolicyVersion.objects.filter(
            policy__product_line=line, published_at__isnull=False
        )
        .select_related("policy")
        .order_by("in_force_from", "version")
    )
    held = [v for v in published if v.in_force_from and v.in_force_from <= day]
    return next(iter(held[-1:] or published), None)


def _form(question: Question, data: QueryDict) -> CalculatorForm:
    """Bound once just these facts were on the page."""
    if data.get("about") == question.about:
        return CalculatorForm(data, wanted=question.wanted)
    return _blank(question, data)


def _blank(question: Question, data: QueryDict) -> CalculatorForm:
    """With what was typed so far; nothing is called wrong."""
    now = timezone.localtime()
    today = {"signed_on": f"{now:%Y-%m-%d}", "asked_at": f"{now:%Y-%m-%dT%H:%M}"}
    return CalculatorForm(wanted=question.wanted, initial=today | data.dict())


def _context(
    question: Question, form: CalculatorForm | None, shown: CalculatorForm | None
) -> dict[str, Any]:
    billings = billings_of(question.line) if question.ground else ()
    answered = judged(question, form) if form and form.is_valid() else None
    return {
        "question": question,
        "lines": ProductLine.choices,
        "grounds": [c for c in Ground.choices if c[0] in question.grounds],
        "billings": [c for c in Service.Billing.choices if c[0] in billings],
        "form": shown,
        "verdict": explain(answered) if answered else None,
        "times": in_words(answered.decisive_rule).times if answered else [],
        "unclear": _unclear(form) if form and form.is_bound else [],
        "currency": CURRENCY,
    }


def _unclear(form: CalculatorForm) -> list[str]:
    return [str(form.fields[name].label) for name in form.errors if name in form.fields]


def judged(question: Question, form: CalculatorForm) -> Judgement:
    """The engine's answer on mainland China's calendar, without any clause."""
    facts = facts_of(question, form.cleaned_data)
    calendar = working_days(country="CN", time_zone=settings.TIME_ZONE)
    answer = assess(facts, rules=question.rules, calendar=calendar)
    return Judgement(question.version, facts, question.rules, (), calendar, answer)
