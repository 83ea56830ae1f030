"""How sums, moments, states and files read, in both languages."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils.translation import override

from refunds.states import ENDED, State
from refunds.templatetags import makegood
from refunds.templatetags._tones import LOOKS

# 17:30 on a Friday in Shanghai.
CLOSE_OF_BUSINESS = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
AFTER_MIDNIGHT_IN_SHANGHAI = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
MIB = 1024 * 1024


def page(source: str, **context: object) -> str:
    return Template("{% load makegood %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("amount", "currency", "english", "chinese"),
    [
        (300000, "CNY", "CNY\xa03,000.00", "¥3,000.00"),
        (-60000, "CNY", "CNY\xa0−600.00", "−¥600.00"),
        (5, "CNY", "CNY\xa00.05", "¥0.05"),
        (3000, "JPY", "JPY\xa03,000", "JPY\xa03,000"),
        (1234567, "KWD", "KWD\xa01,234.567", "KWD\xa01,234.567"),
        (None, "CNY", "", ""),
    ],
)
def test_money_reads_as_the_reader_writes_it(
    amount: int | None, currency: str, english: str, chinese: str
) -> None:
    with override("en"):
        assert makegood.money(amount, currency) == english
    with override("zh-hans"):
        assert makegood.money(amount, currency) == chinese
        assert makegood.money_code(amount, currency) == english


def test_a_table_names_the_currency_in_its_head() -> None:
    assert makegood.figures(-1248000, "CNY") == "−12,480.00"


@pytest.mark.parametrize(
    ("console", "words"), [(False, "−¥600.00"), (True, "CNY\xa0−600.00")]
)
def test_the_element_carries_the_plain_number(*, console: bool, words: str) -> None:
    with override("zh-hans"):
        html = page('{% money 60000 "CNY" minus=True %}', console=console)
    assert html == f'<data class="money" value="-600.00">{words}</data>'


@pytest.mark.parametrize(
    ("language", "source", "words"),
    [
        ("en", "{{ at|when }}", "Fri 27 Nov 2026, 17:30"),
        ("zh-hans", "{{ at|when }}", "2026年11月27日（周五）17:30"),
        ("en", "{{ at|day }}", "Fri 27 Nov 2026"),
        ("zh-hans", "{{ at|day }}", "2026年11月27日（周五）"),
        ("en", "{{ at|short_when }}", "2026-11-27 17:30"),
        ("zh-hans", "{{ at|short_when }}", "2026-11-27 17:30"),
    ],
)
def test_a_moment_reads_in_words_and_carries_itself(
    language: str, source: str, words: str
) -> None:
    with override(language):
        html = page(source, at=CLOSE_OF_BUSINESS)
    assert html.startswith('<time datetime="2026-11-27')
    assert html.endswith(f">{words}</time>")


def test_a_moment_past_midnight_is_the_next_day() -> None:
    with override("en"):
        assert makegood.when_plain(AFTER_MIDNIGHT_IN_SHANGHAI) == (
            "Sat 28 Nov 2026, 00:30"
        )
        assert makegood.day_plain(AFTER_MIDNIGHT_IN_SHANGHAI) == "Sat 28 Nov 2026"


def test_a_date_has_no_hour() -> None:
    html = page("{{ at|short_when }}", at=date(2026, 12, 18))
    assert html == '<time datetime="2026-12-18">2026-12-18</time>'


@pytest.mark.parametrize("name", ["when", "when_plain", "short_when", "day"])
def test_no_moment_is_no_text(name: str) -> None:
    assert page(f"{{{{ at|{name} }}}}", at=None) == ""


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0\xa0B"),
        (1023, "1023\xa0B"),
        (1024, "1\xa0KB"),
        (1258291, "1.2\xa0MB"),
        (999 * 1024 + 1, "1\xa0MB"),
        (5 * MIB, "5\xa0MB"),
        (5 * MIB + 1, "5.1\xa0MB"),
        (None, ""),
    ],
)
def test_a_file_over_the_limit_never_reads_as_the_limit(
    size: int | None, words: str
) -> None:
    assert makegood.filesize_short(size) == words


def test_a_digest_shows_its_first_eight_digits() -> None:
    assert makegood.short_hash("9f2c1a7b" * 8) == "9f2c1a7b…"
    assert makegood.short_hash("") == ""


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_tone_an_icon_and_a_word(state: State) -> None:
    html = page("{% state_tag state %}", state=state)
    assert LOOKS[state].tone in html
    assert "<svg" in html
    assert str(LOOKS[state].customer_label) in html
    assert ("tag-ended" in html) is (state in ENDED)


@pytest.mark.parametrize(
    ("console", "words"),
    [(False, "Waiting for your answer"), (True, "Waiting for the customer")],
)
def test_an_offer_waits_for_you_or_for_the_customer(
    *, console: bool, words: str
) -> None:
    with override("en"):
        html = page("{% state_tag state %}", state="offered", console=console)
    assert words in html


def test_only_a_blocked_payout_is_red() -> None:
    assert [state for state, look in LOOKS.items() if look.tone == "red"] == [
        "payout_blocked"
    ]


def test_an_icon_is_silent() -> None:
    assert 'aria-hidden="true"' in page('{% icon "tick" %}')
