"""What was paid, went back and is kept; exact until the one rounding, half up."""

from dataclasses import dataclass
from fractions import Fraction

from refunds.policy.facts import Facts
from refunds.policy.records import activated


@dataclass(frozen=True)
class Balance:
    """Of one service, in minor units: what came, went back, is kept, is at stake."""

    paid: int
    gone: int
    fees: Fraction

    @property
    def value(self) -> Fraction:
        """What a formula takes its share of."""
        return self.paid - self.fees

    @property
    def remaining(self) -> Fraction:
        return self.paid - self.gone - self.fees

    @property
    def nothing_left(self) -> bool:
        return self.gone >= self.paid


def balance(facts: Facts) -> Balance:
    """All payments count, also later ones; fees by activation."""
    active = activated(facts)
    return Balance(
        paid=sum(payment.amount for payment in facts.payments),
        gone=sum(payment.refunded for payment in facts.payments),
        fees=sum((fee.kept(activated=active) for fee in facts.fees), Fraction(0)),
    )


def round_half_up(amount: Fraction) -> int:
    """Whole minor units of an amount that is not negative."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def commitment_leaves(
    facts: Facts, account: Balance, *, provider_at_fault: bool
) -> int | None:
    """Net paid on the contract less its minimum commitment; None: no limit."""
    if provider_at_fault:
        return None
    net_paid = facts.contract.net_paid
    if net_paid is None:
        net_paid = account.paid - account.gone
    return net_paid - facts.contract.minimum_commitment


def cap_leaves(facts: Facts, account: Balance) -> int | None:
    """The contract's refund cap less what was refunded on it; None: no limit."""
    contract = facts.contract
    if contract.refund_cap is None:
        return None
    refunded = account.gone if contract.refunded is None else contract.refunded
    return contract.refund_cap - refunded
