"""Who may open which address. An address that stands here twice or nowhere fails.

Roles by letter: First line, Evaluator, aPprover, Administrator, $ finance, policY
editor, aUditor, account Manager, Support agent, eXpert; R a superuser without a role.
"""

from accounts.models import Role

LETTERS = {
    Role.FIRST_LINE: "F",
    Role.EVALUATOR: "E",
    Role.APPROVER: "P",
    Role.ADMINISTRATOR: "A",
    Role.FINANCE: "$",
    Role.POLICY_EDITOR: "Y",
    Role.AUDITOR: "U",
    Role.ACCOUNT_MANAGER: "M",
    Role.SUPPORT_AGENT: "S",
    Role.EXPERT: "X",
}
EVERYBODY = "FEPA$YUMSXR"
CASES = "FEP$UMR"  # who reads cases; an account manager those of their customers
RECORDS = "FEPA$UMR"
MONEY = "$UR"
POLICY = "FEP$YUMR"

# To be read and used by everybody, signed in or not.
PUBLIC = {
    "policy",
    "policy_version",
    "calculator",
    "calculator_parts",
    "set_language",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_email_verification_sent",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_confirm_login_code",
    "mfa_authenticate",
}
# A key that only a mail holds opens it.
BY_SECRET = {"invitation"}
# Providers' machines; they sign.
MACHINES = {"notify"}
# Everybody's own page, about nobody else.
OWN = {
    "home",
    "services",
    "requests",
    "account_email",
    "account_change_password",
    "account_set_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "usersessions_list",
    "members",
}
# What belongs to a customer: nowhere for everybody else. Who of theirs may what stands
# in tests/refunds/pages/test_who_may_open.py.
THEIRS = {
    "service",
    "terms",
    "ask",
    "services_for",
    "draft",
    "autosave",
    "upload",
    "remove_file",
    "check_draft",
    "remove_draft",
    "evidence",
    "evidence_view",
    "request",
    "receipt",
    "message",
    "complain",
    "accept",
    "payout_account",
    "add",
    "answer",
    "members_of",
    "member",
    "remove_member",
    "invite_again",
    "withdraw_invitation",
    "end_session",
}
# The console's lists, by model: who opens them. Their stock forms are judged in
# tests/refunds/admin/test_no_raw_forms.py.
LISTS = {
    "accounts_contract": RECORDS,
    "accounts_customer": RECORDS,
    "accounts_invoice": RECORDS,
    "accounts_lead": "AUR",
    "accounts_outage": RECORDS,
    "accounts_payment": RECORDS,
    "accounts_qualityreading": RECORDS,
    "accounts_recordsimport": "A",
    "accounts_service": RECORDS,
    "accounts_user": "AUR",
    "refunds_assessment": CASES,
    "refunds_backtest": POLICY,
    "refunds_calendaroverride": RECORDS,
    "refunds_cannedreply": RECORDS,
    "refunds_deadline": CASES,
    "refunds_discrepancy": MONEY,
    "refunds_dispute": CASES,
    "refunds_event": CASES,
    "refunds_invoicereversal": CASES,
    "refunds_merchant": "A$UR",
    "refunds_notice": CASES,
    "refunds_paymentbalance": CASES,
    "refunds_payout": CASES,
    "refunds_payoutaccount": CASES,
    "refunds_payoutbatch": MONEY,
    "refunds_payoutcall": CASES,
    "refunds_payoutleg": CASES,
    "refunds_policy": POLICY,
    "refunds_policyversion": POLICY,
    "refunds_reasontag": RECORDS,
    "refunds_receivedfile": MONEY,
    "refunds_refundrequest": CASES,
    "refunds_threshold": RECORDS,
    "refunds_ticket": RECORDS + "SX",
}
STOCK = ("changelist", "add", "history", "delete", "change")
EXCHANGED = (
    "contract",
    "customer",
    "invoice",
    "outage",
    "payment",
    "qualityreading",
    "service",
)
# Kept by the administrator, and short: nobody takes them along.
NOT_EXPORTED = (
    "refunds_calendaroverride",
    "refunds_cannedreply",
    "refunds_merchant",
    "refunds_reasontag",
    "refunds_threshold",
    "refunds_ticket",
)
EXPORTS = {
    f"{each}_export_file": who
    for each, who in LISTS.items()
    if each.startswith("refunds_") and each not in NOT_EXPORTED
}
# The console's other pages, by who opens them with GET; doors that are pressed by who
# is not turned away at once. The verb behind a door has a word of its own.
PAGES = {
    **EXPORTS,
    "index": EVERYBODY,
    "login": EVERYBODY,
    "password_change": EVERYBODY,
    "password_change_done": EVERYBODY,
    "autocomplete": "",
    "jsi18n": EVERYBODY,
    "view_on_site": "",
    "app_list": RECORDS,
    "absence": EVERYBODY,
    "absence_hand_over": "",
    "finance": "$U",
    "payout_stops": "A$U",
    "refunds_backtest_cases": "",
    "refunds_dispute_record": "$",
    "refunds_policyversion_file": POLICY,
    "refunds_policyversion_public": POLICY,
    "refunds_policyversion_publish": "Y",
    "refunds_policyversion_discard": "Y",
    "refunds_policyversion_add_rule": "Y",
    "refunds_policyversion_rule": "Y",
    "refunds_policyversion_remove_rule": "Y",
    "refunds_receivedfile_bring": "$",
    "refunds_refundrequest_suggest": CASES,
    "refunds_ticket_services": "",
    "accounts_recordsimport_file": "A",
    **{f"accounts_{each}_import": "A" for each in EXCHANGED},
    **{f"accounts_{each}_export": RECORDS for each in EXCHANGED},
    **{f"accounts_{each}_export_file": RECORDS for each in EXCHANGED},
}
PRESSED = {
    "logout": EVERYBODY,
    "absence_end": "",
    "payout_stop_go_on": EVERYBODY,
    "accounts_recordsimport_confirm": "A",
    "refunds_backtest_begin": "Y",
    "refunds_discrepancy_take": MONEY,
    "refunds_discrepancy_end": MONEY,
    "refunds_discrepancy_take_back": MONEY,
    "refunds_dispute_end": CASES,
    "refunds_invoicereversal_plan": CASES,
    "refunds_invoicereversal_do": "",
    "refunds_merchant_self_check": "A$",
    "refunds_payoutaccount_act": CASES,
    "refunds_payoutbatch_make": "$",
    "refunds_payoutbatch_answer": "$",
    "refunds_payoutbatch_download": "$",
    "refunds_payoutleg_find_out": CASES,
    "refunds_payoutleg_decide": CASES,
    "refunds_payoutleg_retry": CASES,
    "refunds_policy_begin_draft": "Y",
    "refunds_policy_upload": "Y",
    "refunds_policyversion_reading": "Y",
    "refunds_policyversion_move_rule": "Y",
    "refunds_policyversion_switch_rule": "Y",
    "accounts_user_second_factor": "AR",
    "refunds_refundrequest_keys": EVERYBODY,
    "refunds_refundrequest_keep": CASES,
    "refunds_refundrequest_forget": "",
    "refunds_refundrequest_next": EVERYBODY,
    "refunds_refundrequest_do": CASES,
    "refunds_refundrequest_presence": CASES,
    "refunds_refundrequest_leave": CASES,
    "refunds_refundrequest_file": "EP$U",
    "refunds_refundrequest_add_evidence": CASES,
    "refunds_refundrequest_check_evidence": CASES,
    "refunds_refundrequest_check_measurement": CASES,
}
# Django's own: the old short address of a record, and what is no address. They have no
# names but their routes.
SHORT = "/<path:object_id>/"
NO_ADDRESS = "admin/<url>"


def opened_by() -> dict[str, str]:
    """Whom each page of the console opens to, but for the stock forms."""
    lists = {f"{each}_changelist": who for each, who in LISTS.items()}
    every = lists | PAGES | PRESSED
    return {f"admin:{name}": who for name, who in every.items()}


def staff_names() -> set[str]:
    stock = {f"{each}_{page}" for each in LISTS for page in STOCK}
    return stock | set(PAGES) | set(PRESSED)


def verdict(name: str) -> str:
    """public, secret, machine, own, theirs or staff; "" for what has none."""
    space, _colon, plain = name.partition(":")
    if space == "admin":
        known = plain in staff_names() or plain == NO_ADDRESS or plain.endswith(SHORT)
        return "staff" if known else ""
    for word, names in (
        ("public", PUBLIC),
        ("secret", BY_SECRET),
        ("machine", MACHINES),
        ("own", OWN),
        ("theirs", THEIRS),
    ):
        if name in names:
            return word
    return ""
