"""The public policy: each product line's rules as published, and how it goes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import ProductLine
from refunds.models import PolicyRule, PolicyVersion
from refunds.pages.rule_words import RuleWords, in_words
from refunds.policy import refusals
from refunds.policy.assessment import DENIALS
from refunds.policy.rule import Rule
from refunds.policy.rules import load_words

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Edition:
    """A published version; it is for contracts signed from `first` to `last`."""

    version: PolicyVersion
    first: date
    last: date | None

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def ever_holds(self) -> bool:
        """Not where another was published for the same day."""
        return self.last is None or self.first <= self.last


@dataclass(frozen=True)
class Line:
    """One product line: an edition's rules in words, and the other editions."""

    code: str
    label: str
    edition: Edition
    rules: list[RuleWords]
    others: list[Edition]


@require_safe
def policy(http: HttpRequest) -> HttpResponse:
    """What holds for contracts signed today."""
    today = timezone.localdate()
    editions = _editions()
    held = {line: _held(found, today) for line, found in editions.items()}
    chosen = [edition for edition in held.values() if edition]
    rules = _rules([edition.version for edition in chosen])
    lines = [_line(e, editions[e.version.policy.product_line], rules) for e in chosen]
    context = {
        "lines": lines,
        "steps": _steps(),
        "words": _words(),
        "denials": _denials(),
    }
    return render(http, "pages/policy.html", context)


@require_safe
def policy_version(http: HttpRequest, line: str, version: int) -> HttpResponse:
    """One edition, earlier, in force or to come; a draft is nobody's to see here."""
    editions = _editions().get(line, [])
    found = next((e for e in editions if e.version.version == version), None)
    if found is None:
        raise Http404
    context = {
        "line": _line(found, editions, _rules([found.version])),
        "now": _held(editions, timezone.localdate()),
        "today": timezone.localdate(),
    }
    return render(http, "pages/policy_version.html", context)


def _editions() -> dict[str, list[Edition]]:
    """By product line, in the order that they are sold; each from first to last."""
    published = (
        PolicyVersion.objects.filter(published_at__isnull=False)
        .select_related("policy")
        .order_by("in_force_from", "version")
    )
    by_line: dict[str, list[PolicyVersion]] = {line: [] for line in ProductLine.values}
    for version in published:
        by_line[version.policy.product_line].append(version)
    return {line: _in_turn(found) for line, found in by_line.items()}


def _in_turn(versions: list[PolicyVersion]) -> list[Edition]:
    firsts = [version.in_force_from for version in versions]
    lasts = [first - DAY if first else None for first in firsts[1:]] + [None]
    return [
        Edition(version, first, last)
        for version, first, last in zip(versions, firsts, lasts, strict=True)
        if first is not None
    ]


def _held(editions: list[Edition], day: date) -> Edition | None:
    return next((edition for edition in editions if edition.holds_on(day)), None)


def _rules(versions: list[PolicyVersion]) -> dict[int, list[Rule]]:
    rows = PolicyRule.objects.filter(version__in=versions).order_by("position", "code")
    by_version: dict[int, list[Rule]] = defaultdict(list)
    for version, body in rows.values_list("version", "body"):
        by_version[version].append(Rule.from_dict(body))
    return by_version


def _line(
    edition: Edition, editions: list[Edition], rules: dict[int, list[Rule]]
) -> Line:
    code = edition.version.policy.product_line
    return Line(
        code=code,
        label=str(ProductLine(code).label),
        edition=edition,
        rules=[in_words(rule) for rule in rules[edition.version.pk] if rule.enabled],
        others=[e for e in editions if e is not edition and e.ever_holds],
    )


def _steps() -> list[tuple[str, str]]:
    """The same five that a request goes through."""
    return [
        (
            pgettext("step", "Sent"),
            _(
                "You name the service and the reason, and add what shows it. An "
                "estimate stands beside the form."
            ),
        ),
        (
            pgettext("step", "First check"),
            _(
                "We see whether everything is there. If something is missing, we ask "
                "for it, and our clock waits for you."
            ),
        ),
        (
            pgettext("step", "Evaluation"),
            _(
                "We compare what you say with our records and work out the amount by "
                "the rules."
            ),
        ),
        (
            pgettext("step", "Your answer"),
            _(
                "You see our offer with every reason. Accept it, propose something "
                "else, or appeal."
            ),
        ),
        (
            pgettext("step", "Money back"),
            _("The money goes back the way that you paid, and you can follow it."),
        ),
    ]


def _words() -> list[tuple[str, str]]:
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    known = load_words().values()
    return [(word.title[language], word.text[language]) for word in known]


def _denials() -> list[tuple[str, str]]:
    """Why we say no, and the way on; in the order that the engine knows them."""
    said = ((refusals.WHY[code], refusals.WAY_OUT[code]) for code in DENIALS)
    return [(gettext(why), gettext(way_out)) for why, way_out in said]
