"""A rule as people read it, in the active language: the public page, the admin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import get_language, gettext

from refunds.pages.verdict import say
from refunds.policy import labels, reading
from refunds.policy.plain import Value
from refunds.policy.rule import Rule
from refunds.policy.sentence import Sentence
from refunds.templatetags.makegood import NO_BREAK, money


@dataclass(frozen=True)
class RuleWords:
    """`title` and `text` as the operator wrote them; all else read from the fields."""

    title: str
    text: str
    grounds: list[str]
    when: list[str]
    gives: list[str]
    times: list[str]
    evidence: list[str]
    automatic: str


def in_words(rule: Rule) -> RuleWords:
    """In the active language; every list in the order that it is read in."""
    language = "zh" if _chinese() else "en"
    return RuleWords(
        title=rule.title[language],
        text=rule.text[language],
        grounds=[gettext(labels.GROUNDS[ground]) for ground in rule.grounds],
        when=[together(point) for point in reading.when(rule)],
        gives=[together(point) for point in reading.gives(rule)],
        times=[tell(sentence) for sentence in reading.times(rule)],
        evidence=[tell(sentence) for sentence in reading.evidence(rule)],
        automatic=tell(reading.automatic(rule)),
    )


def together(sentences: Iterable[Sentence]) -> str:
    return ("" if _chinese() else " ").join(tell(sentence) for sentence in sentences)


def tell(sentence: Sentence) -> str:
    """As `say`, but bounds are exact: a rule may turn on the third digit."""
    values = {
        name: _bound(name, value, sentence.values)
        for name, value in sentence.values.items()
    }
    return say(Sentence(sentence.text, values))


def _bound(name: str, value: Value, values: Mapping[str, Value]) -> Value:
    if name == "limit" and isinstance(value, int):
        return money(value, str(values["currency"]))
    if name == "metric":
        return metric_name(str(value))
    if not isinstance(value, Fraction):
        return value
    if name in ("level", "agreed", "below"):
        return level(value, metric=str(values["metric"]))
    return f"{exact(value * 100)}%" if name.endswith("share") else exact(value)


def metric_name(metric: str) -> str:
    """Availability of "availability", Latency of "latency_ms"."""
    known = (
        labels.METRICS[word] for word in metric.split("_") if word in labels.METRICS
    )
    return gettext(next(known, metric))


def level(value: Fraction, *, metric: str) -> str:
    """A level in the unit that its metric names."""
    words = metric.split("_")
    if "ms" in words:
        return f"{exact(value)}{NO_BREAK}ms"
    if "mbps" in words:
        return f"{exact(value)}{NO_BREAK}Mbps"
    in_per_cent = {"availability", "loss"} & set(words)
    return f"{exact(value)}%" if in_per_cent else exact(value)


def exact(value: Fraction) -> str:
    """All digits after the point, or the fraction where they never end."""
    digits = 0
    while digits < 12 and (value * 10**digits).denominator != 1:
        digits += 1
    shifted = value * 10**digits
    if shifted.denominator != 1:
        return f"{value.numerator:,}/{value.denominator:,}"
    whole, rest = divmod(abs(shifted.numerator), 10**digits)
    minus = "-" if value < 0 else ""
    return f"{minus}{whole:,}" + (f".{rest:0{digits}d}" if digits else "")


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")
