"""An assessment as a page shows it: translated, formatted, condition by condition."""

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext as _

from refunds.judging import Judgement
from refunds.models import Assessment
from refunds.policy import labels, wording
from refunds.policy.assessment import Assessment as Answer
from refunds.policy.assessment import RuleResult
from refunds.policy.facts import Compensated, Facts
from refunds.policy.money import round_half_up
from refunds.policy.rule import Rule
from refunds.policy.sentence import Sentence
from refunds.templatetags.makegood import day_plain, when_plain


@dataclass(frozen=True)
class Row:
    met: bool
    text: str
    needed: str
    found: str
    decides: bool = False


@dataclass(frozen=True)
class Tried:
    """One rule with its conditions."""

    heading: str
    rows: list[Row]


@dataclass(frozen=True)
class Verdict:
    """`amount` and `ceiling` in minor units; `denial` and `given` are sentences."""

    heading: str
    rows: list[Row]
    amount: int | None
    ceiling: int | None
    denial: str
    explanation: str
    ledger: list[dict[str, Any]]
    others: list[Tried] = field(default_factory=list)
    overruled: list[str] = field(default_factory=list)
    automatic: bool = False
    given: list[str] = field(default_factory=list)


def explain(judgement: Judgement) -> Verdict:
    return _explain(judgement.answer, judgement.rules, judgement.facts.compensated)


def explain_kept(assessment: Assessment) -> Verdict:
    """The stored answer, as it was given then."""
    rules = tuple(Rule.from_dict(rule) for rule in assessment.rules)
    given = Facts.from_dict(assessment.facts).compensated
    return _explain(Answer.from_dict(assessment.answer), rules, given)


def _explain(answer: Answer, rules: tuple[Rule, ...], given: Compensated) -> Verdict:
    by_code = {rule.code: rule for rule in rules}
    speaking = answer.speaking
    others = [r for r in answer.results if speaking is None or r.code != speaking.code]
    formula = wording.formula(answer.ledger)
    return Verdict(
        heading=_title(by_code[speaking.code]) if speaking else "",
        rows=_rows(speaking, decides=True) if speaking else [],
        amount=answer.amount,
        ceiling=answer.ceiling,
        denial=_denial(answer),
        explanation=say(formula) if formula else "",
        ledger=_ledger(answer),
        others=[Tried(_title(by_code[r.code]), _rows(r)) for r in others],
        overruled=[clause.wording or clause.field for clause in answer.overruled],
        automatic=bool(answer.automatic),
        given=[say(sentence) for sentence in wording.compensated(given)],
    )


def say(sentence: Sentence) -> str:
    """Translated first, then formatted, then filled in."""
    values = {name: _shown(name, value) for name, value in sentence.values.items()}
    return gettext(sentence.text) % values


def _denial(answer: Answer) -> str:
    parts = (say(sentence) for sentence in wording.denial(answer) or ())
    return ("" if _chinese() else " ").join(parts)


def _title(rule: Rule) -> str:
    return rule.title["zh" if _chinese() else "en"]


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _rows(result: RuleResult, *, decides: bool = False) -> list[Row]:
    decisive = result.decisive if decides else None
    rows = []
    if not result.answers_ground:
        asks = _("This rule answers the reason you chose.")
        rows.append(Row(met=False, text=asks, needed="", found=""))
    judged: list[tuple[Any, wording.Words]] = [
        (condition, wording.condition(condition)) for condition in result.conditions
    ]
    if result.window is not None:
        judged.append((result.window, wording.window(result.window)))
    rows += [
        Row(
            met=found.met,
            text=say(words.asks),
            needed=say(words.needed),
            found=say(words.found),
            decides=found is decisive,
        )
        for found, words in judged
    ]
    return rows


def _ledger(answer: Answer) -> list[dict[str, Any]]:
    """Paid to amount, a line each; what does not apply is left out."""
    ledger, currency = answer.ledger, answer.currency
    rows = [_line(_("Paid"), ledger.paid, currency)]
    if ledger.gone:
        rows.append(_line(_("Gone back already"), ledger.gone, currency, minus=True))
    if ledger.fees:
        rows.append(_line(_("Fees that are kept"), ledger.fees, currency, minus=True))
    if ledger.computed is not None:
        rows.append(_line(_("Value"), ledger.value, currency))
        share = _percent(ledger.share) if ledger.share is not None else None
        if share is not None:
            rows.append({"label": _("Share"), "note": share})
        rows.append(_line(_("Computed"), ledger.computed, currency))
    if ledger.commitment_leaves is not None:
        label = _("Left after the minimum commitment")
        rows.append(_line(label, ledger.commitment_leaves, currency))
    if ledger.cap_leaves is not None:
        rows.append(_line(_("Left of the refund cap"), ledger.cap_leaves, currency))
    if answer.amount is not None:
        rows.append(_line(_("Amount"), answer.amount, currency, total=True))
    elif answer.ceiling is not None:
        rows.append(_line(_("At most"), answer.ceiling, currency, total=True))
    return rows


def _line(
    label: str,
    amount: int | Fraction,
    currency: str,
    *,
    minus: bool = False,
    total: bool = False,
) -> dict[str, Any]:
    whole = Fraction(amount)
    rounded = round_half_up(whole) if whole >= 0 else -round_half_up(-whole)
    return {
        "label": label,
        "amount": rounded,
        "currency": currency,
        "minus": minus,
        "total": total,
    }


def _shown(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return when_plain(value)
    if isinstance(value, date):
        return day_plain(value)
    if isinstance(value, Fraction):
        return _percent(value) if name.endswith("share") else _decimal(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, (list, tuple)):
        return pgettext("list", ", ").join(_shown(name, part) for part in value)
    if name in ("anchor", "metric"):
        known = labels.ANCHORS if name == "anchor" else labels.METRICS
        return gettext(known.get(str(value), str(value)))
    return str(value)


def _percent(share: Fraction) -> str:
    return f"{_decimal(share * 100)}%"


def _decimal(value: Fraction) -> str:
    """At most two digits after the point, rounded half up, without idle zeros."""
    hundredths = round_half_up(abs(value) * 100)
    whole, rest = divmod(hundredths, 100)
    text = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 else text
