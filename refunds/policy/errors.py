"""What the engine refuses to read; each error says where and why."""


class PolicyError(Exception):
    """A rule, or a clause that changes one, makes no sense; `reason` says why."""

    def __init__(self, reason: str, *, rule: str = "", field: str = "") -> None:
        self.reason = reason
        self.rule = rule
        self.field = field
        where = ".".join(part for part in (rule, field) if part)
        super().__init__(f"{where}: {reason}" if where else reason)


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
