"""F20: what is forged, old, early or for somebody else moves nothing and keeps
nothing; it is logged by its code, never by its content."""

from datetime import timedelta

import pytest

from refunds.gateways.sandbox.alipay import notices
from refunds.gateways.sandbox.keys import new_key
from refunds.models import Merchant, Notification, RefundRequest
from tests.refunds.payouts.notifications.telling import Alipay, fields, tampered
from tests.refunds.payouts.till import Till, leg_of


def assert_refused(
    alipay: Alipay, body: bytes, code: str, *, after: timedelta = timedelta(0)
) -> None:
    answer = alipay.tells(body, at=alipay.till.at + after)
    status = 401 if code in ("bad_signature", "unknown_key") else 400
    assert (answer.status_code, answer.content.decode()) == (status, code)
    assert answer["Content-Type"].startswith("text/plain")
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"out_biz_no": "RF2026000002L1A1"},
        {"send_back_fee": "0.01"},
        {"notify_id": "another"},
        {"sign": ""},
        {"sign": "AAAA"},
        {"sign": "not base64!"},
        {"sign_type": "RSA"},
        {"sign_type": ""},
        {"one_more": "field"},
        {"one_more": ""},
    ],
)
def test_a_letter_changed_is_a_bad_signature(
    changes: dict[str, str],
    sent: RefundRequest,
    alipay: Alipay,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = leg_of(sent).next_at
    (body,) = alipay.bodies()
    assert_refused(alipay, tampered(body, **changes), "bad_signature")
    assert leg_of(sent).next_at == before
    said = [r.getMessage() for r in caplog.records if r.name == "refunds.pages.notify"]
    assert said == ["notification to alipay 2021000000000001 refused: bad_signature"]


def test_a_key_of_somebody_else_is_not_alipays(
    sent: RefundRequest, alipay: Alipay
) -> None:
    (body,) = alipay.bodies()
    assert_refused(alipay, notices.signed(fields(body), new_key()), "bad_signature")


@pytest.mark.parametrize(
    ("hours", "code"), [(26.01, "stale"), (24 * 30, "stale"), (-0.1, "future")]
)
def test_what_was_signed_long_ago_or_not_yet_is_refused(
    hours: float, code: str, sent: RefundRequest, alipay: Alipay
) -> None:
    (body,) = alipay.bodies()
    assert_refused(alipay, body, code, after=timedelta(hours=hours))


@pytest.mark.parametrize("hours", [25.9, 0, -0.08])
def test_their_last_try_after_25_hours_and_a_clock_that_is_off_are_heard(
    hours: float, sent: RefundRequest, alipay: Alipay, till: Till
) -> None:
    (body,) = alipay.bodies()
    answer = alipay.tells(body, at=till.at + timedelta(hours=hours))
    assert (answer.status_code, answer.content) == (200, b"success")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"app_id": "2021000000000002"}, "wrong_merchant"),
        ({"app_id": ""}, "wrong_merchant"),
        ({"notify_time": "yesterday"}, "unreadable"),
        ({"notify_time": "2026-11-16T10:00:00"}, "unreadable"),
        ({"notify_id": ""}, "unreadable"),
    ],
)
def test_what_alipay_signed_for_somebody_else_or_without_sense_is_refused(
    changes: dict[str, str], code: str, sent: RefundRequest, alipay: Alipay
) -> None:
    (body,) = alipay.bodies()
    assert_refused(alipay, alipay.changed(body, **changes), code)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"\xff\xfe",
        b"sign=a&sign=b",
        b"out_biz_no=%00&sign=AAAA",
        b"out_biz_no=%ff",
        b"&".join(b"a%d=1" % n for n in range(200)),
    ],
)
def test_what_is_no_form_is_unreadable(
    body: bytes, merchants: None, alipay: Alipay
) -> None:
    assert_refused(alipay, body, "unreadable")


def test_too_much_is_not_read(merchants: None, alipay: Alipay) -> None:
    assert alipay.tells(b"a=" + b"x" * 300_000).status_code == 413
    assert alipay.tells(b"a=" + b"x" * 3_000_000).status_code in (400, 413)


@pytest.mark.parametrize(
    "path",
    [
        "/notify/alipay/2021000000000002/",
        "/notify/wechat_pay/2021000000000001/",
        "/notify/alipay/a%00b/",
    ],
)
def test_an_unknown_merchant_is_not_found(
    path: str, sent: RefundRequest, alipay: Alipay
) -> None:
    (body,) = alipay.bodies()
    assert alipay.tells(body, path=path).status_code == 404
    assert not Notification.objects.exists()


def test_a_merchant_out_of_use_or_without_its_key_hears_nothing(
    sent: RefundRequest, alipay: Alipay
) -> None:
    (body,) = alipay.bodies()
    merchant = Merchant.objects.get(route="alipay")
    Merchant.objects.filter(pk=merchant.pk).update(enabled=False)
    assert_refused(alipay, body, "wrong_merchant")
    merchant.set_secrets({})
    merchant.save()
    assert_refused(alipay, body, "unknown_key")


@pytest.mark.parametrize("verb", ["get", "put", "delete", "head"])
def test_only_post_is_answered(verb: str, alipay: Alipay) -> None:
    path = "/notify/alipay/2021000000000001/"
    assert getattr(alipay.client, verb)(path).status_code == 405


def test_a_payment_is_none_of_our_business_and_taken(
    sent: RefundRequest, alipay: Alipay
) -> None:
    (body,) = alipay.bodies()
    paid = alipay.changed(body, out_biz_no="", gmt_refund="", refund_fee="")
    assert alipay.tells(paid).content == b"success"
    assert not Notification.objects.exists()
    assert fields(paid)["trade_status"] == "TRADE_SUCCESS"
