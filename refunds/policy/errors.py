"""What the engine refuses to read; each error says where and why."""

from refunds.policy.sentence import Sentence


class PolicyError(Exception):
    """A rule, or a clause that changes one, makes no sense.

    sentence  what is wrong and the way out, for translation; `reason` is its English
    field     the form field that it is about: window.amount, tiers, conditions.NAME …
    """

    def __init__(self, sentence: Sentence, *, rule: str = "", field: str = "") -> None:
        self.sentence = sentence
        self.reason = sentence.text % sentence.values
        self.rule = rule
        self.field = field
        where = ".".join(part for part in (rule, field) if part)
        super().__init__(f"{where}: {self.reason}" if where else self.reason)

    def within(self, rule: str, *, field: str = "") -> "PolicyError":
        """The same, about this rule; `field` where another one is to blame."""
        return PolicyError(self.sentence, rule=rule, field=field or self.field)


class FactsError(ValueError):
    """A fact makes no sense; `field` names it."""

    def __init__(self, reason: str, *, field: str) -> None:
        self.reason = reason
        self.field = field
        super().__init__(f"{field}: {reason}")


class CaseError(Exception):
    """A case can't be read; says which case and which field."""

    def __init__(self, reason: str, *, case: str, field: str) -> None:
        self.reason = reason
        self.case = case
        self.field = field
        super().__init__(f"case {case}, {field or 'the case itself'}: {reason}")
