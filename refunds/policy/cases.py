"""Reads one worked case into facts and clauses.

The format: `manage.py assess` takes it, tests/refunds/policy/cases.json shows it.

What can't be read raises CaseError with the case's name and the field's.
"""

from collections.abc import Mapping
from fractions import Fraction

from accounts.minor_units import exact
from refunds.policy import case_reader as read
from refunds.policy import facts as f
from refunds.policy.case_reader import Reader
from refunds.policy.rules import Clause, load_defaults
from refunds.policy.spans import Span

NO_LEVELS: Mapping[str, Fraction] = {}


def read_case(data: object, *, name: str = "") -> tuple[f.Facts, tuple[Clause, ...]]:
    """Facts and clauses of one case, parsed from JSON with floats kept as text.

    name  how errors call a case that has no `id`
    """
    if isinstance(data, Mapping) and data.get("id") is not None:
        name = str(data["id"])
    reader = Reader(data, name, "", "CNY")
    currency = reader.need("currency", read.currency)
    return _facts(Reader(data, name, "", currency))


def _facts(case: Reader) -> tuple[f.Facts, tuple[Clause, ...]]:
    contract = case.part("contract")
    facts = case.build(
        f.Facts,
        product_line=case.need("product_line", read.text),
        ground=case.need("ground", read.text),
        requested_at=case.need("requested_at", read.moment),
        contract=_contract(contract),
        service=_service(case.part("service")),
        currency=case.currency,
        time_zone=case.may("time_zone", read.text, "Asia/Shanghai"),
        customer=case.may("customer", read.text, "company"),
        keep_service=case.may("keep_service", read.flag, default=False),
        payments=case.each("payments", _payment),
        fees=case.each("fees", _fee),
        usage=_usage(case.part("usage")),
        outages=case.each("outages", _outage),
        readings=case.each("readings", _reading),
        tickets=case.each("tickets", _ticket),
        compensated=_compensated(case.part("compensated")),
        findings=_findings(case.part("findings")),
    )
    return facts, contract.each("clauses", _clause)


def _contract(part: Reader) -> f.Contract:
    signed_on = part.need("signed_on", read.day)
    return f.Contract(
        signed_on=signed_on,
        effective_on=part.may("effective_on", read.day, signed_on),
        minimum_commitment=part.may("minimum_commitment", part.money, 0),
        refund_cap=part.may("refund_cap", part.money, None),
        refunded=part.may("refunded", part.money, None),
        net_paid=part.may("net_paid", part.signed_money, None),
    )


def _clause(part: Reader) -> Clause:
    rule = part.need("rule", read.text)
    if rule not in _known_rules():
        raise part.error("rule", f"{rule!r} is no rule of the default policies")
    if "value" not in part.data:
        raise part.error("value", "is missing")
    value = part.data["value"]
    if not isinstance(value, bool | int | str | None):
        raise part.error("value", f"{value!r} is neither text, number nor flag")
    return Clause(rule, part.need("field", read.text), value)


def _known_rules() -> frozenset[str]:
    return frozenset(rule.code for rules in load_defaults().values() for rule in rules)


def _service(part: Reader) -> f.Service:
    return part.build(
        f.Service,
        billing=part.need("billing", read.text),
        activated_at=part.may("activated_at", read.moment, None),
        ends_on=part.may("ends_on", read.day, None),
        course_started_at=part.may("course_started_at", read.moment, None),
        delivery_due_on=part.may("delivery_due_on", read.day, None),
        items=part.each("items", _item),
        promised=part.may("promised", read.levels, NO_LEVELS),
    )


def _item(part: Reader) -> f.Item:
    return f.Item(part.need("name", read.text), part.may("value", part.money, None))


def _payment(part: Reader) -> f.Payment:
    return part.build(
        f.Payment,
        amount=part.need("amount", part.money),
        paid_at=part.need("paid_at", read.moment),
        refunded=part.may("refunded", part.money, 0),
    )


def _fee(part: Reader) -> f.Fee:
    return part.build(
        f.Fee,
        name=part.may("name", read.text, ""),
        amount=part.need("amount", part.money),
        refundable=part.may("refundable", str, "never"),
    )


def _usage(part: Reader) -> f.Usage:
    return f.Usage(
        share_used=part.may("share_used", read.share, None),
        lessons_total=part.may("lessons_total", read.count, None),
        lessons_used=part.may("lessons_used", read.count, None),
        ordered=part.may("ordered", read.count, None),
        delivered=part.may("delivered", read.count, None),
        consumed=part.may("consumed", part.money, None),
    )


def _outage(part: Reader) -> f.Outage:
    return part.build(
        f.Outage,
        began_at=part.need("from", read.moment),
        ended_at=part.may("to", read.moment, None),
        cause=part.need("cause", read.text),
        extent=part.need("extent", read.text),
        verified=part.may("verified", read.flag, default=False),
        business_affected=part.may("business_affected", read.flag, default=False),
    )


def _reading(part: Reader) -> f.Reading:
    return part.build(
        f.Reading,
        metric=part.need("metric", read.text),
        began_at=part.need("from", read.moment),
        ended_at=part.may("to", read.moment, None),
        measured=part.need("measured", exact),
        promised=part.may("promised", exact, None),
        accepted=part.may("accepted", read.flag, default=False),
    )


def _ticket(part: Reader) -> f.Ticket:
    return part.build(
        f.Ticket,
        opened_at=part.need("opened_at", read.moment),
        resolved_at=part.may("resolved_at", read.moment, None),
    )


def _compensated(part: Reader) -> f.Compensated:
    return f.Compensated(
        spans=part.each("spans", _span),
        months=part.may("months", read.months, ()),
        items=part.may("items", read.texts, ()),
        units=part.may("units", read.count, 0),
    )


def _span(part: Reader) -> Span:
    span = Span(part.need("from", read.moment), part.need("to", read.moment))
    if span.ended_at < span.began_at:
        raise part.error("to", "comes before from")
    return span


def _findings(part: Reader) -> f.Findings:
    return f.Findings(
        gap_confirmed_by_both=part.may(
            "gap_confirmed_by_both", read.flag, default=False
        ),
        defect_verified=part.may("defect_verified", read.flag, default=False),
        customer_fault=part.may("customer_fault", read.flag, default=False),
        undelivered_items=part.may("undelivered_items", read.texts, ()),
    )
