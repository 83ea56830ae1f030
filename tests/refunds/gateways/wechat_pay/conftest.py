"""An adapter, and the platform that it talks to."""

from collections.abc import Iterator

import pytest

from refunds.gateways.wechat_pay import WeChatPay
from tests.refunds.gateways.wechat_pay.platform import Said, access_to, platform


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[WeChatPay, Said]]:
    with platform() as (url, said):
        yield WeChatPay(access_to(url)), said


@pytest.fixture
def said(running: tuple[WeChatPay, Said]) -> Said:
    running[1].asked.clear()
    return running[1]


@pytest.fixture
def wechat(running: tuple[WeChatPay, Said]) -> WeChatPay:
    return running[0]
