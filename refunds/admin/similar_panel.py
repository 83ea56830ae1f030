"""How similar cases were decided, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from refunds.admin.door_forms import REASONS
from refunds.insight.similar import Decided, Similar, decided
from refunds.models import RefundRequest
from refunds.policy.money import round_half_up


@dataclass(frozen=True)
class SimilarRow:
    """`share`: of what was paid, “20%”, or nothing."""

    request: RefundRequest
    share: str


@dataclass(frozen=True)
class SimilarPanel:
    rows: list[SimilarRow]
    sentences: list[str]


def similar_panel(found: Iterable[RefundRequest]) -> SimilarPanel:
    told = decided(list(found))
    rows = [_row(case) for case in told.cases]
    return SimilarPanel(rows, [words for words in _sentences(told) if words])


def _row(case: Similar) -> SimilarRow:
    return SimilarRow(case.request, _percent(case.share) if case.share else "")


def _sentences(told: Decided) -> list[str]:
    return [_refunded(told), _otherwise(told.otherwise), _declined(told)]


def _refunded(told: Decided) -> str:
    if not told.refunded:
        return ""
    words = ngettext("%(count)s refunded", "%(count)s refunded", told.refunded)
    sentence = words % {"count": told.refunded}
    if told.shares is None:
        return sentence
    return _("%(sentence)s, %(share)s of what was paid") % {
        "sentence": sentence,
        "share": _range(*told.shares),
    }


def _otherwise(count: int) -> str:
    words = ngettext(
        "%(count)s settled by an alternative",
        "%(count)s settled by an alternative",
        count,
    )
    return words % {"count": count} if count else ""


def _declined(told: Decided) -> str:
    if not told.declined:
        return ""
    words = ngettext("%(count)s declined", "%(count)s declined", told.declined)
    sentence, known = words % {"count": told.declined}, dict(REASONS)
    reasons = [str(known[code]) for code in told.codes if code in known]
    if not reasons:
        return sentence
    return _("%(sentence)s: %(reasons)s") % {
        "sentence": sentence,
        "reasons": pgettext("list", ", ").join(reasons),
    }


def _range(least: Fraction, most: Fraction) -> str:
    low, high = _percent(least), _percent(most)
    return low if low == high else f"{low.removesuffix('%')}–{high}"


def _percent(share: Fraction) -> str:
    return f"{round_half_up(share * 100)}%"
