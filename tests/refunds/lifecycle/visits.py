"""Going to a door with a move: the customer's page, the decision sheet, the list, the
command."""

from io import StringIO

from django.core.management import call_command
from django.test import Client

from accounts.models import User
from refunds.models import RefundRequest
from tests.refunds.lifecycle.reached import WORDS
from tests.refunds.pages.visits import visitor


def visit(user: User) -> Client:
    client = visitor(user)
    client.raise_request_exception = True
    return client


def on_the_page(client: Client, found: RefundRequest, move: str) -> object:
    if move == "submit":
        return client.post(f"/drafts/{found.pk}/check/")
    if move == "accept":
        offer = found.latest_offer()
        sent = {"seen": offer.pk if offer else 0}
        return client.post(f"/requests/{found.number}/accept/", sent)
    return client.post(f"/requests/{found.number}/{move}/", {"words": WORDS})


def on_the_sheet(client: Client, found: RefundRequest, door: str) -> object:
    sent = {
        "words": WORDS,
        "reason": WORDS,
        "code": "not_proven",
        "amount": str((found.amount_asked or 0) // 100),
        "to": "taker@example.test",
    }
    return client.post(f"/admin/refunds/refundrequest/{found.pk}/do/{door}/", sent)


def on_many(client: Client, found: RefundRequest, action: str) -> object:
    sent = {
        "action": action,
        "_selected_action": [found.pk],
        "apply": "yes",
        "to": "taker@example.test",
    }
    return client.post("/admin/refunds/refundrequest/", sent)


FIELDS = {
    "pass_on": {"reason": WORDS},
    "reject": {"code": "not_proven", "words": WORDS},
    "send_back": {"reason": WORDS},
    "hand_over": {"to": "taker@example.test"},
    **{
        move: {"words": WORDS}
        for move in (
            "supply_information",
            "propose_otherwise",
            "appeal",
            "bring_new_evidence",
            "ask_for_information",
            "uphold_appeal",
            "reject_finally",
            "let_offer_stand",
            "fulfil",
        )
    },
}


def by_command(found: RefundRequest, move: str, user: User) -> None:
    fields = FIELDS.get(move, {})
    if move in ("offer", "propose"):
        move, fields = "offer", {"amount": str((found.amount_asked or 0) // 100)}
    written = [f"{key}={value}" for key, value in fields.items()]
    call_command("move", found.number, move, *written, by=user.email, stdout=StringIO())
