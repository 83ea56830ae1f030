"""The stop switch and the circuit breaker: what is due waits visibly, and goes on."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from accounts.models import Role, Route
from refunds.errors import NotPermitted, RefundError
from refunds.models import LegState, Merchant, PayoutStop, RefundRequest
from refunds.payouts.release import release
from refunds.payouts.stop import (
    probe_stopped,
    resume,
    self_check,
    self_check_by,
    stop,
)
from refunds.states import State
from tests.conftest import NOW
from tests.people import Case, People, make_case, make_people
from tests.refunds.payouts.till import QUERY, REFUND, Till, leg_of, state_of
from tests.refunds.together import queued_while

BAD_CONFIGURATION = "sub_code:isv.invalid-signature"


def stopped(
    people: People, route: str = "", reason: str = "Keys change."
) -> PayoutStop:
    return stop(route=route, reason=reason, by=people.finance, at=NOW)


def second_case(case: Case, till: Till) -> RefundRequest:
    other = make_case(case.people, at=case.at)
    request = other.agreed()
    other.known_to(till.sandbox)
    release(request, by=case.people.finance, at=till.at)
    return other.request


@pytest.mark.parametrize("route", ["", Route.ALIPAY])
def test_what_is_due_waits_visibly_and_goes_on(
    released: RefundRequest, till: Till, people: People, route: str
) -> None:
    running = stopped(people, route)
    till.work_for(rounds=3, minutes=1)
    leg = leg_of(released)
    assert (leg.state, leg.code, leg.sendings) == (LegState.PREPARED, "stopped", 0)
    assert till.calls(REFUND) == 0
    resume(running, by=people.finance, at=till.at)
    till.work_for(rounds=3, seconds=15)
    assert state_of(released) is State.REFUNDED
    assert till.moved() == [(leg.key, leg.amount)]


def test_what_is_in_the_air_is_asked_about_while_payouts_are_stopped(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.work()
    assert leg_of(released).state == LegState.PROCESSING
    stopped(people)
    till.work_for(rounds=3, seconds=15)
    assert state_of(released) is State.REFUNDED
    assert till.calls(QUERY) > 0


def test_what_is_unknown_is_asked_about_but_not_sent_again(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails("timeout_before_commit")
    till.work()
    stopped(people)
    till.work_for(rounds=4, minutes=1)
    leg = leg_of(released)
    assert (leg.state, leg.code, leg.sendings) == (LegState.HELD, "stopped", 1)
    assert till.calls(QUERY) > 0


def test_a_stop_of_one_route_leaves_the_others(
    released: RefundRequest, till: Till, people: People
) -> None:
    stopped(people, Route.STRIPE)
    till.work_for(rounds=3, seconds=15)
    assert state_of(released) is State.REFUNDED


def test_going_on_with_one_route_leaves_the_stop_of_all(
    released: RefundRequest, till: Till, people: People
) -> None:
    stopped(people)
    resume(stopped(people, Route.ALIPAY), by=people.finance, at=till.at)
    till.work_for(rounds=2, minutes=2)
    assert till.calls(REFUND) == 0


def test_a_stop_needs_a_reason_and_is_there_once(people: People) -> None:
    with pytest.raises(RefundError, match="Say why") as refused:
        stopped(people, reason="  ")
    assert refused.value.field == "reason"
    running = stopped(people, Route.ALIPAY)
    with pytest.raises(RefundError, match="stopped already"):
        stopped(people, Route.ALIPAY)
    resume(running, by=people.finance, at=NOW)
    with pytest.raises(RefundError, match="went on already"):
        resume(running, by=people.finance, at=NOW)
    assert stopped(people, Route.ALIPAY).pk != running.pk


@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_of_two_stops_at_once_one_stands() -> None:
    people = make_people()
    got = queued_while(
        lambda: stopped(people, Route.ALIPAY, "The first."),
        lambda: stopped(people, Route.ALIPAY, "The second."),
    )
    assert [type(each) for each in got] == [RefundError]
    assert PayoutStop.objects.get().reason == "The first."


@pytest.mark.parametrize(
    "who",
    ["first_line", "evaluator", "approver", "auditor", "superuser", "owner", "lead"],
)
def test_only_finance_and_the_administrator_stop_and_check(
    people: People, till: Till, who: str
) -> None:
    running = stopped(people)
    person, merchant = getattr(people, who), Merchant.objects.first()
    assert merchant is not None
    for act in (
        lambda: stop(route=Route.ALIPAY, reason="No.", by=person, at=NOW),
        lambda: resume(running, by=person, at=NOW),
        lambda: self_check_by(merchant, by=person, at=NOW),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert PayoutStop.objects.filter(resumed_at=None).count() == 1
    merchant.refresh_from_db()
    assert merchant.checked_at is None


def test_a_refused_configuration_stops_all_of_the_merchant_until_the_self_check(
    released: RefundRequest, case: Case, till: Till
) -> None:
    till.fails(BAD_CONFIGURATION)
    till.work()
    merchant = Merchant.objects.get(route=Route.ALIPAY)
    assert (merchant.stopped_at, merchant.stopped_code) == (
        till.at,
        "isv.invalid-signature",
    )
    other = second_case(case, till)
    till.work_for(rounds=3, minutes=2)
    for request in (released, other):
        leg = leg_of(request)
        assert (leg.code, leg.sendings > 0) == ("merchant_stopped", request == released)
        assert leg.state in (LegState.HELD, LegState.PREPARED)
    assert till.calls(REFUND) == 1
    assert self_check_by(merchant, by=case.people.finance, at=till.at) is None
    till.work_for(rounds=4, seconds=15)
    assert {state_of(released), state_of(other)} == {State.REFUNDED}


def test_a_self_check_that_fails_leaves_it_stopped_and_says_why(
    released: RefundRequest, till: Till, people: People
) -> None:
    till.fails(BAD_CONFIGURATION)
    till.work()
    till.fails(BAD_CONFIGURATION, method=QUERY)
    merchant = Merchant.objects.get(route=Route.ALIPAY)
    found = self_check_by(merchant, by=people.finance, at=till.at)
    assert found is not None
    assert "isv.invalid-signature" in found
    merchant.refresh_from_db()
    assert merchant.stopped_at is not None
    assert (merchant.check_words, merchant.checked_at) == (found, till.at)


def test_what_was_mended_elsewhere_goes_on_by_itself_within_minutes(
    released: RefundRequest, till: Till
) -> None:
    till.fails(BAD_CONFIGURATION)
    till.work()
    assert probe_stopped(at=till.at) == 0
    till.later(minutes=5)
    till.fails("http_500_before", method=QUERY)
    assert probe_stopped(at=till.at) == 0
    till.later(minutes=1)
    assert probe_stopped(at=till.at) == 0, "not more often than every five minutes"
    till.later(minutes=4)
    assert probe_stopped(at=till.at) == 1
    till.work_for(rounds=3, seconds=15)
    assert state_of(released) is State.REFUNDED


def test_keys_that_can_t_be_read_are_found_without_telling_them(
    till: Till, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    merchant = Merchant.objects.get(route=Route.STRIPE)
    merchant.set_secrets(
        {"secret_key": "sk_test_geheim\u00e9\n", "webhook_secret": "x"}
    )
    merchant.save()
    self_check(merchant, at=till.at)
    merchant.refresh_from_db()
    assert "geheim" not in merchant.check_words + caplog.text
    assert merchant.checked_at == till.at


def test_an_administrator_stops_too(people: People) -> None:
    people.lead.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    running = stop(route="", reason="Fire drill.", by=people.lead, at=NOW)
    resume(running, by=people.finance, at=NOW + timedelta(minutes=1))
    running.refresh_from_db()
    assert running.resumed_by == people.finance
