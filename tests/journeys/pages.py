"""Every address of the project: who opens it, or why it is no page. The first line that
fits counts; an address that only the last one fits is opened all the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from django.urls import URLPattern, get_resolver, reverse

VISITOR = ""
_ONLY_POSTED = """
    ask autosave upload remove_file remove_draft message complain notify set_language
    remove_member invite_again withdraw_invitation end_session
    admin:absence_end admin:accounts_recordsimport_confirm admin:logout
    admin:payout_stop_go_on admin:refunds_backtest_begin admin:refunds_discrepancy_end
    admin:refunds_discrepancy_take* admin:refunds_dispute_end
    admin:refunds_invoicereversal_do admin:refunds_invoicereversal_plan
    admin:refunds_merchant_self_check admin:refunds_payoutaccount_act
    admin:refunds_payoutbatch_answer admin:refunds_payoutbatch_make
    admin:refunds_payoutleg_decide admin:refunds_payoutleg_find_out
    admin:refunds_payoutleg_retry admin:refunds_policy_begin_draft
    admin:refunds_policy_upload admin:refunds_policyversion_move_rule
    admin:refunds_policyversion_reading admin:refunds_policyversion_switch_rule
    admin:refunds_refundrequest_add_evidence admin:refunds_refundrequest_check_*
    admin:refunds_refundrequest_do admin:refunds_refundrequest_leave
    admin:refunds_refundrequest_keys admin:refunds_refundrequest_keep
    admin:refunds_refundrequest_forget
    admin:refunds_refundrequest_next admin:refunds_refundrequest_presence
"""
_FILES = """
    evidence evidence_view mfa_download_recovery_codes admin:accounts_*_export_file
    admin:accounts_recordsimport_file admin:refunds_policyversion_file
    admin:refunds_refundrequest_file admin:refunds_payoutbatch_download
"""
_MADE_BY_VERBS = """
    accounts_recordsimport refunds_assessment refunds_backtest refunds_deadline
    refunds_discrepancy refunds_dispute refunds_event refunds_invoicereversal
    refunds_notice refunds_paymentbalance refunds_payout refunds_payoutaccount
    refunds_payoutbatch refunds_payoutcall refunds_payoutleg refunds_policy
    refunds_policyversion refunds_receivedfile refunds_refundrequest
"""
NO_PAGE = {
    **dict.fromkeys(_ONLY_POSTED.split(), "takes what is sent to it"),
    **dict.fromkeys(_FILES.split(), "a file"),
    **{f"admin:{t}_add": "only verbs make one" for t in _MADE_BY_VERBS.split()},
    "admin:*_delete": "records end; what may be deleted asks as Django asks",
    # One of these stands for all: they differ in their rows alone.
    "admin:refunds_ticket_history": "",
    "admin:*_history": "looks like that of tickets",
    "admin:jsi18n": "a script",
    "admin:autocomplete": "rows for a field",
    "calculator_parts": "a part of the calculator",
    "home": "leads on",
    "members": "leads on to the members of the customer",
    "invitation": "its secret is in the mail: the members' journey opens it",
    "admin:login": "leads to the one sign-in",
    "admin:view_on_site": "leads on",
    "admin:password_change*": "leads on to the one page for it",
    "admin:app_list": "the home page's groups are the menu",
    "account_set_password": "for who came by another site; nobody does",
    "account_confirm_login_code": "after a code by mail; we send none",
    "mfa_authenticate": "between password and second factor: the sign-in's journey",
}
OPENED_BY = {
    "policy*": VISITOR,
    "calculator": VISITOR,
    "account_login": VISITOR,
    "account_signup": VISITOR,
    "account_reset_password*": VISITOR,
    "account_confirm_email": VISITOR,
    "account_email_verification_sent": VISITOR,
    "account_inactive": VISITOR,
    "mfa_activate_totp": "lina",
    "mfa_*": "zhaomin",
    "services_for": "zhoujie",
    "admin:refunds_policyversion_*": "policy",
    "admin:refunds_refundrequest_change": "wanglei",
    "admin:refunds_refundrequest_changelist": "wanglei",
    "admin:index": "wanglei",
    "admin:absence*": "lead",
    "admin:finance": "sunli",
    "admin:refunds_payout*": "sunli",
    "admin:refunds_*": "admin",
    "admin:*": "admin",
    "*": "lina",
}


@dataclass(frozen=True)
class Page:
    name: str
    address: str
    person: str


def names() -> dict[str, tuple[str, ...]]:
    """Each named address, with what stands in it."""
    return dict(_named(get_resolver()))


def _named(resolver: Any, space: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in resolver.url_patterns:
        if not isinstance(pattern, URLPattern):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _named(pattern, inner)
        elif pattern.name:
            holes = pattern.pattern.converters or pattern.pattern.regex.groupindex
            yield f"{space}{pattern.name}", tuple(holes)


def why_no_page(name: str) -> str:
    return next((why for like, why in NO_PAGE.items() if fnmatch(name, like)), "")


def opened_by(name: str) -> str:
    return next(person for like, person in OPENED_BY.items() if fnmatch(name, like))


def pages(told: dict[str, Any], *, words_alone: bool = False) -> list[Page]:
    """Each page once; those that change with the case, once for each room of its
    life. `words_alone`: those whose words are ours, not Django's."""
    return [
        Page(name, reverse(name, kwargs=kwargs), opened_by(name))
        for name, holes in names().items()
        if not why_no_page(name)
        if not words_alone or not name.startswith("admin:") or name in WORDY
        for kwargs in _filled(name, holes, told)
    ]


def _filled(
    name: str, holes: tuple[str, ...], told: dict[str, Any]
) -> list[dict[str, Any]]:
    if not holes:
        return [{}]
    numbers, keys, known = told["numbers"], told["keys"], told["known"]
    if name == "request":
        return [{"number": number} for number in numbers.values()]
    if name == "answer":
        return [{"number": numbers[of], "move": move} for of, move in MOVES]
    if name == "admin:refunds_refundrequest_change":
        return [{"object_id": key} for key in known["sheets"]]
    if name in known:
        return [known[name]]
    if holes == ("number",):
        return [{"number": numbers[ABOUT.get(name, "offered")]}]
    table = next(t for t in sorted(keys, reverse=True) if _is_of(name, t))
    return [dict.fromkeys(holes, keys[table])]


def _is_of(name: str, table: str) -> bool:
    """Django's own page for a new password says auth, whatever the user model is."""
    name = name.replace("auth_user_", "accounts_user_")
    return name.removeprefix("admin:").startswith(f"{table}_")


WORDY = {
    "admin:index",
    "admin:finance",
    "admin:refunds_refundrequest_changelist",
    "admin:refunds_refundrequest_change",
}
# Which of the scenes' requests a page is about.
ABOUT = {"payout_account": "blocked"}
MOVES = (
    ("offered", "appeal"),
    ("offered", "propose_otherwise"),
    ("offered", "withdraw"),
    ("asked", "supply_information"),
)
