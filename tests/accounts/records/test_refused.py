"""What makes no sense is refused where it is typed, with the reason and the way out."""

from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import (
    Contract,
    Customer,
    Fee,
    Invoice,
    Outage,
    QualityReading,
    Service,
    Usage,
)
from accounts.validators import METRICS, metric_name
from refunds.policy.facts import HIGHER_IS_WORSE, LOWER_IS_WORSE, Reading
from tests.accounts.records.desk import (
    ON_THE_DAY,
    a_contract,
    a_service,
    contract_in,
    place,
    refused,
    row,
    saved,
    send,
    service_in,
    shelf,
)
from tests.people import People


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"currency": "RMB"}, "“RMB” is no currency. Write its ISO code"),
        ({"currency": "cny"}, "“cny” is no currency."),
        ({"time_zone": "Beijing"}, "“Beijing” is no time zone. Write it as area"),
        ({"time_zone": "../etc/passwd"}, "is no time zone."),
        ({"calendar": "China"}, "“China” is no country. Write its two letters"),
        ({"calendar": "ZQ"}, "“ZQ” is no country."),
        ({"calendar": "SA"}, "The working days of SA can't be counted"),
        ({"minimum_commitment": "-1"}, "The amount can't be below zero."),
        ({"refund_cap": "1.005"}, "with 2 decimals at most."),
        ({"signed_on": "0026-10-26"}, "The year 26 can't be right."),
        ({"effective_on": "2206-10-26"}, "The year 2206 can't be right."),
        ({"signed_on": "26.10.26x"}, "Enter a valid date."),
        ({"policy_version": "7"}, "has no such version."),
        ({"policy_version": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_contract(
    administrator: Client, people: People, typed: dict[str, str], words: str
) -> None:
    facts = a_contract(people.customer, **typed)
    assert words in refused(administrator, f"{shelf(Contract)}add/", facts)
    assert not Contract.objects.exists()


def test_a_contract_may_take_effect_before_it_is_signed(
    administrator: Client, people: People
) -> None:
    facts = a_contract(people.customer, effective_on="2026-10-01", calendar="US")
    saved(administrator, f"{shelf(Contract)}add/", facts)


def test_a_customers_time_zone(administrator: Client, people: People) -> None:
    words = refused(administrator, place(people.customer), {"time_zone": "GMT+8"})
    assert "“GMT+8” is no time zone." in words
    wrong = refused(administrator, place(people.customer), {"language": "de"})
    assert "Select a valid choice" in wrong


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"promised": "uptime = 99"}, "“uptime” is no metric that we know."),
        ({"promised": "availability 99"}, "Line 1: write a metric, = and its level."),
        ({"promised": "availability = "}, "Line 1: write a metric, = and its level."),
        ({"promised": "availability = 99.9%"}, "“99.9%” is no plain number."),
        ({"promised": "availability = 1e2"}, "“1e2” is no plain number."),
        ({"promised": "availability = 999"}, "999 is more than 100."),
        (
            {"promised": "loss = 1\n\nloss = 2"},
            "Line 3: loss is promised twice.",
        ),
        (
            {
                "activated_at_0": "2026-11-02",
                "activated_at_1": "12:00",
                "ends_on": "2025-11-01",
            },
            "The service ends before it was activated.",
        ),
        ({"delivery_due_on": "1026-01-01"}, "The year 1026 can't be right."),
    ],
)
def test_a_service(
    administrator: Client, people: People, typed: dict[str, str], words: str
) -> None:
    facts = a_service(contract_in("CNY"), **typed)
    assert words in refused(administrator, f"{shelf(Service)}add/", facts)
    assert not Service.objects.exists()


def test_promised_levels_are_typed_a_line_each(
    administrator: Client, people: People
) -> None:
    facts = a_service(
        contract_in("CNY"), promised="availability = 99.90\n latency_ms=８０\n"
    )
    saved(administrator, f"{shelf(Service)}add/", facts)
    service = Service.objects.get()
    assert service.promised == {"availability": "99.90", "latency_ms": "80"}
    saved(administrator, place(service), {"name": "Renamed"})
    service.refresh_from_db()
    assert service.promised == {"availability": "99.90", "latency_ms": "80"}


def test_a_service_is_not_its_own_renewal(
    administrator: Client, people: People
) -> None:
    service = service_in("CNY")
    words = refused(administrator, place(service), {"continues": service.pk})
    assert "A service can't be its own renewal." in words


@pytest.mark.parametrize("typed", ["half", "1.5", "-0.5", "50%", "1/0", "1e-1", "nan"])
def test_a_fee_whose_refund_means_nothing(
    administrator: Client, people: People, typed: str
) -> None:
    service = service_in("CNY")
    fee = row("fees", 0, name="Set-up", amount="1", refundable=typed)
    words = refused(administrator, place(service), fee)
    assert f"“{typed}” does not say how much comes back." in words
    assert not Fee.objects.exists()


@pytest.mark.parametrize(
    "typed", ["never", "before_activation", "always", "0", "0.5", "1", "1.0"]
)
def test_a_fee_comes_back_by_a_word_or_a_share(typed: str) -> None:
    fee = Fee(name="Set-up", amount=1, refundable=typed)
    fee.clean_fields(exclude=["service"])


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"lessons_total": "20"}, "Write both, the lessons in all and those used"),
        ({"lessons_used": "1"}, "Write both, the lessons in all and those used"),
        ({"lessons_total": "5", "lessons_used": "6"}, "More lessons are used than"),
        ({"lessons_total": "0", "lessons_used": "0"}, "greater than or equal to 1"),
        ({"ordered": "5"}, "Write both, what was ordered and delivered"),
        ({"share_used": "20 %"}, "“20 %” is no share. Write a number from 0 to 1"),
        ({"share_used": "1.01"}, "“1.01” is no share."),
        ({"consumed": "-3"}, "The amount can't be below zero."),
    ],
)
def test_usage_that_contradicts_itself(
    administrator: Client, people: People, typed: dict[str, str], words: str
) -> None:
    service = service_in("CNY")
    usage = row("usage", 0, **typed)
    assert words in refused(administrator, place(service), usage)
    assert not Usage.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"ended_at_0": "2026-11-01"}, "It ends before it begins."),
        ({"began_at_0": "0001-01-01"}, "The year 1 can't be right."),
        ({"cause": "aliens"}, "Select a valid choice."),
    ],
)
def test_an_outage(
    administrator: Client, people: People, typed: dict[str, str], words: str
) -> None:
    facts = {
        "service": service_in("CNY").pk,
        "began_at_0": "2026-11-02",
        "began_at_1": "12:00:00",
        "ended_at_0": "2026-11-03",
        "ended_at_1": "12:00:00",
        "extent": "total",
        "cause": "provider",
        **typed,
    }
    assert words in refused(administrator, f"{shelf(Outage)}add/", facts)
    assert not Outage.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"metric": "uptime"}, "“uptime” is no metric that we know. Name one with"),
        ({"metric": "Availability"}, "“Availability” is no metric that we know."),
        ({"period_to_0": "2026-10-01"}, "It ends before it begins."),
        ({"measured": "99,4"}, "“99,4” is no plain number. Write digits"),
        ({"measured": "-1"}, "“-1” is no plain number."),
        ({"promised": "1/2"}, "“1/2” is no plain number."),
        ({"promised": "100.5"}, "Availability is in per cent: 100.5 is more than 100."),
    ],
)
def test_a_reading(
    administrator: Client, people: People, typed: dict[str, str], words: str
) -> None:
    facts = {
        "service": service_in("CNY").pk,
        "metric": "availability",
        "period_from_0": "2026-11-01",
        "period_from_1": "00:00:00",
        "period_to_0": "2026-11-02",
        "period_to_1": "00:00:00",
        "promised": "99.95",
        "measured": "99.40",
        "source": "provider",
        **typed,
    }
    assert words in refused(administrator, f"{shelf(QualityReading)}add/", facts)
    assert not QualityReading.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"reversed": "100.01"}, "More is reversed than the invoice is about."),
        ({"tax": "100.01"}, "The tax is more than the amount."),
        ({"amount": "0"}, "The amount has to be above zero."),
        ({"issued_on": "3026-01-01"}, "The year 3026 can't be right."),
    ],
)
def test_an_invoice(
    administrator: Client, people: People, typed: dict[str, str], words: str
) -> None:
    facts = {
        "contract": contract_in("CNY").pk,
        "number": "I-1",
        "kind": "paper",
        "issued_on": "2026-11-02",
        "amount": "100",
        **typed,
    }
    assert words in refused(administrator, f"{shelf(Invoice)}add/", facts)
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("model", [Contract, Service, Customer, Outage])
def test_who_only_reads_may_not_write(auditor: Client, model: type[Any]) -> None:
    assert auditor.get(f"{shelf(model)}add/").status_code == 403


def test_who_only_reads_changes_nothing(auditor: Client, people: People) -> None:
    service = service_in("CNY")
    assert send(auditor, place(service), {"name": "Mine"}).status_code == 403
    assert Service.objects.get().name == service.name


def test_nobody_deletes_a_record(administrator: Client, people: People) -> None:
    people.lead.is_superuser = True
    people.lead.save()
    for record in (people.customer, service_in("CNY")):
        delete = f"{shelf(record)}{record.pk}/delete/"
        assert administrator.get(delete).status_code == 403


METRICS_TRIED = (
    *METRICS,
    "latency_ms",
    "loss_rate",
    "p99_jitter",
    "uptime",
    "lossy",
    "latencyms",
    "speed_mbps",
)


@pytest.mark.parametrize("metric", METRICS_TRIED)
def test_the_metrics_that_are_kept_are_those_that_the_policy_reads(metric: str) -> None:
    assert set(METRICS) == LOWER_IS_WORSE | HIGHER_IS_WORSE
    assert _accepts(lambda: metric_name(metric)) == _accepts(
        lambda: Reading(metric, ON_THE_DAY, ON_THE_DAY, Fraction(1))
    )


def _accepts(check: Any) -> bool:
    try:
        check()
    except (ValidationError, ValueError):
        return False
    return True
