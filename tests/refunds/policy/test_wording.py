"""Sentences: whole, calm, with a way out, and their values raw."""

import re
from fractions import Fraction

import pytest

from refunds.policy import labels, refusals, wording
from refunds.policy.assessment import DENIALS
from refunds.policy.condition import Condition
from refunds.policy.facts import GROUNDS, PRODUCT_LINES
from refunds.policy.rules import EVIDENCE_KINDS, FORMULAS
from refunds.policy.windows import ANCHORS
from tests.refunds.policy.situations import answer, at, course, live, outage

NEVER = re.compile(r"unfortunately|please|kindly|invalid|sorry|!", re.IGNORECASE)


def texts() -> list[str]:
    found: list[str] = []
    for module in (labels, refusals, wording):
        for name, value in vars(module).items():
            if name.isupper():
                found += value.values() if isinstance(value, dict) else [value]
    return found


@pytest.mark.parametrize("text", texts())
def test_no_word_that_puts_people_off(text: str) -> None:
    assert not NEVER.search(text)


def test_every_code_has_its_words() -> None:
    assert set(wording.ASKS) == set(wording.NEEDED) == set(Condition.kinds)
    assert set(refusals.WHY) == set(refusals.WAY_OUT) == set(DENIALS)
    assert set(labels.PRODUCT_LINES) == set(PRODUCT_LINES)
    assert set(labels.GROUNDS) == set(GROUNDS)
    assert set(labels.FORMULAS) == set(FORMULAS) == set(wording.FORMULAS)
    assert set(labels.EVIDENCE_KINDS) == set(EVIDENCE_KINDS)
    assert set(labels.ANCHORS) == set(ANCHORS)


def test_a_short_outage_is_denied_with_both_figures() -> None:
    found = answer(live(outages=(outage("2026-02-01 00:00", "2026-02-02 17:00"),)))
    denied = wording.denial(found)
    assert denied is not None
    why, way_out = denied
    assert why.values["hours"] == Fraction(41)
    assert why.values["needed_hours"] == Fraction(72)
    assert "41 hours" in why.text % why.values
    assert "appeal" in way_out.text


def test_a_late_request_is_told_when_the_window_closed() -> None:
    facts = course(ground="content_mismatch", requested_at=at("2026-03-20 10:00"))
    denied = wording.denial(answer(facts))
    assert denied is not None
    assert denied[0].values["last_day"].isoformat() == "2026-03-09"  # type: ignore[union-attr]
    assert denied[0].values["judged_at"] == facts.requested_at
