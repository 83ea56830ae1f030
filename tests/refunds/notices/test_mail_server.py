"""A mail server that fails in every way: nothing is lost, nobody waits for another."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from accounts.models import User
from refunds.models import Notice
from refunds.notices.outbox import new_notice, send_due, write_notices
from tests.factories import UserFactory
from tests.people import Case
from tests.refunds.notices.mail_server import MailServer, listening

SMTP = "django.core.mail.backends.smtp.EmailBackend"
ANN, BOB, EVE = "ann@example.test", "bob@example.test", "eve@example.test"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with listening(MailServer()) as house:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = house.port, 0.3
        yield house


@pytest.fixture
def three(case: Case) -> Case:
    """Ann, Bob and Eve are to hear of a request."""
    request = case.submitted()
    Notice.objects.update(next_try_at=None)
    for email in (ANN, BOB, EVE):
        person = UserFactory.create(email=email)
        write_notices(
            [
                new_notice(
                    key=f"test:{email}",
                    kind="customer_submitted",
                    request=request,
                    recipient=person,
                    at=case.at,
                    data={},
                )
            ]
        )
    return case


def notice_to(email: str) -> Notice:
    return Notice.objects.get(recipient__email=email)


def waits(email: str, *, since: datetime) -> timedelta:
    when = notice_to(email).next_try_at
    assert when is not None
    return when - since


@pytest.mark.parametrize(
    "fault",
    ["550 no such user", "451 try again later", "421 too much", "drops", "hangs"],
)
def test_what_fails_for_one_reaches_the_others_and_arrives_when_it_is_over(
    three: Case, server: MailServer, fault: str
) -> None:
    server.does = {ANN: fault}
    assert send_due(at=three.at) == 2
    assert server.reached == [BOB, EVE]
    assert notice_to(ANN).fault
    assert waits(ANN, since=three.at) == MINUTE
    assert send_due(at=three.at) == 0, "not before the pause is over"
    server.does = {}
    assert send_due(at=three.at + MINUTE) == 1
    assert server.reached == [ANN, BOB, EVE]
    assert notice_to(ANN).fault == ""


def test_a_refused_address_is_tried_at_longer_and_longer_pauses(
    three: Case, server: MailServer
) -> None:
    server.does = {ANN: "550 no such user"}
    at, pauses = three.at, []
    for _try in range(12):
        send_due(at=at)
        pauses.append(waits(ANN, since=at))
        at += pauses[-1]
    assert pauses[:4] == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
    assert pauses[-3:] == [timedelta(hours=6)] * 3
    assert notice_to(ANN).tries == 12
    assert server.reached == [BOB, EVE]


def test_a_mail_whose_receipt_got_lost_is_repeated_under_the_same_id(
    three: Case, server: MailServer
) -> None:
    server.does = {ANN: "drops after"}
    send_due(at=three.at)
    server.does = {}
    send_due(at=three.at + MINUTE)
    first, second = server.ids(ANN)
    assert first == second == f"<notice-{notice_to(ANN).pk}@127.0.0.1>"
    assert server.ids(BOB) != server.ids(EVE)


def test_a_server_that_is_down_keeps_all_waiting_and_all_arrive_when_it_is_back(
    three: Case, settings: Settings
) -> None:
    house = MailServer()
    with listening(house):
        pass
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
    settings.EMAIL_PORT = house.port
    for minute in range(3):
        assert send_due(at=three.at + minute * MINUTE) == 0
        assert {waits(email, since=three.at) for email in (ANN, BOB, EVE)} == {
            (minute + 1) * MINUTE
        }
    assert notice_to(ANN).fault
    assert notice_to(ANN).tries == 0, "it was not the mail's fault"
    with listening(house):
        assert send_due(at=three.at + 3 * MINUTE) == 3
    assert house.reached == [ANN, BOB, EVE]


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(
            "ann@example.test\nBcc: all@example.test", id="a header of its own"
        ),
        pytest.param("ann@exa\rmple.test", id="a line break"),
        pytest.param("", id="none"),
        pytest.param("@", id="no address"),
        pytest.param("ann@" + "x" * 70 + ".test", id="a name too long"),
    ],
)
def test_an_address_that_is_none_harms_nobody_else(
    three: Case, server: MailServer, address: str
) -> None:
    User.objects.filter(email=ANN).update(email=address)
    server.does = {"@": "553 no such name", address: "553 no such name"}
    assert send_due(at=three.at) == 2
    assert server.reached == [BOB, EVE]
    notice = notice_to(address)
    assert notice.fault
    assert notice.next_try_at == three.at + MINUTE


def test_a_notice_without_words_harms_nobody_else(
    three: Case, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    Notice.objects.filter(recipient__email=ANN).update(kind="customer_nonsense")
    assert send_due(at=three.at) == 2
    assert "can't be sent" in caplog.text
    assert waits(ANN, since=three.at) == MINUTE
