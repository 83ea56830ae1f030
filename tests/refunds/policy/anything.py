"""Facts and clauses at random, for what has to hold whatever they are."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from refunds.policy.facts import (
    BILLINGS,
    CAUSES,
    CUSTOMERS,
    EXTENTS,
    GROUNDS,
    PRODUCT_LINES,
    Compensated,
    Contract,
    Facts,
    Fee,
    Findings,
    Item,
    Outage,
    Payment,
    Reading,
    Service,
    Ticket,
    Usage,
)
from refunds.policy.rules import Clause
from refunds.policy.spans import Span, merged

ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "UTC")
START = datetime(2025, 12, 1, tzinfo=UTC)

moments = st.one_of(
    st.integers(0, 200 * 24).map(lambda hours: START + timedelta(hours=hours)),
    st.integers(0, 200 * 86_400).map(
        lambda seconds: START + timedelta(seconds=seconds)
    ),
)
maybe_moments = st.none() | moments
days = st.integers(0, 250).map(lambda n: date(2025, 12, 1) + timedelta(days=n))
amounts = st.integers(0, 500_000)
few_units = st.integers(0, 40)
names = st.sampled_from(["node", "support", "region"])


def pairs(make: Callable[[datetime, datetime], Any]) -> st.SearchStrategy[Any]:
    return st.lists(moments, min_size=2, max_size=2).map(
        lambda ends: make(*sorted(ends))
    )


def several(one: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=4).map(tuple)


outages = st.builds(
    lambda ends, is_open, **rest: Outage(ends[0], None if is_open else ends[1], **rest),
    pairs(lambda a, b: (a, b)),
    st.booleans(),
    cause=st.sampled_from(CAUSES),
    extent=st.sampled_from(EXTENTS),
    verified=st.booleans(),
    business_affected=st.booleans(),
)
readings = st.builds(
    lambda ends, **rest: Reading(began_at=ends[0], ended_at=ends[1], **rest),
    pairs(lambda a, b: (a, b)),
    metric=st.sampled_from(["availability", "latency_ms"]),
    measured=st.sampled_from(
        [Fraction(n, 100) for n in (9850, 9950, 9995, 9999, 10000)]
    ),
    promised=st.none() | st.just(Fraction(9999, 100)),
    accepted=st.booleans(),
)
contracts = st.builds(
    Contract,
    signed_on=days,
    effective_on=days,
    minimum_commitment=st.just(0) | amounts,
    refund_cap=st.none() | amounts,
    refunded=st.none() | amounts,
    net_paid=st.none() | amounts,
)
services = st.builds(
    Service,
    billing=st.sampled_from(BILLINGS),
    activated_at=maybe_moments,
    ends_on=st.none() | days,
    course_started_at=maybe_moments,
    delivery_due_on=st.none() | days,
    items=several(st.builds(Item, name=names, value=st.none() | amounts)),
)
usages = st.one_of(
    st.just(Usage()),
    st.builds(Usage, share_used=st.sampled_from([Fraction(0), Fraction(1, 10)])),
    st.builds(Usage, lessons_total=few_units, lessons_used=few_units),
    st.builds(Usage, ordered=few_units, delivered=few_units),
    st.builds(Usage, consumed=amounts),
)
refundable = st.sampled_from(["never", "before_activation", "always", "0.5", "1/3"])
cases = st.builds(
    Facts,
    product_line=st.sampled_from(PRODUCT_LINES),
    ground=st.sampled_from(GROUNDS),
    requested_at=moments,
    contract=contracts,
    service=services,
    currency=st.sampled_from(["CNY", "JPY"]),
    time_zone=st.sampled_from(ZONES),
    customer=st.sampled_from(CUSTOMERS),
    keep_service=st.booleans(),
    payments=several(
        st.builds(
            Payment, amount=amounts, paid_at=moments, refunded=st.just(0) | amounts
        )
    ),
    fees=several(
        st.builds(Fee, name=names, amount=st.integers(0, 5000), refundable=refundable)
    ),
    usage=usages,
    outages=several(outages),
    readings=several(readings),
    tickets=several(pairs(Ticket)),
    compensated=st.builds(
        Compensated,
        spans=several(pairs(Span)).map(merged),
        months=several(st.sampled_from(["2025-12", "2026-01", "2026-02"])),
        items=several(names),
        units=few_units,
    ),
    findings=st.builds(
        Findings,
        gap_confirmed_by_both=st.booleans(),
        defect_verified=st.booleans(),
        customer_fault=st.booleans(),
        undelivered_items=several(names),
    ),
)
clauses = several(
    st.sampled_from(
        [
            Clause("live.long_outage", "share", "0.5"),
            Clause("live.long_outage", "conditions.outage_longer_than", 24),
            Clause("live.before_activation", "window.amount", 90),
            Clause("line.trial_window", "window.anchor", "contract_effective"),
            Clause("line.below_sla", "enabled", value=False),
            Clause("course.mistake", "window.unit", "working_days"),
            Clause("package.shortfall", "provider_at_fault", value=False),
            Clause("sdk.service_credit", "window.amount", 300),
        ]
    )
)
